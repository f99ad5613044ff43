"""The contract of a notice reader on the sandbox's, and the published vector of its signature."""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from adapters.payments.sandbox_gateway import SandboxGateway
from adapters.payments.sandbox_line import SandboxGatewaySettings, SandboxLine
from adapters.payments.standard_webhooks import BadSecret, new_secret, signed_headers, signing_key, verify
from application.ports.payment_gateway import NoticeNotGenuine, NoticeReader
from domain.ids import PaymentId
from tests.contracts.notice_reader import AT, NoticeReaderContract

SECRET = new_secret(b"a secret of twenty-four b")


class TestSandboxNotices(NoticeReaderContract):
    adapter = "sandbox"
    signature_headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
    secrets = (SECRET, new_secret(b"another secret, just as long"))

    def reader(self, secrets: Sequence[str]) -> NoticeReader:
        settings = SandboxGatewaySettings("http://127.0.0.1:9", "key", "http://127.0.0.1:9/hook", tuple(secrets))
        return SandboxGateway(settings, SandboxLine(settings))  # Reading a notice asks nobody.

    def body(self, payment_id: PaymentId, *, ours: bool = True) -> bytes:
        account = "sandbox" if ours else "somebody-else"
        return json.dumps(
            {"type": "payment.captured", "account": account, "data": {"payment_id": payment_id, "amount_minor": 1}}
        ).encode()

    def signed(self, secret: str, body: bytes, at: datetime) -> dict[str, str]:
        return signed_headers(secret, "msg_1", body, at)


def test_the_published_vector_holds() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed_headers(SECRET, "msg_1", b"{}", AT)
    headers["webhook-signature"] = f"v1a,AAAA v1,AAAA {headers['webhook-signature']}"

    assert verify([SECRET], headers, b"{}", AT) == "msg_1"


@pytest.mark.parametrize("written", ["+{}", " {}", "{} ", "0{}", "{}.0", "{}\n", "-{}"])
def test_a_timestamp_has_one_spelling(written: str) -> None:
    headers = signed_headers(SECRET, "msg_1", b"{}", AT)
    headers["webhook-timestamp"] = written.format(headers["webhook-timestamp"])

    with pytest.raises(NoticeNotGenuine):
        verify([SECRET], headers, b"{}", AT)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_!", SECRET.removeprefix("whsec_"), SECRET + "é"])
def test_a_bad_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(BadSecret) as refusal:
        signing_key(secret)

    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refusal.value)


def test_without_the_comparison_the_contract_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = TestSandboxNotices()
    body = contract.body(PaymentId("pay_1"))
    message = (contract.signed(SECRET, body, AT), body)
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)

    with pytest.raises(AssertionError):
        contract.test_no_flipped_bit_of_the_body_passes(message)
    with pytest.raises(AssertionError):
        contract.test_another_secret_is_refused()


@pytest.mark.parametrize("kind", ["dispute.opened", "refund.succeeded", "payment.authorised"])
def test_what_is_done_by_hand_is_told_by_the_sandboxs_own_name(kind: str) -> None:
    contract = TestSandboxNotices()
    data = {"payment_id": None, "payment_reference": "sbx_pay_1", "refund_reference": "sbx_ref_1"}
    body = json.dumps({"type": kind, "account": "sandbox", "data": data}).encode()

    notice = contract.reader([SECRET]).read(contract.signed(SECRET, body, AT), body, AT)

    assert (notice.kind, notice.payment_id, notice.refund_id) == (kind, None, None)
    assert notice.payment_reference == "sbx_pay_1"
