"""The contract of a notice reader on Stripe's, and what each kind of event points to."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import stripe
from attrs import evolve

from adapters.payments import stripe_notices
from adapters.payments.stripe_gateway import StripeGateway, StripeSettings, open_stripe_gateway
from adapters.payments.stripe_notices import SUBSCRIBED
from application.ports.payment_gateway import Notice, NoticeNotGenuine, NoticeReader
from domain.ids import PaymentId
from tests.contracts.notice_reader import A_SECOND, AT, NoticeReaderContract
from tests.support.stripe_standin.courier import event, signed

SECRET, OTHER_SECRET = "whsec_the_one_in_use", "whsec_that_has_nothing_to_do_with_it"
SETTINGS = StripeSettings("sk_test_1", (SECRET,))
OURS = {"payment_id": "pay_1"}

SESSION = {"id": "cs_test_1", "metadata": OURS, "client_reference_id": "pay_1", "payment_intent": "pi_1"}
INTENT = {"id": "pi_1", "metadata": OURS}
CHARGE = {"id": "ch_1", "metadata": OURS, "payment_intent": "pi_1"}
REFUND = {"id": "re_1", "metadata": OURS | {"refund_id": "ref_1"}, "payment_intent": "pi_1", "charge": "ch_1"}
DISPUTE = {"id": "du_1", "metadata": {}, "payment_intent": "pi_1", "charge": "ch_1"}
ABOUT: dict[str, tuple[dict[str, Any], tuple[str | None, str | None]]] = (
    dict.fromkeys(
        (
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ),
        (SESSION, ("pay_1", None)),
    )
    | dict.fromkeys(("payment_intent.payment_failed", "payment_intent.succeeded"), (INTENT, ("pay_1", None)))
    | {"charge.refunded": (CHARGE, ("pay_1", None))}
    | dict.fromkeys(
        ("charge.refund.updated", "refund.created", "refund.updated", "refund.failed"), (REFUND, ("pay_1", "ref_1"))
    )
    | dict.fromkeys(
        tuple(
            f"charge.dispute.{what}" for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
        ),
        (DISPUTE, (None, None)),
    )
)


def reader(settings: StripeSettings = SETTINGS) -> StripeGateway:
    """Reading a notice asks nobody."""
    return open_stripe_gateway(settings)


def read(told: dict[str, Any], settings: StripeSettings = SETTINGS) -> Notice:
    body = json.dumps(told).encode()
    headers = {"stripe-signature": signed(SECRET, body, int(AT.timestamp()))}
    return reader(settings).read(headers, body, AT)


class TestStripeNotices(NoticeReaderContract):
    adapter = "stripe"
    signature_headers = ("stripe-signature",)
    secrets = (SECRET, OTHER_SECRET)

    def reader(self, secrets: Sequence[str]) -> NoticeReader:
        return _readers(tuple(secrets))

    def body(self, payment_id: PaymentId, *, ours: bool = True) -> bytes:
        more = {} if ours else {"account": "acct_somebody_else"}
        about = {"id": "pi_1", "metadata": {"payment_id": payment_id}}
        return json.dumps(event("payment_intent.succeeded", about, **more)).encode()

    def signed(self, secret: str, body: bytes, at: datetime) -> dict[str, str]:
        return {"stripe-signature": signed(secret, body, int(at.timestamp()))}


_MADE: dict[tuple[str, ...], StripeGateway] = {}


def _readers(secrets: tuple[str, ...]) -> StripeGateway:
    """Made once for each: the contract reads thousands of messages."""
    if secrets not in _MADE:
        _MADE[secrets] = reader(evolve(SETTINGS, webhook_secrets=secrets))
    return _MADE[secrets]


@pytest.mark.parametrize("kind", sorted(ABOUT))
def test_every_kind_that_we_subscribe_to_says_what_it_is_about(kind: str) -> None:
    about, (payment_id, refund_id) = ABOUT[kind]

    notice = read(event(kind, about))

    assert (notice.kind, notice.payment_id, notice.refund_id) == (kind, payment_id, refund_id)
    assert notice.payment_reference == "pi_1"


def test_no_kind_is_left_out() -> None:
    assert set(ABOUT) == SUBSCRIBED


def test_the_guide_names_every_event_to_subscribe_to() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "payments-stripe.md").read_text()

    assert {kind for kind in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", guide) if kind in SUBSCRIBED} == SUBSCRIBED


@pytest.mark.parametrize("kind", ["payment_intent.created", "payout.paid", "something.new_v2"])
def test_a_kind_that_we_do_not_know_is_genuine_and_points_to_nothing(kind: str) -> None:
    notice = read(event(kind, {"id": "x_1", "metadata": OURS}))

    assert notice.id.startswith("evt_")
    assert (notice.kind, notice.payment_id, notice.refund_id, notice.payment_reference) == (kind, None, None, "")


@pytest.mark.parametrize("kind", sorted(ABOUT))
@pytest.mark.parametrize(
    "about",
    [
        {},
        {"id": 1, "metadata": None, "payment_intent": None},
        {"id": "", "metadata": [], "payment_intent": {"id": "pi_1"}},
        {"id": "../x", "metadata": {"payment_id": "../x", "refund_id": 7}, "payment_intent": "pi_1?x"},
    ],
)
def test_what_is_not_ours_points_to_nothing(kind: str, about: dict[str, Any]) -> None:
    notice = read(event(kind, about))

    assert (notice.payment_id, notice.refund_id, notice.payment_reference) == (None, None, "")


def test_an_event_of_the_other_mode_is_refused() -> None:
    live = evolve(SETTINGS, api_key="sk_live_1")

    with pytest.raises(NoticeNotGenuine, match="mode"):
        read(event("payment_intent.succeeded", INTENT, livemode=True))
    with pytest.raises(NoticeNotGenuine, match="mode"):
        read(event("payment_intent.succeeded", INTENT), live)
    assert read(event("payment_intent.succeeded", INTENT, livemode=True), live).payment_id == "pay_1"


def test_the_events_of_a_connected_account_are_read_if_it_is_the_one_that_we_work_for() -> None:
    ours = evolve(SETTINGS, account="acct_1")
    told = event("payment_intent.succeeded", INTENT, account="acct_1")

    assert read(told, ours).account == "acct_1"
    with pytest.raises(NoticeNotGenuine, match="account"):
        read(told | {"account": "acct_2"}, ours)
    with pytest.raises(NoticeNotGenuine, match="account"):
        read(told)


def test_one_good_signature_among_others_is_enough() -> None:
    body = json.dumps(event("payment_intent.succeeded", INTENT)).encode()
    good = signed(SECRET, body, int(AT.timestamp()))
    timestamp, _, signature = good.partition(",")
    header = f"{timestamp},v1={'0' * 64},{signature},v0={'f' * 64}"

    assert reader().read({"stripe-signature": header}, body, AT).payment_id == "pay_1"


@pytest.mark.parametrize(
    "written", ["t=+{0},{1}", "t= {0},{1}", "t=0{0},{1}", "t={0},{1}\n", "{1},t={0}", "t={0}, {1}"]
)
def test_a_signature_has_one_spelling(written: str) -> None:
    body = json.dumps(event("payment_intent.succeeded", INTENT)).encode()
    _, _, signature = signed(SECRET, body, int(AT.timestamp())).partition(",")
    header = written.format(int(AT.timestamp()), signature)

    with pytest.raises(NoticeNotGenuine):
        reader().read({"stripe-signature": header}, body, AT)


def test_without_the_comparison_the_contract_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = TestStripeNotices()
    body = contract.body(PaymentId("pay_1"))
    message = (contract.signed(SECRET, body, AT), body)
    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", lambda *_, **__: True)

    with pytest.raises(AssertionError):
        contract.test_no_flipped_bit_of_the_body_passes(message)
    with pytest.raises(AssertionError):
        contract.test_another_secret_is_refused()


def test_without_our_own_look_at_the_clock_the_future_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = TestStripeNotices()
    body = contract.body(PaymentId("pay_1"))
    monkeypatch.setattr(stripe_notices, "TOLERANCE_S", 10**9)

    with pytest.raises(AssertionError):
        contract.test_a_message_too_old_or_too_new_is_refused((contract.signed(SECRET, body, AT), body), A_SECOND)
