"""What follows from what happened, and could not be done."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter

from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView, View, moment
from application.records import DeliveryState, OutboxEntry

State = Annotated[DeliveryState, QueryParameter(name="state", description="`dead`: given up; `pending`: still tried")]
"""Under another name in handlers, where Litestar keeps `state` for its own."""


class OutboxEntryView(View, frozen=True):
    """`fact` says what happened; `done` names the reactions that have taken place."""

    EXAMPLE: ClassVar = {
        "id": "out_01arz3ndektsv4rrffq69g5fav",
        "fact": "RefundReserved",
        "state": "dead",
        "created_at": "2026-11-22T12:00:00Z",
        "due_at": "2026-11-23T03:00:00Z",
        "attempts": 20,
        "done": [],
        "last_error": "send_refund: GatewayUnavailable: no answer",
    }

    id: str
    fact: str
    state: str
    created_at: datetime | None
    due_at: datetime | None
    attempts: int
    done: list[str]
    last_error: str

    @classmethod
    def of(cls, entry: OutboxEntry) -> Self:
        return cls(
            id=entry.id,
            fact=type(entry.fact).__name__,
            state=entry.state,
            created_at=moment(entry.created_at),
            due_at=moment(entry.due_at),
            attempts=entry.attempts,
            done=list(entry.done),
            last_error=entry.last_error,
        )


class OutboxController(Controller):
    path = "/outbox"
    tags = ("Administration",)

    @get("/", **route(Policy.SUPERADMIN, "List facts that were given up or are still tried", "invalid_cursor"))
    async def list_all(
        self, request: Call, wanted: State = DeliveryState.DEAD, cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[OutboxEntryView]:
        """By when they are due."""
        page = await request.deeds.outbox.list(request.actor, wanted, cursor, limit)
        return PageView.of(page, OutboxEntryView.of)

    @post(
        "/{entry_id:str}/replay",
        status_code=200,
        **route(Policy.SUPERADMIN, "Try a fact again that was given up", "not_found", "stale_version"),
    )
    async def replay(self, request: Call, entry_id: FromPath[str]) -> OutboxEntryView:
        """From its first attempt on, and at once. A fact that is still tried is left as it is."""
        return OutboxEntryView.of(await request.deeds.replay_facts.one(request.actor, entry_id))
