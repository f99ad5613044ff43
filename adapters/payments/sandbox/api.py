"""The sandbox's JSON API, for the seller's server."""

import hmac
import re
from datetime import date
from typing import Final

from attrs import frozen
from litestar import Controller, Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, RawBody
from litestar.types import Guard

from adapters.payments.sandbox.bank import Bank, Refused
from adapters.payments.sandbox.desk import Desk
from adapters.payments.sandbox.faults import FaultOrder, Faults
from adapters.payments.sandbox.messages import (
    PaymentBody,
    PaymentListView,
    PaymentView,
    RefundBody,
    RefundView,
    decoded,
)
from adapters.payments.sandbox.settings import SandboxSettings
from application.ports.clock import Clock

CREATED: Final = 201
OK: Final = 200

_CURSOR: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


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

    def check(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
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

    @get("/")
    async def list_payments(
        self, created_on: FromQuery[date], sandbox: NamedDependency[Sandbox], cursor: FromQuery[str] = "0"
    ) -> PaymentListView:
        """What was opened on a day in UTC, oldest first, for reconciliation."""
        if not _CURSOR.fullmatch(cursor):
            raise Refused("bad_cursor", "cursor must be the next_cursor of an earlier page")
        statements, following = await sandbox.desk.ask(sandbox.bank.payments_of, created_on, int(cursor))
        views = [PaymentView.of(statement, sandbox.settings.base_url) for statement in statements]
        return PaymentListView(views, None if following is None else str(following))

    @get("/{payment_id:str}")
    async def show_payment(self, payment_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> PaymentView:
        statement = await sandbox.desk.do(sandbox.bank.payment, payment_id, sandbox.clock.now())
        return PaymentView.of(statement, sandbox.settings.base_url)

    @post("/{payment_id:str}/close", status_code=OK)
    async def close_payment(self, payment_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> PaymentView:
        statement = await sandbox.desk.do(sandbox.bank.close_payment, payment_id, sandbox.clock.now())
        return PaymentView.of(statement, sandbox.settings.base_url)


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
