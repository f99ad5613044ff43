"""Ports around the checkpoints of the audit: who signs them, and the second place that keeps them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from application.audit_chain import AuditCheckpoint


class Signature(NamedTuple):
    key_id: int
    signature: str
    """In base64url."""


class SignatureCheck(Protocol):
    """Whether an Ed25519 signature is that of a public key, both in base64url; False for what is neither."""

    def __call__(self, public_key: str, content: bytes, signature: str, /) -> bool: ...


class CheckpointSigner(Protocol):
    """Signs with a key that the store does not know, and that is used for nothing else."""

    def sign(self, content: bytes) -> Signature:
        """Under the active key."""

    def public_keys(self) -> Mapping[int, str]:
        """Those by which a checkpoint may still be signed, by their numbers: not the revoked ones."""


class WitnessUnavailable(Exception):
    """The second place did not take or give checkpoints. What was asked of it may be asked again."""


class Witness(Protocol):
    """A second place for checkpoints, which whoever can write to the store should not be able to write to.

    It only grows. WitnessUnavailable from any call means that nobody knows whether it was done.
    """

    async def last(self) -> int:
        """The link that the newest checkpoint covers; zero if there is none."""

    async def append(self, checkpoint: AuditCheckpoint) -> None:
        """Keep one. One that does not come after the last changes nothing: it is there, or is none of ours."""

    async def read(self) -> Sequence[AuditCheckpoint]:
        """All of them as they lie there, in the order in which they came; what does not read as one is left out."""
