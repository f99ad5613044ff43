"""Our side of the sandbox: what StripeGateway is to Stripe. It meets the sandbox only over HTTP."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec
from attrs import field, frozen

from adapters.payments.sandbox_answers import (
    DisputesAnswer,
    NoticeBody,
    PaymentAnswer,
    ProblemAnswer,
    RefundAnswer,
    StatementAnswer,
)
from adapters.payments.sandbox_line import SandboxGatewaySettings, SandboxLine
from adapters.payments.standard_webhooks import verify
from application.ports.payment_gateway import (
    Charge,
    ChargeState,
    DisputeReport,
    GatewayRefused,
    GatewayUnavailable,
    Notice,
    NoticeNotGenuine,
    PaymentOrder,
    PaymentPage,
    RefundOrder,
    RefundReceipt,
    Sought,
    StatementLine,
)

T = TypeVar("T")

NOTICE_BYTES_MAX: Final = 65_536

# The gateway refuses us and not the deed (a wrong key), or not for good: the deed may well be done later.
_NOT_FOR_GOOD: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


@frozen
class SandboxGateway:
    """All ports of a payment gateway but EmbeddedCheckout, filled by the sandbox.

    Makes one attempt a call: whoever calls knows how long it is worth trying again.
    """

    settings: SandboxGatewaySettings
    line: SandboxLine = field(repr=False)

    @property
    def name(self) -> str:
        return "sandbox"

    async def aclose(self) -> None:
        """Let the connections go. The gateway is of no use afterwards."""
        await self.line.aclose()

    async def open_page(self, order: PaymentOrder) -> PaymentPage:
        answer = await self._call(
            PaymentAnswer,
            "POST",
            "/v1/payments",
            {
                "payment_id": order.payment_id,
                "amount_minor": order.amount.amount_minor,
                "currency": order.amount.currency,
                "description": order.description,
                "buyer_email": order.buyer_email,
                "return_url": order.return_url,
                "webhook_url": self.settings.webhook_url,
                "expires_at": order.expires_at.isoformat(),
            },
        )
        charge = answer.charge(order.payment_id)
        if charge.amount != order.amount:
            raise GatewayUnavailable("the sandbox answered with another amount than was asked")
        return answer.page()

    async def look_up(self, sought: Sought) -> Charge | None:
        try:
            answer = await self._call(PaymentAnswer, "GET", f"/v1/payments/{_segment(sought.payment_id)}")
        except _NeverHeardOf:
            return None
        return answer.charge(sought.payment_id)

    async def refund(self, order: RefundOrder) -> RefundReceipt:
        answer = await self._call(
            RefundAnswer,
            "POST",
            "/v1/refunds",
            {
                "refund_id": order.refund_id,
                "payment_id": order.payment_id,
                "payment_reference": order.gateway_reference,
                "amount_minor": order.amount.amount_minor,
                "currency": order.amount.currency,
            },
        )
        receipt = answer.receipt(order.refund_id)
        if receipt.amount != order.amount:
            raise GatewayUnavailable("the sandbox answered with another amount than was asked")
        return receipt

    async def look_up_refund(self, order: RefundOrder) -> RefundReceipt | None:
        try:
            answer = await self._call(RefundAnswer, "GET", f"/v1/refunds/{_segment(order.refund_id)}")
        except _NeverHeardOf:
            return None
        return answer.receipt(order.refund_id)

    async def close_page(self, sought: Sought) -> None:
        try:
            await self._call(PaymentAnswer, "POST", f"/v1/payments/{_segment(sought.payment_id)}/close")
        except _NeverHeardOf:
            return

    async def capture(self, sought: Sought) -> Charge:
        answer = await self._call(
            PaymentAnswer,
            "POST",
            f"/v1/payments/{_segment(sought.payment_id)}/capture",
            {"amount_minor": sought.amount.amount_minor, "currency": sought.amount.currency},
        )
        charge = answer.charge(sought.payment_id)
        if charge.state is not ChargeState.CAPTURED or charge.amount != sought.amount:
            raise GatewayUnavailable("the sandbox answered with something else than was to be captured")
        return charge

    async def disputes_of(self, sought: Sought) -> Sequence[DisputeReport]:
        try:
            path = f"/v1/payments/{_segment(sought.payment_id)}/disputes"
            answer = await self._call(DisputesAnswer, "GET", path)
        except _NeverHeardOf:
            return ()
        return [dispute.report(sought.payment_id) for dispute in answer.items]

    async def captured(self, start: datetime, end: datetime) -> AsyncIterator[StatementLine]:
        asked = {"start": start.isoformat(), "end": end.isoformat(), "limit": str(self.settings.statement_lines_max)}
        told = set[str]()
        while True:
            answer = await self._call(StatementAnswer, "GET", f"/v1/statement?{urlencode(asked)}")
            for item in answer.items:
                if item.reference in told:
                    raise GatewayUnavailable("the sandbox's statement tells a payment twice")
                told.add(item.reference)
                yield item.line(start, end)
            if answer.next_cursor is None:
                return
            if not answer.items:
                raise GatewayUnavailable("the sandbox's statement does not end")
            asked["cursor"] = answer.next_cursor

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        if len(body) > NOTICE_BYTES_MAX:
            raise NoticeNotGenuine("the message is longer than any that the sandbox sends")
        message_id = verify(self.settings.webhook_secrets, headers, body, at)
        try:
            notice = msgspec.json.decode(body, type=NoticeBody)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise NoticeNotGenuine("the message is signed, but not written as the sandbox writes") from None
        if notice.account != self.settings.account:
            raise NoticeNotGenuine("the message speaks for an account that is not ours")
        return notice.notice(message_id)

    async def _call(self, kind: type[T], method: str, path: str, content: Mapping[str, Any] | None = None) -> T:
        status, body = await self.line.exchange(method, path, content)
        if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return _decoded(kind, body)
        if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR or status in _NOT_FOR_GOOD:
            raise GatewayUnavailable(f"the sandbox answered {status}")
        problem = _decoded(ProblemAnswer, body)
        if status == HTTPStatus.NOT_FOUND and problem.code in {"payment_not_found", "refund_not_found"}:
            raise _NeverHeardOf(problem.message)
        if status == HTTPStatus.NOT_FOUND:
            # A wrong address or a proxy, which know nothing about our money.
            raise GatewayUnavailable("something that is not the sandbox answered 404")
        raise GatewayRefused(problem.message)


class _NeverHeardOf(GatewayRefused):
    """The sandbox itself says that it knows nothing of that name."""


def open_sandbox_gateway(settings: SandboxGatewaySettings) -> SandboxGateway:
    """A gateway with a connection pool of its own; close it with aclose()."""
    return SandboxGateway(settings, SandboxLine(settings))


def _decoded(kind: type[T], body: bytes) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise GatewayUnavailable("the sandbox's answer makes no sense") from None


def _segment(identifier: str) -> str:
    # Our identifiers are plain letters; anything else would change which address is asked.
    if not (identifier.isascii() and identifier.replace("_", "").replace("-", "").isalnum()):
        raise GatewayRefused("that is no identifier of ours")
    return identifier
