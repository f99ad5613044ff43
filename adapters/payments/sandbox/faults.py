"""The ways in which a gateway misbehaves, on request of a test. Held in memory only: a restart mends everything."""

from enum import StrEnum
from typing import Annotated, Final

from attrs import define, field
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Meta, Struct

from adapters.payments.sandbox.records import RefundPlan, RefundStatus
from application.ports.clock import Clock

SECONDS_MAX: Final = 600
Seconds = Annotated[float, Meta(ge=0, le=SECONDS_MAX)]


class RequestFault(StrEnum):
    """What the caller of the API sees. `before`: nothing was done; `after`: it was done all the same."""

    TIME_OUT_BEFORE = "time_out_before"
    TIME_OUT_AFTER = "time_out_after"
    SERVER_ERROR_BEFORE = "server_error_before"
    SERVER_ERROR_AFTER = "server_error_after"
    TOO_MANY_REQUESTS = "too_many_requests"
    GARBAGE_AFTER = "garbage_after"


_MONEY: Final = ("/v1/payments", "/v1/refunds", "/v1/statement")
_AFTER: Final = frozenset({RequestFault.TIME_OUT_AFTER, RequestFault.SERVER_ERROR_AFTER, RequestFault.GARBAGE_AFTER})
_TIME_OUT: Final = frozenset({RequestFault.TIME_OUT_BEFORE, RequestFault.TIME_OUT_AFTER})
_ANSWERS: Final = {
    RequestFault.TIME_OUT_BEFORE: (504, b"{}"),
    RequestFault.TIME_OUT_AFTER: (504, b"{}"),
    RequestFault.SERVER_ERROR_BEFORE: (500, b"{}"),
    RequestFault.SERVER_ERROR_AFTER: (500, b"{}"),
    RequestFault.TOO_MANY_REQUESTS: (429, b"{}"),
    RequestFault.GARBAGE_AFTER: (200, b"<html>\xff"),
}


class FaultOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/faults: everything that shall be broken from now on. Nothing named, nothing broken."""

    request: RequestFault | None = None
    """Befalls the next `request_count` calls of payments, refunds and statements."""
    request_count: Annotated[int, Meta(ge=1, le=1000)] = 1
    hold_s: Seconds = 5.0
    """How long a time-out keeps the line before it answers 504, for callers without a time-out of their own."""
    drop_webhooks: Annotated[int, Meta(ge=0, le=1000)] = 0
    """So many notices are lost for good."""
    duplicate_webhooks: Annotated[int, Meta(ge=0, le=20)] = 0
    """Every notice that is taken is sent so many times more."""
    delay_webhooks_s: Seconds = 0.0
    """Every notice starts so much later."""
    hold_back_webhooks: Annotated[int, Meta(ge=0, le=50)] = 0
    """Notices wait until there are so many, and then go out last one first."""
    refund_after_s: Seconds = 0.0
    """New refunds stay pending for so long."""
    refunds_fail: bool = False


@define
class Faults:
    """What is broken at the moment; at first nothing."""

    order: FaultOrder = field(factory=FaultOrder)
    requests_left: int = 0
    drops_left: int = 0
    hold_back: int = 0

    def plan(self, order: FaultOrder) -> None:
        self.order = order
        self.requests_left = order.request_count if order.request else 0
        self.drops_left = order.drop_webhooks
        self.hold_back = order.hold_back_webhooks

    @property
    def refunds(self) -> RefundPlan:
        settles_as = RefundStatus.FAILED if self.order.refunds_fail else RefundStatus.SUCCEEDED
        return RefundPlan(self.order.refund_after_s, settles_as)

    def take_request(self) -> RequestFault | None:
        if not self.requests_left:
            return None
        self.requests_left -= 1
        return self.order.request

    def take_drop(self) -> bool:
        if not self.drops_left:
            return False
        self.drops_left -= 1
        return True


class FaultyLine(ASGIMiddleware):
    """Stands between the caller and the API, and breaks what was ordered."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        fault = self._faults.take_request() if scope["path"].startswith(_MONEY) else None
        if fault is None:
            await next_app(scope, receive, send)
            return
        if fault in _AFTER:
            await next_app(scope, receive, _unheard)
        if fault in _TIME_OUT:
            await self._clock.sleep(self._faults.order.hold_s)
        status, body = _ANSWERS[fault]
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})


async def _unheard(_message: Message) -> None:
    """Takes an answer that nobody gets to hear."""
