"""What every reader of notices promises: nothing is believed that the provider did not sign, just now, for us."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from application.ports.payment_gateway import Notice, NoticeNotGenuine, NoticeReader
from domain.ids import PaymentId

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def flips(text: bytes) -> Iterator[bytes]:
    """The text with each single bit flipped."""
    for place in range(len(text)):
        for bit in range(8):
            flipped = bytearray(text)
            flipped[place] ^= 1 << bit
            yield bytes(flipped)


class NoticeReaderContract:
    """A subclass says how its provider signs."""

    adapter: ClassVar[str]
    signature_headers: ClassVar[Sequence[str]]
    """All headers that the verdict depends on, and in which no bit may differ."""
    unsigned_headers: ClassVar[Sequence[str]] = ()
    """Headers that must be there and make sense, though the provider does not sign them."""
    late: ClassVar[timedelta] = timedelta(seconds=300)
    """How old a message may be: more than a moment only where the provider sends an old message again as it was."""
    early: ClassVar[timedelta] = timedelta(seconds=300)
    """How far a message may be ahead of our clock."""
    secrets: ClassVar[tuple[str, str]]
    """Two good secrets: the one in use, and one that has nothing to do with it."""

    def reader(self, secrets: Sequence[str]) -> NoticeReader:
        """A reader for our own account."""
        raise NotImplementedError

    def body(self, payment_id: PaymentId, *, ours: bool = True) -> bytes:
        """A notice about a payment, of our account or a foreign one."""
        raise NotImplementedError

    def signed(self, secret: str, body: bytes, at: datetime) -> dict[str, str]:
        """The headers with which the provider sends it at that instant."""
        raise NotImplementedError

    @pytest.fixture
    def message(self) -> tuple[dict[str, str], bytes]:
        body = self.body(PaymentId("pay_1"))
        return self.signed(self.secrets[0], body, AT), body

    def refuses(self, headers: Mapping[str, str], body: bytes, at: datetime = AT) -> bool:
        """Whether it is refused. Anything but NoticeNotGenuine is a crash, and fails the test."""
        try:
            self.reader(self.secrets[:1]).read(headers, body, at)
        except NoticeNotGenuine:
            return True
        return False

    def test_a_genuine_notice_is_read(self, message: tuple[dict[str, str], bytes]) -> None:
        notice = self.reader(self.secrets[:1]).read(*message, AT)

        assert isinstance(notice, Notice)
        assert notice.id
        assert notice.kind
        assert notice.payment_id == "pay_1"

    def test_every_delivery_of_a_notice_has_one_id(self, message: tuple[dict[str, str], bytes]) -> None:
        reader = self.reader(self.secrets[:1])

        assert reader.read(*message, AT) == reader.read(*message, AT + timedelta(seconds=1))

    def test_no_flipped_bit_of_the_body_passes(self, message: tuple[dict[str, str], bytes]) -> None:
        headers, body = message

        assert all(self.refuses(headers, flipped) for flipped in flips(body))

    def test_no_flipped_bit_of_a_header_passes(self, message: tuple[dict[str, str], bytes]) -> None:
        headers, body = message

        for name in self.signature_headers:
            for flipped in flips(headers[name].encode()):
                assert self.refuses(headers | {name: flipped.decode("latin-1")}, body), (name, flipped)

    def test_no_cut_or_grown_message_passes(self, message: tuple[dict[str, str], bytes]) -> None:
        headers, body = message

        assert all(self.refuses(headers, body[:length]) for length in range(len(body)))
        assert all(self.refuses(headers, grown) for grown in (body + b" ", body + b"\n", b" " + body, body + body))

    def test_a_missing_empty_or_strange_header_is_refused(self, message: tuple[dict[str, str], bytes]) -> None:
        headers, body = message

        for name in (*self.signature_headers, *self.unsigned_headers):
            without = {other: value for other, value in headers.items() if other != name}
            assert self.refuses(without, body)
            for strange in ("", " ", ".", "é", "\x00", "\udcff", "0", "9" * 5000, "v1," * 5000):
                assert self.refuses(headers | {name: strange}, body), (name, strange)

    def test_the_clocks_may_differ_by_the_tolerance(self, message: tuple[dict[str, str], bytes]) -> None:
        assert not self.refuses(*message, AT + self.late)
        assert not self.refuses(*message, AT - self.early)

    @pytest.mark.parametrize("beyond", [A_SECOND, timedelta(days=3)])
    def test_a_message_too_old_or_too_new_is_refused(
        self, message: tuple[dict[str, str], bytes], beyond: timedelta
    ) -> None:
        assert self.refuses(*message, AT + self.late + beyond)
        assert self.refuses(*message, AT - self.early - beyond)

    def test_another_secret_is_refused(self) -> None:
        body = self.body(PaymentId("pay_1"))

        assert self.refuses(self.signed(self.secrets[1], body, AT), body)

    def test_an_old_secret_is_accepted_while_it_is_listed(self) -> None:
        old, new = self.secrets
        body = self.body(PaymentId("pay_1"))
        by_old, by_new = self.signed(old, body, AT), self.signed(new, body, AT)

        both = self.reader([new, old])

        assert both.read(by_old, body, AT).payment_id == both.read(by_new, body, AT).payment_id
        with pytest.raises(NoticeNotGenuine):
            self.reader([new]).read(by_old, body, AT)

    def test_a_foreign_account_is_refused(self) -> None:
        body = self.body(PaymentId("pay_1"), ours=False)

        assert self.refuses(self.signed(self.secrets[0], body, AT), body)

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 50_000, b'{"type":1}', b"1" * 70_000])
    def test_signed_nonsense_is_refused(self, body: bytes) -> None:
        assert self.refuses(self.signed(self.secrets[0], body, AT), body)

    def test_no_refusal_or_repr_tells_a_secret(self, message: tuple[dict[str, str], bytes]) -> None:
        reader = self.reader(self.secrets)
        headers, body = message

        with pytest.raises(NoticeNotGenuine) as refusal:
            reader.read(headers, body + b" ", AT)

        told = repr(reader) + repr(refusal.value) + str(refusal.value)
        assert not any(secret.removeprefix("whsec_") in told for secret in self.secrets)
