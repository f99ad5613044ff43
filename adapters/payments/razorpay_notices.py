"""What Razorpay signs: its webhooks, and what its script gives a page of ours."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from attrs import frozen
from msgspec import Meta, Struct

from adapters.payments.razorpay_answers import Notes, UnixTime, payment_of, refund_of
from adapters.payments.razorpay_line import RazorpaySettings
from application.ports.payment_gateway import Notice, NoticeNotGenuine

SIGNATURE_HEADER: Final = "x-razorpay-signature"
EVENT_HEADER: Final = "x-razorpay-event-id"
NOTICE_BYTES_MAX: Final = 65_536
EARLY: Final = timedelta(minutes=5)
LATE: Final = timedelta(days=15)
"""Razorpay repeats a message as it was for a day, and on request for fifteen. It signs no time of sending, and a
message that is told again does no harm: it is kept once, and what it is about is looked up."""

_EVENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PAYMENT_NAME: Final = re.compile(r"pay_[A-Za-z0-9]{1,40}")


class _Entity(Struct, frozen=True):
    """The fields in which our references and Razorpay's stand, of whatever it is about."""

    id: str | None = None
    payment_id: str | None = None
    reference_id: str | None = None
    receipt: str | None = None
    notes: Notes = None


class _Wrapped(Struct, frozen=True):
    entity: _Entity


class _Payload(Struct, frozen=True):
    payment: _Wrapped | None = None
    payment_link: _Wrapped | None = None
    order: _Wrapped | None = None
    refund: _Wrapped | None = None
    dispute: _Wrapped | None = None


class _Event(Struct, frozen=True):
    event: Annotated[str, Meta(pattern=r"\A[a-z_.]{1,64}\Z")]
    account_id: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_]{1,64}\Z")]
    created_at: UnixTime
    payload: Any = None


@frozen
class RazorpayNotices:
    """NoticeReader."""

    settings: RazorpaySettings

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        if len(body) > NOTICE_BYTES_MAX:
            raise NoticeNotGenuine("the message is longer than any that Razorpay sends")
        event_id = headers.get(EVENT_HEADER, "")
        if not _EVENT_ID.fullmatch(event_id):
            raise NoticeNotGenuine("the message does not say which one it is")
        # Every secret is tried, so that the time taken does not tell which one is in use.
        given = headers.get(SIGNATURE_HEADER, "")
        verdicts = [is_signed(secret, body, given) for secret in self.settings.webhook_secrets]
        if not any(verdicts):
            raise NoticeNotGenuine("no signature of the message holds")
        event = _decoded(body)
        sent_at = datetime.fromtimestamp(event.created_at, UTC)
        if not sent_at - EARLY <= at <= sent_at + LATE:
            raise NoticeNotGenuine("the message is too old, or from the future")
        if self.settings.account and event.account_id != self.settings.account:
            raise NoticeNotGenuine("the message speaks for an account that is not ours")
        return _notice(event_id, event)


def is_signed(secret: str, message: bytes, given: str) -> bool:
    """Whether that is the message's signature, in the one spelling that Razorpay uses, compared in constant time."""
    expected = hmac.new(secret.encode(), message, sha256).hexdigest()
    return given.isascii() and hmac.compare_digest(expected.encode(), given.encode())


def _decoded(body: bytes) -> _Event:
    try:
        return msgspec.json.decode(body, type=_Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoticeNotGenuine("the message is signed, but not written as Razorpay writes") from None


def _notice(event_id: str, event: _Event) -> Notice:
    try:
        payload = msgspec.convert(event.payload or {}, _Payload)
    except (msgspec.ValidationError, RecursionError):
        payload = _Payload()  # Genuine all the same; Razorpay tells of more things than we know.
    link, order, payment, refund, dispute = (
        _Entity() if part is None else part.entity
        for part in (payload.payment_link, payload.order, payload.payment, payload.refund, payload.dispute)
    )
    # What we named ourselves comes first: notes of a payment may come from the buyer's browser.
    ours = (
        payment_of(link.notes, link.reference_id),
        payment_of(order.notes, order.receipt),
        payment_of(payment.notes),
    )
    theirs = (payment.id, refund.payment_id, dispute.payment_id)
    return Notice(
        id=event_id,
        kind=event.event,
        account=event.account_id,
        payment_id=next((name for name in ours if name), None),
        refund_id=refund_of(refund.notes, refund.receipt),
        payment_reference=next((name for name in theirs if name and _PAYMENT_NAME.fullmatch(name)), ""),
    )
