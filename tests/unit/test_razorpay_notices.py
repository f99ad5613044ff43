"""The contract of a notice reader on Razorpay's, and what its many kinds of messages point to."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from adapters.payments import razorpay_notices
from adapters.payments.razorpay_line import RazorpaySettings
from adapters.payments.razorpay_notices import EARLY, LATE, RazorpayNotices, is_signed
from application.ports.payment_gateway import Notice, NoticeNotGenuine, NoticeReader
from domain.ids import PaymentId
from tests.contracts.notice_reader import AT, NoticeReaderContract
from tests.support.razorpay_standin.courier import ACCOUNT, signature

SECRET = "a secret that a person typed"
SETTINGS = RazorpaySettings("rzp_test_1", "the-key-secret", (SECRET,), account=ACCOUNT)
OURS, THEIRS = "pay_0123456789abcdefghjkmnpqrs", "pay_NVcLwcbtje3yCH"


def event(kind: str, at: datetime = AT, account: str = ACCOUNT, **entities: Any) -> bytes:
    payload = {name: {"entity": entity} for name, entity in entities.items()}
    said = {"entity": "event", "account_id": account, "event": kind, "payload": payload}
    return json.dumps({**said, "created_at": int(at.timestamp())}).encode()


def headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-razorpay-event-id": "NVcLwcbtje3yCH", "x-razorpay-signature": signature(secret, body)}


def read(body: bytes, settings: RazorpaySettings = SETTINGS) -> Notice:
    return RazorpayNotices(settings).read(headers(body), body, AT)


class TestRazorpayNotices(NoticeReaderContract):
    adapter = "razorpay"
    signature_headers = ("x-razorpay-signature",)
    unsigned_headers = ("x-razorpay-event-id",)
    secrets = (SECRET, "another secret")
    late, early = LATE, EARLY

    def reader(self, secrets: Sequence[str]) -> NoticeReader:
        return RazorpayNotices(evolve(SETTINGS, webhook_secrets=tuple(secrets)))

    def body(self, payment_id: PaymentId, *, ours: bool = True) -> bytes:
        payment = {"id": THEIRS, "notes": {"payment_id": payment_id}}
        return event("payment.captured", account=ACCOUNT if ours else "acc_somebodyelse", payment=payment)

    def signed(self, secret: str, body: bytes, at: datetime) -> dict[str, str]:
        return headers(body, secret)


def test_a_signature_is_as_razorpay_documents_it() -> None:
    body = b'{"entity":"event"}'

    assert is_signed("123456", body, hmac.new(b"123456", body, "sha256").hexdigest())
    assert not is_signed("123456", body, hmac.new(b"123456", body, "sha256").hexdigest().upper())


@pytest.mark.parametrize("kind", ["payment.authorized", "payment.captured", "payment.failed"])
def test_a_payment_is_found_by_our_note_or_by_its_own_name(kind: str) -> None:
    noted = read(event(kind, payment={"id": THEIRS, "notes": {"payment_id": OURS}}))
    bare = read(event(kind, payment={"id": THEIRS, "notes": []}))

    assert (noted.kind, noted.payment_id, noted.payment_reference) == (kind, OURS, THEIRS)
    assert (bare.payment_id, bare.payment_reference) == (None, THEIRS)


@pytest.mark.parametrize("state", ["paid", "cancelled", "expired", "partially_paid"])
def test_a_link_is_found_by_the_reference_that_we_gave_it(state: str) -> None:
    notice = read(event(f"payment_link.{state}", payment_link={"id": "plink_1", "reference_id": OURS, "notes": None}))

    assert (notice.payment_id, notice.payment_reference) == (OURS, "")


def test_an_order_is_found_by_its_receipt() -> None:
    order = {"id": "order_1", "receipt": OURS, "notes": []}

    assert read(event("order.paid", order=order, payment={"id": THEIRS})).payment_id == OURS


@pytest.mark.parametrize("state", ["created", "processed", "failed"])
def test_a_refund_is_found_by_our_note(state: str) -> None:
    refund = {"id": "rfnd_1", "payment_id": THEIRS, "notes": {"refund_id": "ref_0123"}, "receipt": None}
    by_hand = {"id": "rfnd_2", "payment_id": THEIRS, "notes": []}

    ours, theirs = read(event(f"refund.{state}", refund=refund)), read(event(f"refund.{state}", refund=by_hand))

    assert (ours.refund_id, ours.payment_reference) == ("ref_0123", THEIRS)
    assert (theirs.refund_id, theirs.payment_reference) == (None, THEIRS)


@pytest.mark.parametrize("state", ["created", "won", "lost", "closed", "under_review", "action_required"])
def test_a_dispute_names_the_payment_it_is_about(state: str) -> None:
    notice = read(event(f"payment.dispute.{state}", dispute={"id": "disp_1", "payment_id": THEIRS}))

    assert (notice.payment_id, notice.payment_reference) == (None, THEIRS)


@pytest.mark.parametrize(
    "payload", [{}, {"settlement": {"entity": {"id": "setl_1"}}}, {"payment": 1}, {"payment": {"entity": []}}]
)
def test_what_we_do_not_know_is_genuine_and_points_nowhere(payload: Any) -> None:
    said = {"account_id": ACCOUNT, "event": "settlement.processed", "created_at": int(AT.timestamp())}

    notice = read(json.dumps({**said, "payload": payload}).encode())

    assert (notice.kind, notice.payment_id, notice.payment_reference) == ("settlement.processed", None, "")


def test_what_others_sell_through_the_account_is_not_ours() -> None:
    notice = read(
        event("order.paid", order={"receipt": "INV-7", "notes": {"payment_id": "7"}}, payment={"id": "pay/7"})
    )

    assert (notice.payment_id, notice.payment_reference) == (None, "")


def test_what_the_buyers_browser_may_have_noted_counts_last() -> None:
    forged = {"id": THEIRS, "notes": {"payment_id": "pay_ofsomebodyelse"}}

    assert read(event("order.paid", order={"receipt": OURS, "notes": []}, payment=forged)).payment_id == OURS


def test_without_an_account_in_the_settings_the_secret_decides() -> None:
    body = event("payment.captured", account="acc_whoever", payment={"id": THEIRS})

    assert read(body, evolve(SETTINGS, account="")).account == "acc_whoever"
    with pytest.raises(NoticeNotGenuine):
        read(body)


def test_a_message_that_razorpay_repeats_for_a_day_is_still_believed() -> None:
    body = event("payment.captured", payment={"id": THEIRS})

    assert RazorpayNotices(SETTINGS).read(headers(body), body, AT + timedelta(hours=24)).payment_reference == THEIRS


def test_an_empty_secret_is_no_secret() -> None:
    for secrets in ((), ("",), (SECRET, "")):
        with pytest.raises(AssertionError):
            RazorpaySettings("rzp_test_1", "the-key-secret", secrets)


def test_without_the_comparison_the_contract_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = TestRazorpayNotices()
    body = contract.body(PaymentId("pay_1"))
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)

    with pytest.raises(AssertionError):
        contract.test_no_flipped_bit_of_the_body_passes((headers(body), body))
    with pytest.raises(AssertionError):
        contract.test_another_secret_is_refused()


def test_without_the_account_or_the_age_the_contract_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = TestRazorpayNotices()
    body = contract.body(PaymentId("pay_1"))
    monkeypatch.setattr(razorpay_notices, "LATE", timedelta(days=10_000))

    with pytest.raises(AssertionError):
        contract.test_a_message_too_old_or_too_new_is_refused((headers(body), body), timedelta(days=3))
    foreign = contract.body(PaymentId("pay_1"), ours=False)
    assert read(foreign, evolve(SETTINGS, account="")).payment_id == "pay_1", "only the account makes it foreign"
