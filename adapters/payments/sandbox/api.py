"""The sandbox's JSON API, for the seller's server."""

import hmac
import re
from typing import Final

from attrs import frozen
from litestar import Controller, Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, RawBody
from litestar.types import Guard

from adapters.payments.sandbox.bank import Bank
from adapters.payments.sandbox.desk import Desk
from adapters.payments.sandbox.faults import FaultOrder, Faults
from adapters.payments.sandbox.messages import (
    CaptureBody,
    DisputesView,
    PaymentBody,
    PaymentView,
    RefundBody,
    RefundView,
    StatementLineView,
    StatementView,
    decoded,
    instant,
)
from adapters.payments.sandbox.refusals import Refused
from adapters.payments.sandbox.settings import SandboxSettings
from adapters.payments.sandbox.statement import Place
from application.ports.clock import Clock

CREATED: Final = 201
OK: Final = 200

LINES_MAX: Final = 100

_CURSOR: Final = re.compile(r"([0-9]{1,17})-([0-9]{1,15})", re.ASCII)
_LIMIT: Final = re.compile(r"[0-9]{1,3}", re.ASCII)


@frozen
class Sandbox:
    """The parts that every handler needs."""

    settings: SandboxSettings
    bank: Bank
    desk: Desk
    clock: Clock
    faults: Faults


def seller_only(api_key: str) -> Guard:
    """Lets only holders of the API key through."""
    expected = f"Bearer {api_key}".encode()

    def check(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # of any application
        given = connection.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), expected):
            raise NotAuthorizedException("give the API key as a bearer token")

    return check


class PaymentController(Controller):
    path = "/v1/payments"

    @post("/")
    async def open_payment(self, body: RawBody, sandbox: NamedDependency[Sandbox]) -> Response[PaymentView]:
        """201 for a new payment, 200 for one that was asked for before, 409 if it was another one."""
        order, at = decoded(PaymentBody, body).request(), sandbox.clock.now()
        statement, is_new = await sandbox.desk.do(sandbox.bank.open_payment, order, at)
        view = PaymentView.of(statement, sandbox.settings.base_url)
        return Response(view, status_code=CREATED if is_new else OK)

    @get("/{payment_id:str}")
    async def show_payment(self, payment_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> PaymentView:
        statement = await sandbox.desk.do(sandbox.bank.payment, payment_id, sandbox.clock.now())
        return PaymentView.of(statement, sandbox.settings.base_url)

    @post("/{payment_id:str}/close", status_code=OK)
    async def close_payment(self, payment_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> PaymentView:
        statement = await sandbox.desk.do(sandbox.bank.close_payment, payment_id, sandbox.clock.now())
        return PaymentView.of(statement, sandbox.settings.base_url)

    @post("/{payment_id:str}/capture", status_code=OK)
    async def capture_payment(
        self, payment_id: FromPath[str], body: RawBody, sandbox: NamedDependency[Sandbox]
    ) -> PaymentView:
        """Take what is set aside at the buyer's bank. 409 if nothing is; taken already is no error."""
        asked, at = decoded(CaptureBody, body), sandbox.clock.now()
        statement = await sandbox.desk.do(sandbox.bank.capture, payment_id, asked.amount_minor, asked.currency, at)
        return PaymentView.of(statement, sandbox.settings.base_url)

    @get("/{payment_id:str}/disputes")
    async def show_disputes(self, payment_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> DisputesView:
        """Every dispute there ever was about a payment, the oldest first."""
        return DisputesView.of(await sandbox.desk.do(sandbox.bank.payment, payment_id, sandbox.clock.now()))


class StatementController(Controller):
    path = "/v1/statement"

    @get("/")
    async def list_captured(
        self,
        start: FromQuery[str],
        end: FromQuery[str],
        sandbox: NamedDependency[Sandbox],
        cursor: FromQuery[str] = "0-0",
        limit: FromQuery[str] = str(LINES_MAX),
    ) -> StatementView:
        """What was captured from `start` until before `end`, oldest first, for reconciliation."""
        span = instant("start", start), instant("end", end)
        after, lines = _place(cursor), _lines(limit)
        statements, following = await sandbox.desk.ask(sandbox.bank.captured, *span, after, lines)
        cursor_after = None if following is None else f"{following.captured_at_us}-{following.number}"
        return StatementView([StatementLineView.of(statement) for statement in statements], cursor_after)


class RefundController(Controller):
    path = "/v1/refunds"

    @post("/")
    async def give_back(self, body: RawBody, sandbox: NamedDependency[Sandbox]) -> Response[RefundView]:
        """201 for a new refund, 200 for one that was asked for before, 409 if it was another one."""
        order, at = decoded(RefundBody, body).request(), sandbox.clock.now()
        refund, is_new = await sandbox.desk.do(sandbox.bank.give_back, order, sandbox.faults.refunds, at)
        return Response(RefundView.of(refund), status_code=CREATED if is_new else OK)

    @get("/{refund_id:str}")
    async def show_refund(self, refund_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> RefundView:
        return RefundView.of(await sandbox.desk.do(sandbox.bank.refund, refund_id, sandbox.clock.now()))


def _place(cursor: str) -> Place:
    written = _CURSOR.fullmatch(cursor)
    if written is None:
        raise Refused("bad_cursor", "cursor must be the next_cursor of an earlier page")
    return Place(int(written[1]), int(written[2]))


def _lines(limit: str) -> int:
    if not _LIMIT.fullmatch(limit) or not 0 < int(limit) <= LINES_MAX:
        raise Refused("bad_limit", f"limit must be a number from 1 to {LINES_MAX}")
    return int(limit)


class FaultController(Controller):
    """Only there when the sandbox was started with faults on."""

    path = "/v1/faults"

    @post("/", status_code=204)
    async def break_things(self, body: RawBody, sandbox: NamedDependency[Sandbox]) -> None:
        sandbox.faults.plan(decoded(FaultOrder, body))
        sandbox.desk.rang.set()

    @delete("/")
    async def mend_things(self, sandbox: NamedDependency[Sandbox]) -> None:
        sandbox.faults.plan(FaultOrder())
        sandbox.desk.rang.set()
