"""Stripe's events, told from forgeries, and what each is about."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
import stripe
from msgspec import Meta, Struct

from adapters.payments.stripe_answers import PAYMENT_ID, REFUND_ID, Name, reference
from application.ports.payment_gateway import Notice, NoticeNotGenuine
from domain.ids import PaymentId, RefundId

SIGNATURE_HEADER: Final = "stripe-signature"
TOLERANCE_S: Final = 300
NOTICE_BYTES_MAX: Final = 65_536
OWN_ACCOUNT: Final = "own"
"""How the account is called to which our key belongs: Stripe does not name it in its events."""

# One spelling only, and no more signatures than the rolling of a secret needs.
_HEADER: Final = re.compile(r"t=([1-9][0-9]{0,11})(?:,v[0-9]=[0-9a-f]{64}){1,8}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,255}", re.ASCII)


class EventData(Struct, frozen=True):
    object: Mapping[str, Any]


class EventBody(Struct, frozen=True):
    id: Name
    object: Literal["event"]
    type: Annotated[str, Meta(pattern=r"\A[a-z0-9_.]{1,100}\Z")]
    livemode: bool
    data: EventData
    account: Name | None = None


class References(Struct, frozen=True):
    """Which of our payments and refunds an event is about, as far as it says."""

    payment_id: PaymentId | None = None
    refund_id: RefundId | None = None
    payment_reference: str = ""


def read_event(
    headers: Mapping[str, str], body: bytes, at: datetime, *, secrets: Sequence[str], account: str, is_live: bool
) -> Notice:
    """The notice in an event that Stripe signed for us, just now; NoticeNotGenuine otherwise."""
    if len(body) > NOTICE_BYTES_MAX:
        raise NoticeNotGenuine("the message is longer than any that we expect of Stripe")
    check_signature(headers.get(SIGNATURE_HEADER, ""), body, at, secrets)
    try:
        event = msgspec.json.decode(body, type=EventBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoticeNotGenuine("the message is signed, but is no event as Stripe writes them") from None
    if event.account is not None and event.account != account:
        raise NoticeNotGenuine("the message speaks for an account that is not ours")
    if event.livemode is not is_live:
        raise NoticeNotGenuine("the message is of the test mode and our key of the live mode, or the other way round")
    about = _ABOUT.get(event.type, _nothing)(event.data.object)
    return Notice(
        id=event.id,
        kind=event.type,
        account=event.account or account or OWN_ACCOUNT,
        payment_id=about.payment_id,
        refund_id=about.refund_id,
        payment_reference=about.payment_reference,
    )


def check_signature(header: str, body: bytes, at: datetime, secrets: Sequence[str]) -> None:
    """NoticeNotGenuine unless one of the secrets signed these very bytes within the tolerance of `at`."""
    written = _HEADER.fullmatch(header)
    if written is None:
        raise NoticeNotGenuine("the message carries no signature of Stripe's")
    # All are tried, so that the time taken tells nothing about which one is in use.
    if not any([_holds(header, body, secret) for secret in secrets]):  # noqa: C419 - all are compared, whichever holds
        raise NoticeNotGenuine("no signature of the message holds")
    # Stripe's own check would read another clock than ours, and lets the future pass.
    if abs(at.timestamp() - int(written[1])) > TOLERANCE_S:
        raise NoticeNotGenuine(f"the message is more than {TOLERANCE_S} s away from our clock")


def _holds(header: str, body: bytes, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _nothing(_: Mapping[str, Any]) -> References:
    return References()


def _session(about: Mapping[str, Any]) -> References:
    return References(_payment_id(about), None, _name(about.get("payment_intent")))


def _intent(about: Mapping[str, Any]) -> References:
    return References(_payment_id(about), None, _name(about.get("id")))


def _charge(about: Mapping[str, Any]) -> References:
    return References(_payment_id(about), None, _name(about.get("payment_intent")))


def _refund(about: Mapping[str, Any]) -> References:
    refund_id = reference(_metadata(about), REFUND_ID)
    return References(
        _payment_id(about), None if refund_id is None else RefundId(refund_id), _name(about.get("payment_intent"))
    )


def _dispute(about: Mapping[str, Any]) -> References:
    return References(payment_reference=_name(about.get("payment_intent")))


def _payment_id(about: Mapping[str, Any]) -> PaymentId | None:
    found = reference(_metadata(about), PAYMENT_ID)
    return None if found is None else PaymentId(found)


def _metadata(about: Mapping[str, Any]) -> Mapping[str, str]:
    found = about.get("metadata")
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _name(found: object) -> str:
    return found if isinstance(found, str) and _NAME.fullmatch(found) else ""


_ABOUT: Final[Mapping[str, Callable[[Mapping[str, Any]], References]]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "payment_intent.payment_failed": _intent,
    "payment_intent.succeeded": _intent,
    "charge.refunded": _charge,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
}
SUBSCRIBED: Final = frozenset(_ABOUT)
"""The events that an endpoint at Stripe should send us. Others are kept, and point to nothing."""
