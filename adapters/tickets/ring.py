"""The life of ticket keys, without saying where they are kept."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Self

from attrs import evolve, field, frozen
from attrs.validators import ge, instance_of, le
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.tickets.base64url import to_base64url
from adapters.tickets.key_source import SECRET_KEY_BYTES, TicketKeys
from application.ports.ticket_codes import KeyIdsUsedUp, KeyInfo, KeyPurpose, KeyState, NoSuchKey
from domain.errors import InvalidValue
from domain.time import is_aware

KEY_ID_MAX: Final = 255

_KEEPS_SECRET: Final = {
    # A retired signing key only verifies, and its public half does that. A retired sealing key still has to open.
    KeyPurpose.SIGN: {KeyState.NEXT, KeyState.ACTIVE},
    KeyPurpose.SEAL: {KeyState.NEXT, KeyState.ACTIVE, KeyState.VERIFY_ONLY},
}


def public_half(purpose: KeyPurpose, secret: bytes) -> bytes | None:
    """The Ed25519 public key of a signing secret; a sealing secret has none."""
    if purpose is KeyPurpose.SEAL:
        return None
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _is_key_or_none(_instance: object, attribute: Any, value: bytes | None) -> None:
    if value is not None and len(value) != SECRET_KEY_BYTES:
        # The value is not repeated: it may be half of a secret.
        raise InvalidValue(f"{attribute.name} is not a key of {SECRET_KEY_BYTES} bytes")


@frozen
class RingKey:
    """One key. It holds its secret only while its state has a use for it."""

    purpose: KeyPurpose
    id: int = field(validator=[instance_of(int), ge(1), le(KEY_ID_MAX)])
    state: KeyState
    created_at: datetime = field(validator=is_aware)
    in_state_since: datetime = field(validator=is_aware)
    public: bytes | None = field(validator=_is_key_or_none, repr=False)
    secret: bytes | None = field(validator=_is_key_or_none, repr=False)

    def __attrs_post_init__(self) -> None:
        name = f"{self.purpose} key {self.id}"
        if (self.secret is not None) != (self.state in _KEEPS_SECRET[self.purpose]):
            raise InvalidValue(f"{name} is {self.state}, and its secret is missing or should be gone")
        if (self.public is not None) != (self.purpose is KeyPurpose.SIGN):
            raise InvalidValue(f"{name} has no public key or should have none")
        if self.secret is not None and public_half(self.purpose, self.secret) != self.public:
            raise InvalidValue(f"{name} has two halves that do not belong together")

    @classmethod
    def make(cls, purpose: KeyPurpose, key_id: int, state: KeyState, at: datetime, secret: bytes) -> Self:
        return cls(purpose, key_id, state, at, at, public_half(purpose, secret), secret)

    def moved_to(self, state: KeyState, at: datetime) -> Self:
        """The same key in another state, without its secret if that has no more use."""
        keeps = state in _KEEPS_SECRET[self.purpose]
        return evolve(self, state=state, in_state_since=at, secret=self.secret if keeps else None)

    def info(self) -> KeyInfo:
        """What may be told of it."""
        public = None if self.public is None else to_base64url(self.public)
        return KeyInfo(self.purpose, self.id, self.state, self.created_at, self.in_state_since, public)


def _one_active_each(_instance: object, _attribute: Any, keys: tuple[RingKey, ...]) -> None:
    if len({(key.purpose, key.id) for key in keys}) != len(keys):
        raise InvalidValue("two keys of one purpose have the same id")
    states = Counter((key.purpose, key.state) for key in keys)
    for purpose in KeyPurpose:
        if states[purpose, KeyState.ACTIVE] != 1 or states[purpose, KeyState.NEXT] > 1:
            raise InvalidValue(f"there must be one active {purpose} key, and at most one next")


MakeSecret = Callable[[int], bytes]
"""That many random bytes: Randomness.token_bytes."""


@frozen
class Ring:
    """All ticket keys at one moment. A transition returns a new ring, so nobody sees one half changed."""

    keys: tuple[RingKey, ...] = field(validator=_one_active_each)

    @classmethod
    def first(cls, at: datetime, make_secret: MakeSecret) -> Self:
        """One active key of each purpose."""
        return cls(
            tuple(
                RingKey.make(purpose, 1, KeyState.ACTIVE, at, make_secret(SECRET_KEY_BYTES)) for purpose in KeyPurpose
            )
        )

    def infos(self) -> tuple[KeyInfo, ...]:
        """Every key by purpose and id."""
        return tuple(key.info() for key in sorted(self.keys, key=lambda key: (key.purpose, key.id)))

    def get(self, purpose: KeyPurpose, key_id: int) -> RingKey:
        for key in self.keys:
            if (key.purpose, key.id) == (purpose, key_id):
                return key
        raise NoSuchKey(f"there is no {purpose} key {key_id}")

    def the(self, state: KeyState, purpose: KeyPurpose) -> RingKey:
        """The key in a state that at most one has, next or active, and that one surely has now."""
        return next(key for key in self.keys if (key.state, key.purpose) == (state, purpose))

    def prepared(self, purpose: KeyPurpose, at: datetime, make_secret: MakeSecret) -> Self:
        """With a next key."""
        if any((key.state, key.purpose) == (KeyState.NEXT, purpose) for key in self.keys):
            return self
        # Ids of revoked keys stay taken: an old token must never meet a new key under its old number.
        key_id = 1 + max(key.id for key in self.keys if key.purpose is purpose)
        if key_id > KEY_ID_MAX:
            raise KeyIdsUsedUp(f"all {KEY_ID_MAX} ids for {purpose} keys were used: begin a new ring for new events")
        key = RingKey.make(purpose, key_id, KeyState.NEXT, at, make_secret(SECRET_KEY_BYTES))
        return evolve(self, keys=(*self.keys, key))

    def rotated(self, purpose: KeyPurpose, at: datetime, make_secret: MakeSecret) -> Self:
        """With the next key active and the one active so far only verifying."""
        moves = {KeyState.NEXT: KeyState.ACTIVE, KeyState.ACTIVE: KeyState.VERIFY_ONLY}
        ring = self.prepared(purpose, at, make_secret)
        return evolve(
            ring,
            keys=tuple(
                key.moved_to(moves[key.state], at) if key.purpose is purpose and key.state in moves else key
                for key in ring.keys
            ),
        )

    def revoked(self, purpose: KeyPurpose, key_id: int, at: datetime, make_secret: MakeSecret) -> Self:
        """With that key withdrawn, and its secret forgotten."""
        key = self.get(purpose, key_id)
        if key.state is KeyState.REVOKED:
            return self
        ring = self.rotated(purpose, at, make_secret) if key.state is KeyState.ACTIVE else self
        leaving = ring.get(purpose, key_id)
        return evolve(
            ring, keys=tuple(leaving.moved_to(KeyState.REVOKED, at) if k is leaving else k for k in ring.keys)
        )

    def usable(self) -> TicketKeys:
        """The keys for a sealer."""
        sign, seal = self.the(KeyState.ACTIVE, KeyPurpose.SIGN), self.the(KeyState.ACTIVE, KeyPurpose.SEAL)
        assert sign.secret is not None, "an active key has its secret"
        standing = [key for key in self.keys if stands(key)]
        return TicketKeys(
            signing_key_id=sign.id,
            signing_key=Ed25519PrivateKey.from_private_bytes(sign.secret),
            public_keys={k.id: Ed25519PublicKey.from_public_bytes(k.public) for k in standing if k.public},
            sealing_key_id=seal.id,
            sealing_roots={k.id: k.secret for k in standing if k.secret and k.purpose is KeyPurpose.SEAL},
        )


def stands(key: RingKey) -> bool:
    """Whether tokens made with this key are still accepted."""
    return key.state is not KeyState.REVOKED
