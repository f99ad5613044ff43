"""What every KeyRing promises."""

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.tickets import file_key_ring, memory_key_ring
from adapters.tickets.base64url import to_base64url
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.key_source import KeySource
from adapters.tickets.private_folder import PrivateFolder
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyRing, KeyState, NoSuchKey
from tests.build_tickets import AT, LATER, shipped, states
from tests.support.seeded_randomness import SeededRandomness

SIGN, SEAL = KeyPurpose.SIGN, KeyPurpose.SEAL
NEXT, ACTIVE, VERIFY_ONLY, REVOKED = KeyState


@pytest.mark.parametrize("purpose", list(KeyPurpose))
class KeyRingContract:
    adapter: ClassVar[str]

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        raise NotImplementedError

    def test_a_new_ring_has_one_active_key(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        assert states(ring.list(), purpose) == {1: ACTIVE}

    def test_the_list_is_by_purpose_and_id(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        ring.rotate(purpose, LATER)
        ring.rotate(purpose, LATER)

        order = [(info.purpose, info.id) for info in ring.list()]

        assert len(order) == 4
        assert order == sorted(order)

    def test_only_signing_keys_have_a_public_half(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        for info in ring.list():
            if info.purpose is SEAL:
                assert info.public is None
            else:
                assert info.public is not None
                assert len(urlsafe_b64decode(info.public + "=")) == 32

    def test_rotation_activates_a_new_key_and_retires_the_old(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        new = ring.rotate(purpose, LATER)

        assert (new.purpose, new.id, new.state, new.created_at, new.in_state_since) == (
            purpose,
            2,
            ACTIVE,
            LATER,
            LATER,
        )
        assert states(ring.list(), purpose) == {1: VERIFY_ONLY, 2: ACTIVE}
        assert new in ring.list()

    def test_rotation_leaves_the_other_purpose_alone(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        others = [info for info in ring.list() if info.purpose is not purpose]

        ring.rotate(purpose, LATER)

        assert len(others) == 1
        assert [info for info in ring.list() if info.purpose is not purpose] == others

    def test_a_prepared_key_is_the_one_that_rotation_activates(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        prepared = ring.prepare(purpose, AT)
        assert (prepared.id, prepared.state) == (2, NEXT)
        assert states(ring.list(), purpose) == {1: ACTIVE, 2: NEXT}
        assert ring.prepare(purpose, LATER) == prepared

        activated = ring.rotate(purpose, LATER)

        assert (activated.id, activated.public) == (prepared.id, prepared.public)
        assert (activated.created_at, activated.in_state_since) == (AT, LATER)

    def test_a_retired_key_can_be_revoked(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        ring.rotate(purpose, LATER)

        gone = ring.revoke(purpose, 1, LATER)

        assert (gone.id, gone.state, gone.in_state_since) == (1, REVOKED, LATER)
        assert states(ring.list(), purpose) == {1: REVOKED, 2: ACTIVE}

    def test_the_active_key_is_rotated_out_before_it_is_revoked(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        gone = ring.revoke(purpose, 1, LATER)

        assert (gone.id, gone.state) == (1, REVOKED)
        assert states(ring.list(), purpose) == {1: REVOKED, 2: ACTIVE}

    def test_a_next_key_can_be_revoked(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        ring.prepare(purpose, AT)

        ring.revoke(purpose, 2, LATER)

        assert states(ring.list(), purpose) == {1: ACTIVE, 2: REVOKED}
        assert ring.rotate(purpose, LATER).id == 3, "an id is never used twice"

    def test_revoking_again_changes_nothing(self, ring: KeyRing, purpose: KeyPurpose) -> None:
        first = ring.revoke(purpose, 1, AT)

        assert ring.revoke(purpose, 1, LATER) == first
        assert states(ring.list(), purpose) == {1: REVOKED, 2: ACTIVE}

    @pytest.mark.parametrize("key_id", [0, 2, -1, 256])
    def test_a_key_that_never_was_cannot_be_revoked(self, ring: KeyRing, purpose: KeyPurpose, key_id: int) -> None:
        before = ring.list()

        with pytest.raises(NoSuchKey):
            ring.revoke(purpose, key_id, LATER)

        assert ring.list() == before

    def test_the_usable_keys_are_those_that_stand(self, ring: StoredKeyRing, purpose: KeyPurpose) -> None:
        ring.rotate(purpose, LATER)
        ring.rotate(purpose, LATER)
        ring.prepare(purpose, LATER)
        ring.revoke(purpose, 1, LATER)

        keys = ring.keys()

        assert set(keys.public_keys if purpose is SIGN else keys.sealing_roots) == {2, 3, 4}
        assert (keys.signing_key_id if purpose is SIGN else keys.sealing_key_id) == 3

    def test_the_signing_key_is_the_private_half_of_the_public_one(
        self, ring: StoredKeyRing, purpose: KeyPurpose
    ) -> None:
        ring.rotate(purpose, LATER)
        keys = ring.keys()

        published = {info.id: info.public for info in ring.list() if info.purpose is SIGN}

        public = keys.signing_key.public_key().public_bytes_raw()
        assert published[keys.signing_key_id] == to_base64url(public)
        assert keys.public_keys[keys.signing_key_id].public_bytes_raw() == public

    def test_no_two_keys_are_alike(self, ring: StoredKeyRing, purpose: KeyPurpose) -> None:
        for _ in range(5):
            ring.rotate(purpose, LATER)
        keys = ring.keys()

        known = keys.public_keys if purpose is SIGN else keys.sealing_roots
        assert len(known) == 6
        raw = [k.public_bytes_raw() for k in keys.public_keys.values()] + list(keys.sealing_roots.values())
        assert len(set(raw)) == len(raw) == 7

    def test_no_secret_shows(self, ring: StoredKeyRing, purpose: KeyPurpose) -> None:
        ring.rotate(purpose, LATER)
        keys = ring.keys()
        secrets = [keys.signing_key.private_bytes_raw(), *keys.sealing_roots.values()]
        assert len(secrets) >= 2

        told = "".join([repr(ring), str(ring), repr(keys), repr(ring._read()), repr(ring.list())])

        for secret in secrets:
            for spelling in (repr(secret)[2:-1], secret.hex(), to_base64url(secret)):
                assert spelling not in told


class TestMemoryKeyRing(KeyRingContract):
    adapter = "memory_key_ring"

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        return memory_key_ring.build(SeededRandomness(), AT)


class TestFileKeyRing(KeyRingContract):
    adapter = "file_key_ring"

    @pytest.fixture
    def ring(self, tmp_path: Path) -> StoredKeyRing:
        return file_key_ring.build(PrivateFolder.open(tmp_path / "keys"), SeededRandomness(), AT)


def test_every_key_ring_runs_the_contract() -> None:
    proven = {suite.adapter for suite in KeyRingContract.__subclasses__()}

    assert proven == shipped(StoredKeyRing) == {"file_key_ring", "memory_key_ring"}


def test_a_stored_ring_fills_both_ports() -> None:
    ring = memory_key_ring.build(SeededRandomness(), AT)
    ports: tuple[KeyRing, KeySource] = (ring, ring)  # mypy is the test

    assert len(ports) == 2


def test_a_key_info_has_no_room_for_a_secret() -> None:
    fields = {field.name for field in KeyInfo.__attrs_attrs__}

    assert fields == {"purpose", "id", "state", "created_at", "in_state_since", "public"}
