"""The inbox: what payment gateways told us, and what became of it."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter

from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView, View, moment
from application.queries.notices import NoticeFilter, NoticeInFull
from application.records import NoticeReceipt, NoticeState

State = Annotated[
    NoticeState | None,
    QueryParameter(name="state", description="`pending`: not applied yet; `quarantined`: a person must look"),
]
"""Under another name in handlers, where Litestar keeps `state` for its own."""
GatewayName = Annotated[str, QueryParameter(max_length=40, pattern="^[!-~]*$", description="Of one gateway alone")]
Since = Annotated[datetime | None, QueryParameter(description="Received then or later, with an offset")]
Until = Annotated[datetime | None, QueryParameter(description="Received before then, with an offset")]

_EXAMPLE: dict[str, Any] = {
    "id": "ntc_01arz3ndektsv4rrffq69g5fav",
    "gateway": "stripe",
    "account": "acct_1",
    "event_id": "evt_1",
    "kind": "checkout.session.completed",
    "state": "quarantined",
    "outcome": "quarantined: about a payment that we do not know",
    "payment_id": None,
    "refund_id": None,
    "payment_reference": "pi_1",
    "received_at": "2026-11-22T12:00:00Z",
    "applied_at": "2026-11-22T12:00:01Z",
}


class NoticeView(View, frozen=True):
    """`event_id` is the gateway's own name for the message; `outcome` says what was made of it."""

    EXAMPLE: ClassVar = _EXAMPLE

    id: str
    gateway: str
    account: str
    event_id: str
    kind: str
    state: str
    outcome: str
    payment_id: str | None
    refund_id: str | None
    payment_reference: str
    received_at: datetime | None
    applied_at: datetime | None

    @classmethod
    def of(cls, receipt: NoticeReceipt) -> Self:
        return cls(
            id=receipt.id,
            gateway=receipt.gateway,
            account=receipt.account,
            event_id=receipt.event_id,
            kind=receipt.kind,
            state=receipt.state,
            outcome=receipt.outcome,
            payment_id=receipt.payment_id,
            refund_id=receipt.refund_id,
            payment_reference=receipt.payment_reference,
            received_at=moment(receipt.received_at),
            applied_at=moment(receipt.applied_at),
        )


class NoticeInFullView(View, frozen=True):
    """`body` is what the gateway said, with its secrets hidden."""

    EXAMPLE: ClassVar = {"notice": _EXAMPLE, "body": {"id": "evt_1", "client_secret": "(hidden)"}}

    notice: NoticeView
    body: Any

    @classmethod
    def of(cls, full: NoticeInFull) -> Self:
        return cls(NoticeView.of(full.receipt), full.body)


class NoticeController(Controller):
    path = "/notices"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List what payment gateways told us", "invalid_cursor", "invalid_value"))
    async def list_all(
        self,
        request: Call,
        *,
        wanted: State = None,
        gateway: GatewayName = "",
        since: Since = None,
        until: Until = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[NoticeView]:
        """The newest first, without their words."""
        filtered = NoticeFilter(gateway, wanted, since, until)
        page = await request.deeds.notices.list(request.actor, filtered, cursor, limit)
        return PageView.of(page, NoticeView.of)

    @get("/{notice_id:str}", **route(Policy.ADMIN, "Show a notice", "not_found"))
    async def show(self, request: Call, notice_id: FromPath[str]) -> NoticeInFullView:
        """With what the gateway said."""
        return NoticeInFullView.of(await request.deeds.notices.show(request.actor, notice_id))

    @post(
        "/{notice_id:str}/replay",
        status_code=200,
        **route(Policy.ADMIN, "Look at a notice again", "not_found", "stale_version"),
    )
    async def replay(self, request: Call, notice_id: FromPath[str]) -> NoticeView:
        """The gateway is asked anew about what it points to. What was applied already is not applied twice."""
        return NoticeView.of(await request.deeds.replay_notices.one(request.actor, notice_id))
