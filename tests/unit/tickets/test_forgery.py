"""Nobody without our keys makes a token that opens. Each guard is switched off once, to see that it is missed."""

from collections import Counter
from itertools import product

import pytest
from base45 import b45decode, b45encode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.tickets import door, ring, token_layout
from adapters.tickets.door import verify_door_part
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.sealed_part import EventSealKeys
from application.ports.ticket_codes import KeyPurpose, TicketSealer
from domain.errors import InvalidValue
from domain.ids import EventId
from domain.ticket_code import CodeForged, CodeForOtherEvent, CodeKeyRevoked, CodeMalformed
from tests.build_tickets import EVENT, LATER, OTHER_EVENT, group_code, ring_and_sealer, ticket_code
from tests.unit.tickets.token_mutants import Open, mutants, refusals, single_bit_flips

FAST_COUNT = 5_000
FULL_COUNT = 100_000


def opener(sealer: TicketSealer, event_id: EventId = EVENT) -> Open:
    return lambda token: sealer.open(token, event_id)


def two_key_world() -> tuple[StoredKeyRing, TicketSealer, list[str]]:
    """Tokens under each pair of keys 1 and 2; the third pair was revoked."""
    keys, sealer = ring_and_sealer()
    tokens = [sealer.seal(ticket_code(1)), sealer.seal(group_code(2))]
    for purpose in KeyPurpose:
        keys.rotate(purpose, LATER)
        tokens.append(sealer.seal(ticket_code(3)))
    for purpose in KeyPurpose:
        keys.rotate(purpose, LATER)
        keys.revoke(purpose, 3, LATER)
    tokens.extend(sealer.seal(ticket_code(number)) for number in range(4, 9))
    return keys, sealer, tokens


def resigned(token: str, at: int, signing_key: Ed25519PrivateKey) -> str:
    """A changed token, signed again by a thief of the signing key."""
    raw = bytearray(b45decode(token)[:98])
    raw[at] ^= 1
    text: str = b45encode(bytes(raw) + signing_key.sign(bytes(raw))).decode()
    return text


def check_all_refused(count: int, seed: int) -> Counter[str]:
    _, sealer, tokens = two_key_world()
    assert all(sealer.open(token, EVENT) for token in tokens), "the originals open"

    seen = refusals(opener(sealer), mutants(tokens, count, seed))

    assert seen.total() == count
    assert seen["accepted"] == 0
    return seen


def test_mutants_are_refused_at_every_gate() -> None:
    seen = check_all_refused(FAST_COUNT, seed=1)

    # Most must get as far as the signature, or the test would only prove that base45 is picky.
    assert seen["code_forged"] > FAST_COUNT // 2
    assert min(seen[code] for code in ("code_malformed", "code_for_other_event", "code_key_revoked")) > 100


@pytest.mark.slow
def test_not_one_of_many_mutants_opens() -> None:
    assert check_all_refused(FULL_COUNT, seed=2)["code_forged"] > FULL_COUNT // 2


def test_every_single_bit_counts_and_is_refused_by_the_first_check_that_can() -> None:
    _, sealer = ring_and_sealer()
    refused: dict[type[Exception], list[int]] = {}

    for bit, token in single_bit_flips(sealer.seal(ticket_code(admits=3, generation=3))):
        with pytest.raises((CodeMalformed, CodeForOtherEvent, CodeKeyRevoked, CodeForged)) as caught:
            sealer.open(token, EVENT)
        refused.setdefault(caught.type, []).append(bit)

    assert sum(map(len, refused.values())) == 1_296
    # Flags bit 0 turns a ticket into a group; only the signature tells.
    assert refused[CodeMalformed] == [*range(8), *range(9, 16)]
    assert refused[CodeKeyRevoked] == list(range(16, 32))
    assert refused[CodeForOtherEvent] == list(range(32, 96))
    assert refused[CodeForged] == [8, *range(96, 1_296)]


def test_without_the_signature_check_mutants_open(monkeypatch: pytest.MonkeyPatch) -> None:
    _, sealer, tokens = two_key_world()
    monkeypatch.setattr(door, "_check_signature", lambda _key, _raw: None)

    seen = refusals(opener(sealer), mutants(tokens, 1_000, seed=3))

    assert seen["accepted"] > 10, "a broken signature check must not go unnoticed"


def test_a_stolen_signing_key_alone_makes_no_token() -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code(admits=2, generation=2))

    forged = (resigned(token, at, keys.keys().signing_key) for at in range(12, 98))

    assert refusals(opener(sealer), forged) == {"code_forged": 86}


