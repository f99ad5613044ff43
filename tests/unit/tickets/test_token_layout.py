from datetime import UTC, datetime, timedelta

import pytest
from base45 import b45encode
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.tickets import door, token_layout
from adapters.tickets.door import verify_door_part
from adapters.tickets.token_layout import TOKEN_BYTES, DoorPart
from domain.ids import AccountId, BookingId, EventId, TicketId, make_id
from domain.ticket_code import CodeKind, CodeMalformed, TicketCode
from tests.build_tickets import EVENT, group_code, ring_and_sealer, ticket_code

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RAW_IDS = st.binary(min_size=16, max_size=16)
INSTANTS = st.integers(0, 2**32 - 1).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
RING, SEALER = ring_and_sealer()


@st.composite
def codes(draw: st.DrawFn) -> TicketCode:
    kind = draw(st.sampled_from(CodeKind))
    booking = BookingId(make_id("bkg", draw(RAW_IDS)))
    return TicketCode(
        kind=kind,
        event_id=EventId(make_id("evt", draw(RAW_IDS))),
        subject=booking if kind is CodeKind.GROUP else TicketId(make_id("tkt", draw(RAW_IDS))),
        admits=draw(st.integers(1, 255)),
        generation=draw(st.integers(1, 255)),
        valid_from=draw(INSTANTS),
        valid_until=draw(INSTANTS),
        booking_id=booking,
        account_id=AccountId(make_id("acc", draw(RAW_IDS))),
    )


@given(codes())
def test_every_code_survives_the_round_trip(code: TicketCode) -> None:
    token = SEALER.seal(code)

    assert len(token) == 243
    assert SEALER.open(token, code.event_id) == code
    assert token_layout.spell(token_layout.read(token)) == token


@given(codes())
def test_a_door_reads_what_the_server_wrote(code: TicketCode) -> None:
    read = verify_door_part(SEALER.seal(code), code.event_id, door.public_keys(RING.list()))

    assert read == DoorPart(
        kind=code.kind,
        signing_key_id=1,
        sealing_key_id=1,
        event_tag=token_layout.event_tag(code.event_id),
        subject=code.subject,
        admits=code.admits,
        generation=code.generation,
        valid_from=code.valid_from,
        valid_until=code.valid_until,
    )


@given(st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES))
@example(bytes(TOKEN_BYTES))
@example(b"\xff" * TOKEN_BYTES)
def test_all_bytes_have_exactly_one_spelling(raw: bytes) -> None:
    token = token_layout.spell(raw)

    assert token_layout.read(token) == raw


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:a\n", min_size=243, max_size=243))
@example("FGW" * 81)
@example("GGW" * 81)
@example("V50W50\n" + "0" * 236)
@example("0" * 242 + "\n")
def test_a_text_is_read_only_if_it_is_what_would_be_written(text: str) -> None:
    try:
        raw = token_layout.read(text)
    except CodeMalformed:
        return
    assert token_layout.spell(raw) == text


def test_the_highest_group_of_base45_is_read_and_the_next_is_not() -> None:
    assert token_layout.read("FGW" * 81) == b"\xff" * 162

    with pytest.raises(CodeMalformed):
        token_layout.read("GGW" + "FGW" * 80)


@pytest.mark.parametrize("length", [*range(1, 162), 163, 164, 324])
def test_only_one_length_is_read(length: int) -> None:
    with pytest.raises(CodeMalformed):
        token_layout.read(b45encode(bytes(length)).decode())


def test_tokens_begin_alike_and_never_with_a_space() -> None:
    assert SEALER.seal(ticket_code()).startswith("V50")
    assert SEALER.seal(group_code()).startswith("W50")


def test_the_shared_prefix_of_two_events_is_their_tag() -> None:
    twin = EventId(make_id("evt", token_layout.event_tag(EVENT) + bytes(8)))

    assert twin != EVENT
    assert token_layout.event_tag(twin) == token_layout.event_tag(EVENT)
