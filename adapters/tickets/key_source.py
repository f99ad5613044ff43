"""Where a sealer finds its keys at the moment of use."""

from collections.abc import Mapping
from typing import Final, Protocol

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SECRET_KEY_BYTES: Final = 32


@frozen
class TicketKeys:
    """The usable keys at one moment. Withdrawn keys are simply absent, so they cannot be used by mistake."""

    signing_key_id: int
    signing_key: Ed25519PrivateKey = field(repr=False)
    public_keys: Mapping[int, Ed25519PublicKey] = field(repr=False)
    sealing_key_id: int
    sealing_roots: Mapping[int, bytes] = field(repr=False)


class KeySource(Protocol):
    """Keys for a sealer in the same process. This is the only way a secret leaves a ring."""

    def keys(self) -> TicketKeys:
        """The keys as they are now, another process's changes included; cheap enough to ask for every token."""

    def look_again(self) -> bool:
        """For who misses a key that another process may have made a moment ago: whether there was anything new."""
