"""The ticket keys."""

from datetime import datetime
from typing import ClassVar, Self

from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView, View, moment
from application.ports.ticket_codes import KeyInfo, KeyPurpose


class KeyView(View, frozen=True):
    """`public` is what a door device needs to verify codes: the Ed25519 key in base64url."""

    EXAMPLE: ClassVar = {
        "purpose": "sign",
        "id": 2,
        "state": "active",
        "created_at": "2026-11-22T12:00:00Z",
        "in_state_since": "2026-11-22T12:00:00Z",
        "public": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }

    purpose: str
    id: int
    state: str
    created_at: datetime | None
    in_state_since: datetime | None
    public: str | None

    @classmethod
    def of(cls, key: KeyInfo) -> Self:
        return cls(key.purpose, key.id, key.state, moment(key.created_at), moment(key.in_state_since), key.public)


class KeyController(Controller):
    path = "/keys"
    tags = ("Administration",)

    @get("/", **route(Policy.SUPERADMIN, "List the ticket keys"))
    async def list_all(self, request: Call) -> PageView[KeyView]:
        """Every key ever made, without its secret."""
        return PageView([KeyView.of(key) for key in request.deeds.rotate_keys.list(request.actor)], None)

    @post(
        "/{purpose:str}/rotate",
        status_code=200,
        **route(Policy.SUPERADMIN, "Make new tickets with a new key", "key_ids_used_up"),
    )
    async def rotate(self, request: Call, purpose: FromPath[KeyPurpose]) -> KeyView:
        """Codes made so far stay good."""
        return KeyView.of(await request.deeds.rotate_keys.rotate(request.actor, purpose))
