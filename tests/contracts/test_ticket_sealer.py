"""What every TicketSealer promises, over every key ring that it may be given."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import evolve
from base45 import b45decode

from adapters.tickets import file_key_ring, memory_key_ring, sealer
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.private_folder import PrivateFolder
from application.ports.ticket_codes import KeyPurpose, TicketSealer
from domain.errors import InvalidValue
from domain.ids import BookingId, TicketId, id_bytes
from domain.ticket_code import CodeForOtherEvent, CodeKeyRevoked, CodeMalformed, TicketCode
from tests.build_tickets import (
    AT,
    EVENT,
    LATER,
    OTHER_EVENT,
    group_code,
    numbered_id,
    shipped,
    ticket_code,
)
from tests.support.seeded_randomness import SeededRandomness


class TicketSealerContract:
    adapter: ClassVar[str]
    """The key ring below the sealer."""

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        raise NotImplementedError

    @pytest.fixture
    def sealer(self, ring: StoredKeyRing) -> TicketSealer:
        raise NotImplementedError

    @pytest.mark.parametrize("code", [ticket_code(), group_code()], ids=["ticket", "group"])
    def test_a_code_comes_back_as_it_was_sealed(self, sealer: TicketSealer, code: TicketCode) -> None:
        assert sealer.open(sealer.seal(code), EVENT) == code

    def test_a_token_fits_the_qr_code_it_was_measured_for(self, sealer: TicketSealer) -> None:
        token = sealer.seal(ticket_code())

        assert len(token) == 243
        assert set(token) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
        assert token == token.strip(), "a trimmed text is still the token"

    def test_two_seals_of_one_code_differ(self, sealer: TicketSealer) -> None:
        assert sealer.seal(ticket_code()) != sealer.seal(ticket_code())

    def test_a_token_does_not_show_who_holds_it(self, sealer: TicketSealer) -> None:
        code = ticket_code()

        raw = b45decode(sealer.seal(code))

        assert id_bytes(code.subject) in raw
        assert id_bytes(code.booking_id) not in raw
        assert id_bytes(code.account_id) not in raw

    def test_a_fraction_of_a_second_widens_the_window(self, sealer: TicketSealer) -> None:
        start = datetime(2026, 11, 22, 10, 30, 0, 900_000, tzinfo=UTC)
        end = start + timedelta(hours=1)

        code = sealer.open(sealer.seal(ticket_code(valid_from=start, valid_until=end)), EVENT)

        assert code.valid_from == start.replace(microsecond=0)
        assert code.valid_until == end.replace(microsecond=0) + timedelta(seconds=1)

    @pytest.mark.parametrize(
        "code",
        [
            ticket_code(subject=BookingId(numbered_id("bkg", 1))),
            ticket_code(subject=TicketId("tkt_short")),
            ticket_code(valid_from=datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
            ticket_code(valid_until=datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC)),
            evolve(group_code(1), booking_id=BookingId(numbered_id("bkg", 2))),
        ],
        ids=["booking as ticket", "no identifier", "too early", "too late", "other booking's group"],
    )
    def test_what_cannot_be_spelt_is_not_sealed(self, sealer: TicketSealer, code: TicketCode) -> None:
        with pytest.raises(InvalidValue):
            sealer.seal(code)

    def test_the_last_second_that_can_be_spelt_is_sealed(self, sealer: TicketSealer) -> None:
        code = ticket_code(valid_until=datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC))

        assert sealer.open(sealer.seal(code), EVENT) == code

    def test_a_code_for_another_event_is_refused_as_such(self, sealer: TicketSealer) -> None:
        with pytest.raises(CodeForOtherEvent):
            sealer.open(sealer.seal(ticket_code()), OTHER_EVENT)

    @pytest.mark.parametrize("text", ["", "V", "no token at all", "0" * 243, " " * 243, "V50W50" * 200_000])
    def test_a_text_that_is_no_token_is_malformed(self, sealer: TicketSealer, text: str) -> None:
        with pytest.raises(CodeMalformed):
            sealer.open(text, EVENT)

    @pytest.mark.parametrize("purpose", list(KeyPurpose))
    def test_old_tokens_open_after_a_rotation_and_not_after_a_revocation(
        self, sealer: TicketSealer, ring: StoredKeyRing, purpose: KeyPurpose
    ) -> None:
        old = sealer.seal(ticket_code(1))
        ring.rotate(purpose, LATER)
        new = sealer.seal(ticket_code(2))

        assert sealer.open(old, EVENT) == ticket_code(1)
        assert sealer.open(new, EVENT) == ticket_code(2)

        ring.revoke(purpose, 1, LATER)

        with pytest.raises(CodeKeyRevoked):
            sealer.open(old, EVENT)
        assert sealer.open(new, EVENT) == ticket_code(2)

    @pytest.mark.parametrize("purpose", list(KeyPurpose))
    def test_revoking_the_active_key_leaves_a_sealer_that_works(
        self, sealer: TicketSealer, ring: StoredKeyRing, purpose: KeyPurpose
    ) -> None:
        old = sealer.seal(ticket_code())

        ring.revoke(purpose, 1, LATER)

        with pytest.raises(CodeKeyRevoked):
            sealer.open(old, EVENT)
        assert sealer.open(sealer.seal(ticket_code()), EVENT) == ticket_code()

    def test_a_sealer_tells_no_secret_of_itself(self, sealer: TicketSealer, ring: StoredKeyRing) -> None:
        sealer.open(sealer.seal(ticket_code()), EVENT)

        told = repr(sealer) + repr(ring.keys())

        keys = ring.keys()
        for secret in [keys.signing_key.private_bytes_raw(), *keys.sealing_roots.values()]:
            assert repr(secret)[2:-1] not in told
            assert secret.hex() not in told


class TestSealerOverMemoryKeyRing(TicketSealerContract):
    adapter = "memory_key_ring"

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        return memory_key_ring.build(SeededRandomness(), AT)

    @pytest.fixture
    def sealer(self, ring: StoredKeyRing) -> TicketSealer:
        return sealer.build(ring, SeededRandomness(2))


class TestSealerOverFileKeyRing(TicketSealerContract):
    adapter = "file_key_ring"

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        return file_key_ring.build(PrivateFolder.open(tmp_path / "keys"), SeededRandomness(), AT)

    @pytest.fixture
    def sealer(self, ring: StoredKeyRing) -> TicketSealer:
        return sealer.build(ring, SeededRandomness(2))


def test_the_sealer_is_proven_over_every_key_ring() -> None:
    assert shipped(TicketSealer) == {"sealer"}
    assert {suite.adapter for suite in TicketSealerContract.__subclasses__()} == shipped(StoredKeyRing)
