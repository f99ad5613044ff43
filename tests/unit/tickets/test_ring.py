from datetime import datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from adapters.tickets.ring import Ring, RingKey
from application.ports.ticket_codes import KeyIdsUsedUp, KeyPurpose, KeyState
from domain.errors import InvalidValue
from tests.build_tickets import AT, LATER, states
from tests.support.seeded_randomness import SeededRandomness

SIGN, SEAL = KeyPurpose.SIGN, KeyPurpose.SEAL
NEXT, ACTIVE, VERIFY_ONLY, REVOKED = KeyState
CHANCE = SeededRandomness().token_bytes
PURPOSES = st.sampled_from(KeyPurpose)


def first() -> Ring:
    return Ring.first(AT, CHANCE)


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_the_ids_end_at_255_and_are_never_used_again(purpose: KeyPurpose) -> None:
    ring = first()
    for _ in range(254):
        ring = ring.rotated(purpose, LATER, CHANCE)
    assert states(ring.infos(), purpose)[255] is ACTIVE

    for refused in (ring.rotated, ring.prepared):
        with pytest.raises(KeyIdsUsedUp):
            refused(purpose, LATER, CHANCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 0},
        {"id": 256},
        {"id": "1"},
        {"secret": None},
        {"secret": b"short"},
        {"secret": bytes(32)},
        {"public": None},
        {"public": bytes(32)},
        {"state": VERIFY_ONLY},
        {"purpose": SEAL},
        {"created_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - naive on purpose
    ],
)
def test_a_key_that_makes_no_sense_cannot_be(changes: dict[str, Any]) -> None:
    key = first().the(ACTIVE, SIGN)

    with pytest.raises((InvalidValue, ValueError, TypeError)):
        evolve(key, **changes)


def test_a_ring_has_one_active_key_of_each_purpose() -> None:
    sign, seal = first().the(ACTIVE, SIGN), first().the(ACTIVE, SEAL)
    second = RingKey.make(SIGN, 2, ACTIVE, AT, CHANCE(32))
    nexts = (RingKey.make(SIGN, 3, NEXT, AT, CHANCE(32)), RingKey.make(SIGN, 4, NEXT, AT, CHANCE(32)))
    assert Ring((sign, seal)).keys == (sign, seal)

    for keys in [(), (sign,), (seal,), (sign, seal, second), (sign, seal, seal), (sign, seal, *nexts)]:
        with pytest.raises(InvalidValue):
            Ring(keys)


class RingLife(RuleBasedStateMachine):
    """Whatever is done to a ring, it can seal, and what was revoked stays so."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = first()
        self.revoked: set[tuple[KeyPurpose, int]] = set()

    @rule(purpose=PURPOSES)
    def prepare(self, purpose: KeyPurpose) -> None:
        self.ring = self.ring.prepared(purpose, LATER, CHANCE)

    @rule(purpose=PURPOSES)
    def rotate(self, purpose: KeyPurpose) -> None:
        self.ring = self.ring.rotated(purpose, LATER, CHANCE)

    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.ring.keys))
        self.ring = self.ring.revoked(key.purpose, key.id, LATER, CHANCE)
        self.revoked.add((key.purpose, key.id))

    @invariant()
    def it_can_seal(self) -> None:
        keys = self.ring.usable()
        assert keys.signing_key.public_key() == keys.public_keys[keys.signing_key_id]
        assert keys.sealing_key_id in keys.sealing_roots

    @invariant()
    def revoked_keys_are_gone_for_good(self) -> None:
        assert {(key.purpose, key.id) for key in self.ring.keys if key.state is REVOKED} == self.revoked
        assert not any(key.secret for key in self.ring.keys if key.state is REVOKED)

    @invariant()
    def every_other_key_opens(self) -> None:
        keys = self.ring.usable()
        usable = {(SIGN, key_id) for key_id in keys.public_keys} | {(SEAL, key_id) for key_id in keys.sealing_roots}
        assert usable == {(key.purpose, key.id) for key in self.ring.keys} - self.revoked

    @invariant()
    def ids_count_up(self) -> None:
        for purpose in KeyPurpose:
            ids = [key.id for key in self.ring.keys if key.purpose is purpose]
            assert ids == list(range(1, len(ids) + 1))


TestRingLife = RingLife.TestCase
TestRingLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