def test_without_the_seal_check_a_stolen_signing_key_makes_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code(admits=2, generation=2))
    monkeypatch.setattr(EventSealKeys, "_check_tag", lambda _self, _authenticated, _tag: None)

    forged = (resigned(token, at, keys.keys().signing_key) for at in range(12, 98))

    assert refusals(opener(sealer), forged) == {"accepted": 86}


def test_the_stolen_sealing_key_alone_makes_no_token() -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code())
    thief_keys, _ = ring_and_sealer(seed=9)
    stolen = thief_keys._read()
    assert stolen.usable().sealing_roots != keys.keys().sealing_roots

    # The thief seals with our roots and signs with a key of their own.
    ours = EventSealKeys.derive(keys.keys().sealing_roots[1], token_layout.bytes_of("evt", EVENT))
    raw = b45decode(token)
    door_part = raw[:28] + b"\xff" + raw[29:38]
    signed = door_part + ours.seal(door_part, bytes(12), bytes(32))
    forged: str = b45encode(signed + stolen.usable().signing_key.sign(signed)).decode()

    with pytest.raises(CodeForged):
        sealer.open(forged, EVENT)
    rightly_signed: str = b45encode(signed + keys.keys().signing_key.sign(signed)).decode()
    assert sealer.open(rightly_signed, EVENT).admits == 255, "only the signature was missing"


def other_spellings(token: str) -> list[str]:
    return [token.lower(), token.title(), token.swapcase()]


def test_a_lenient_decoder_would_still_give_one_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    _, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code())
    monkeypatch.setattr(token_layout, "b45decode", lambda text: b45decode(text.upper()))

    assert sealer.open(token, EVENT) == ticket_code()
    assert refusals(opener(sealer), iter(other_spellings(token))) == {"code_malformed": 3}


def test_without_the_spelling_check_a_lenient_decoder_opens_them(monkeypatch: pytest.MonkeyPatch) -> None:
    _, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code())
    monkeypatch.setattr(token_layout, "b45decode", lambda text: b45decode(text.upper()))
    monkeypatch.setattr(token_layout, "_refuse_other_spellings", lambda _token, _raw: None)

    assert refusals(opener(sealer), iter(other_spellings(token))) == {"accepted": 3}


def test_without_the_length_check_a_line_feed_would_make_a_second_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    # The base45 package drops line feeds at the end: either guard of ours stops that, and without both it opens.
    _, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code()) + "\n"
    with pytest.raises(CodeMalformed):
        sealer.open(token, EVENT)

    monkeypatch.setattr(token_layout, "_refuse_other_lengths", lambda _token: None)
    with pytest.raises(CodeMalformed):
        sealer.open(token, EVENT)

    monkeypatch.setattr(token_layout, "_refuse_other_spellings", lambda _token, _raw: None)
    assert sealer.open(token, EVENT) == ticket_code()


def test_without_the_event_check_a_door_lets_in_another_events_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code(event_id=OTHER_EVENT))
    public_keys = keys.keys().public_keys
    with pytest.raises(CodeForOtherEvent):
        verify_door_part(token, EVENT, public_keys)

    monkeypatch.setattr(door, "_check_event", lambda _door, _event: None)

    assert verify_door_part(token, EVENT, public_keys).admits == 1
    with pytest.raises(CodeForged):
        sealer.open(token, EVENT)  # The server has a second guard: its seal keys differ for each event.


def test_without_the_revocation_check_a_withdrawn_key_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code())
    keys.revoke(KeyPurpose.SIGN, 1, LATER)
    with pytest.raises(CodeKeyRevoked):
        sealer.open(token, EVENT)

    monkeypatch.setattr(ring, "stands", lambda _key: True)
    keys.rotate(KeyPurpose.SEAL, LATER)

    assert sealer.open(token, EVENT) == ticket_code()


@pytest.mark.parametrize(("kind", "door_is_told"), list(product(KeyPurpose, [True, False])))
def test_a_door_refuses_withdrawn_keys_as_far_as_it_was_told(kind: KeyPurpose, door_is_told: bool) -> None:
    keys, sealer = ring_and_sealer()
    token = sealer.seal(ticket_code())
    keys.revoke(kind, 1, LATER)
    sealing = door.sealing_key_ids(keys.list()) if door_is_told else None

    def enter() -> object:
        return verify_door_part(token, EVENT, door.public_keys(keys.list()), sealing)

    if kind is KeyPurpose.SEAL and not door_is_told:
        assert enter() == verify_door_part(token, EVENT, keys.keys().public_keys)
    else:
        with pytest.raises(CodeKeyRevoked):
            enter()


def test_a_wrong_event_of_the_caller_is_not_the_tokens_fault() -> None:
    _, sealer = ring_and_sealer()

    with pytest.raises(InvalidValue):
        sealer.open(sealer.seal(ticket_code()), EventId("evt_typo"))
