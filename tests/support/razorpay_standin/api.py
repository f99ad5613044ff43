"""Razorpay's HTTP API: paths, lists, keys and envelopes, on top of its rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol

from attrs import define, field, frozen

from tests.support.razorpay_standin.bank import Bank, Refused, known

PAGE_MAX: Final = 100
KEY: Final = re.compile(r"[A-Za-z0-9_-]{10,}")
_LINK_FIELDS: Final = frozenset(
    "amount currency accept_partial reference_id description customer notify reminder_enable notes callback_url "
    "callback_method expire_by".split()
)
_ORDER_FIELDS: Final = frozenset("amount currency receipt notes payment_capture".split())
_REFUND_FIELDS: Final = frozenset("amount speed receipt notes".split())


@frozen
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: dict[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""


@frozen
class Response:
    status: int
    content: Any


class Record(Protocol):
    created_at: int

    def entity(self) -> dict[str, Any]: ...


def problem(status: int, code: str, description: str) -> Response:
    said: dict[str, Any] = {
        "code": code,
        "description": description,
        "source": "business",
        "reason": None,
        "metadata": {},
    }
    return Response(status, {"error": said})


@define
class Api:
    """Answers one request after the other; the server sees to that."""

    bank: Bank
    is_ignoring_references: bool = False
    """As if the list of links knew no filter by our reference."""
    is_without_disputes: bool = False
    """As for an account that may not read them."""
    keys_in_progress: set[str] = field(factory=set)
    keys: dict[str, tuple[Any, dict[str, Any]]] = field(factory=dict)

    def answer(self, request: Request) -> Response:
        self.bank.settle()
        for pattern, deed in self._routes():
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                try:
                    return deed(request, *found.groups())
                except Refused as refusal:
                    return problem(HTTPStatus.BAD_REQUEST, "BAD_REQUEST_ERROR", str(refusal))
        return problem(HTTPStatus.NOT_FOUND, "", "The requested URL was not found on the server.")

    def _routes(self) -> Iterable[tuple[str, Callable[..., Response]]]:
        name = "([^/]+)"
        bank = self.bank
        return (
            (r"POST /v1/payment_links", lambda ask: _one(bank.open_link(_only(ask.body, _LINK_FIELDS)))),
            (r"GET /v1/payment_links", self._links),
            (rf"GET /v1/payment_links/{name}", lambda _, link: _one(known(bank.links, link))),
            (rf"POST /v1/payment_links/{name}/cancel", lambda _, link: _one(bank.cancel_link(link))),
            (r"POST /v1/orders", lambda ask: _one(bank.open_order(_only(ask.body, _ORDER_FIELDS)))),
            (r"GET /v1/orders", self._orders),
            (rf"GET /v1/orders/{name}", lambda _, order: _one(known(bank.orders, order))),
            (rf"GET /v1/orders/{name}/payments", self._payments_of),
            (r"GET /v1/payments", lambda ask: _page(ask, bank.payments.values())),
            (rf"GET /v1/payments/{name}", lambda _, payment: _one(known(bank.payments, payment))),
            (rf"POST /v1/payments/{name}/capture", lambda ask, payment: _one(bank.capture(payment, ask.body))),
            (rf"POST /v1/payments/{name}/refund", self._refund),
            (rf"GET /v1/payments/{name}/refunds", self._refunds_of),
            (r"GET /v1/disputes", self._disputes),
        )

    def _links(self, request: Request) -> Response:
        wanted = "" if self.is_ignoring_references else request.query.get("reference_id", "")
        links = [link for link in self.bank.links.values() if wanted in {"", link.asked.get("reference_id")}]
        return Response(HTTPStatus.OK, {"payment_links": _page(request, links).content["items"]})

    def _orders(self, request: Request) -> Response:
        # Razorpay finds what contains the receipt.
        wanted = request.query.get("receipt", "")
        return _page(request, [order for order in self.bank.orders.values() if wanted in (order.receipt or "")])

    def _payments_of(self, _: Request, order: str) -> Response:
        known(self.bank.orders, order)
        return _all(payment for payment in self.bank.payments.values() if payment.order_id == order)

    def _refunds_of(self, request: Request, payment: str) -> Response:
        known(self.bank.payments, payment)
        return _page(request, [one for one in self.bank.refunds.values() if one.payment_id == payment])

    def _disputes(self, request: Request) -> Response:
        if self.is_without_disputes:
            raise Refused("This feature is not enabled for your account.")
        return _page(request, self.bank.disputes.values())

    def _refund(self, request: Request, payment: str) -> Response:
        key = request.headers.get("x-refund-idempotency", "")
        asked = (payment, request.body)
        if not key:
            return _one(self.bank.refund(payment, request.body))
        if not KEY.fullmatch(key):
            raise Refused("The idempotency key must be at least 10 characters long.")
        if key in self.keys_in_progress:
            said = "Request failed because another request is in progress with the same idempotency key."
            return problem(HTTPStatus.CONFLICT, "BAD_REQUEST_ERROR", said)
        if key in self.keys:
            first, answer = self.keys[key]
            if first != asked:
                raise Refused("Different request body sent with the same idempotency key.")
            return Response(HTTPStatus.OK, answer)
        answered = _one(self.bank.refund(payment, _only(request.body, _REFUND_FIELDS)))
        self.keys[key] = asked, answered.content
        return answered


def _only(body: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    strange = sorted(body.keys() - fields)
    if strange:
        raise Refused(f"{', '.join(strange)} is/are not required and should not be sent")
    return body


def _one(record: Record) -> Response:
    return Response(HTTPStatus.OK, record.entity())


def _all(records: Iterable[Record]) -> Response:
    items = [record.entity() for record in records]
    return Response(HTTPStatus.OK, {"entity": "collection", "count": len(items), "items": items})


def _page(request: Request, records: Iterable[Record]) -> Response:
    """The newest first, ten unless more are asked for, and both ends of the window belong to it."""
    count, skip = int(request.query.get("count", "10")), int(request.query.get("skip", "0"))
    start, end = int(request.query.get("from", "0")), int(request.query.get("to", "9999999999"))
    if not 1 <= count <= PAGE_MAX:
        raise Refused("The count may not be greater than 100.")
    within = [record for record in records if start <= record.created_at <= end]
    return _all(within[::-1][skip : skip + count])
