"""API keys: made, rotated and revoked by people, for their programs."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.call import Call
from adapters.http.fields import Cursor, Identifier, KeyName, Limit, Secret
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, PageView, View, moment
from application.limits import LEAKED_KEY
from application.queries.api_keys import KeyStanding, ListedKey
from application.use_cases.api_keys import KeyPlan, NewKey
from domain.api_key import DAYS_DEFAULT, DAYS_MAX, OVERLAP_HOURS_DEFAULT, OVERLAP_HOURS_MAX, Scope

Days = Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)]
OverlapHours = Annotated[int, msgspec.Meta(ge=0, le=OVERLAP_HOURS_MAX)]
Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(Scope))]

_EXAMPLE_SECRET = (
    "rlx_01arz3ndektsv4rrffq69g5fav01arz3ndektsv4rrffq69g5fb0"  # noqa: S105 - an example that opens nothing
    "5w9m2xk7c4qj8r1t6v3bzh0dfg5n7p2a4s6e8y1w3m9k0j5x7c2q0000000"
)


class KeyBody(Body, frozen=True):
    """With an `event_id` it opens what is under that event, and nothing else."""

    EXAMPLE: ClassVar = {"name": "Scanners at the north gate", "scopes": ["door"], "days": 30}

    name: KeyName
    scopes: Scopes
    days: Days = DAYS_DEFAULT
    event_id: Identifier | None = None


class RotationBody(Body, frozen=True):
    """How long the secret from before goes on, and how long the new one is valid."""

    EXAMPLE: ClassVar = {"overlap_hours": 24, "days": 90}

    overlap_hours: OverlapHours = OVERLAP_HOURS_DEFAULT
    days: Days = DAYS_DEFAULT


class LeakedBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"key": _EXAMPLE_SECRET}

    key: Secret


class KeyView(View, frozen=True):
    """`standing` is active, expired, revoked, or ended by a change of its owner's security. `last_used_at` is exact to
    ten minutes.
    """

    EXAMPLE: ClassVar = {
        "id": "key_01arz3ndektsv4rrffq69g5fav",
        "owner_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "name": "Scanners at the north gate",
        "scopes": ["door"],
        "event_id": None,
        "standing": "active",
        "created_at": "2026-11-22T12:00:00Z",
        "expires_at": "2027-02-20T12:00:00Z",
        "last_used_at": None,
        "previous_until": None,
        "revoked_at": None,
        "revoked": None,
    }

    id: str
    owner_id: str
    name: str
    scopes: list[str]
    event_id: str | None
    standing: str
    created_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None
    revoked: str | None

    @classmethod
    def of(cls, listed: ListedKey) -> Self:
        key = listed.key
        return cls(
            id=key.id,
            owner_id=key.account_id,
            name=key.name,
            scopes=list(key.scopes),
            event_id=key.event_id,
            standing=listed.standing,
            created_at=moment(key.created_at),
            expires_at=moment(key.expires_at),
            last_used_at=moment(key.used_at),
            previous_until=moment(key.previous_until),
            revoked_at=moment(key.revoked_at),
            revoked=key.revoked,
        )


class NewKeyView(View, frozen=True):
    """`secret` is told this once: send it as `Authorization: Bearer rlx_…`."""

    EXAMPLE: ClassVar = {"secret": _EXAMPLE_SECRET, "key": KeyView.EXAMPLE}

    secret: str
    key: KeyView

    @classmethod
    def of(cls, new: NewKey) -> Self:
        return cls(new.secret, KeyView.of(ListedKey(new.key, KeyStanding.ACTIVE)))


class ApiKeyController(Controller):
    path = "/api-keys"
    tags = ("API keys",)

    @post(
        "/",
        status_code=201,
        **route(
            Policy.SIGNED_IN, "Make an API key", "invalid_value", "not_found", "too_many_api_keys", needs_fresh=True
        ),
    )
    async def create(self, request: Call, data: JSONBody[KeyBody]) -> NewKeyView:
        """It may do what you may, at the routes that name one of its scopes, until you change your security."""
        plan = KeyPlan(data.name, tuple(data.scopes), data.days, data.event_id)
        return NewKeyView.of(await request.deeds.create_api_key(request.actor, plan))

    @get("/", **route(Policy.SIGNED_IN, "Your API keys", "invalid_cursor"))
    async def own(self, request: Call, cursor: Cursor = None, limit: Limit = 20) -> PageView[KeyView]:
        """Newest first, without their secrets."""
        return PageView.of(await request.deeds.api_keys.own(request.actor, cursor, limit), KeyView.of)

    @get("/{key_id:str}", **route(Policy.SIGNED_IN, "Show an API key", "not_found"))
    async def show(self, request: Call, key_id: FromPath[str]) -> KeyView:
        """For its owner and administrators."""
        return KeyView.of(await request.deeds.api_keys.show(request.actor, key_id))

    @post(
        "/{key_id:str}/rotation",
        status_code=200,
        **route(
            Policy.SIGNED_IN,
            "Rotate an API key",
            *("not_found", "api_key_ended", "api_key_rotating", "stale_version"),
            needs_fresh=True,
        ),
    )
    async def rotate(self, request: Call, key_id: FromPath[str], data: JSONBody[RotationBody]) -> NewKeyView:
        """A new secret; the one from before goes on for the overlap."""
        rotated = await request.deeds.rotate_api_key(
            request.actor, key_id, overlap_hours=data.overlap_hours, days=data.days
        )
        return NewKeyView.of(rotated)

    @delete("/{key_id:str}", status_code=204, **route(Policy.SIGNED_IN, "Revoke an API key", "not_found"))
    async def revoke(self, request: Call, key_id: FromPath[str]) -> None:
        """At once and for good. Administrators may revoke anybody's."""
        await request.deeds.revoke_api_key(request.actor, key_id)

    @post("/leaked", status_code=202, **route(Policy.ANYONE, "Report a key that was found", limit=LEAKED_KEY))
    async def leaked(self, request: Call, data: JSONBody[LeakedBody]) -> DoneView:
        """For scanners: whoever shows a key's secret ends it. The answer is the same whatever was sent."""
        await request.deeds.report_leaked_key(data.key)
        return DoneView("if this is a key of ours, it opens nothing any more")
