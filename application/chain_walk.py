"""Follow the chain of the audit from its first link, in the store or in a file, and stop where it is broken."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import Factory, define, frozen

from application.audit_chain import GENESIS, AuditCheckpoint, AuditLink
from application.canonical import NotCanonical
from application.ports.audit_witness import SignatureCheck
from application.records import AuditRecord

NOWHERE: Final = 0


class ChainBroken(Exception):
    """The first thing that is not as it was sealed and signed."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(why)
        self.sequence = sequence
        """The link at which it shows; zero where it is not about one."""
        self.why = why


@frozen
class Verdict:
    """What a look at the whole chain found."""

    links: int
    checkpoints: int
    covered: int
    """The last link under a signature. What comes after it could be cut off without a trace."""
    waiting: int
    """Records that have no place yet."""
    oldest_waiting_s: float
    broken_at: int = NOWHERE
    why: str = ""
    """Why the chain is broken there; empty if it is whole."""

    @property
    def is_whole(self) -> bool:
        return not self.why


@define
class ChainWalk:
    """Walks link by link. `checkpoints` are those that were checked, by the link that each covers."""

    checkpoints: Mapping[int, AuditCheckpoint] = Factory(dict)
    sequence: int = 0
    hash: str = GENESIS

    def step(self, link: AuditLink, record: AuditRecord | None) -> None:
        """On to the next link; ChainBroken if it does not follow."""
        expected = self.sequence + 1
        if link.sequence != expected:
            raise ChainBroken(expected, f"link {expected} is missing or moved: link {link.sequence} comes next")
        if link.previous != self.hash:
            raise ChainBroken(
                expected, f"link {expected} names another hash before it than that of link {self.sequence}"
            )
        if record is None or record.id != link.id:
            raise ChainBroken(expected, f"the record {link.id} of link {expected} is gone")
        if _hash(link, record) != link.hash:
            raise ChainBroken(expected, f"link {expected} or its record {record.id} was changed: the hash is another")
        checkpoint = self.checkpoints.get(expected)
        if checkpoint is not None and checkpoint.hash != link.hash:
            raise ChainBroken(expected, f"link {expected} is not the one that was signed")
        self.sequence, self.hash = expected, link.hash

    def end(self) -> None:
        """ChainBroken if links are missing at the end that were signed."""
        covered = max(self.checkpoints, default=0)
        if covered > self.sequence:
            raise ChainBroken(self.sequence + 1, f"the chain ends at link {self.sequence}, and {covered} were signed")


def _hash(link: AuditLink, record: AuditRecord) -> str:
    try:
        return link.hash_with(record)
    except NotCanonical:
        return ""


def checked(
    checkpoints: Sequence[AuditCheckpoint], keys: Mapping[int, str], holds: SignatureCheck
) -> dict[int, AuditCheckpoint]:
    """Checkpoints by the link that each covers; ChainBroken if one was changed, or one before it is missing."""
    found: dict[int, AuditCheckpoint] = {}
    before = 0
    for checkpoint in checkpoints:
        number = checkpoint.sequence
        if number <= before:
            raise ChainBroken(number, f"the checkpoint of link {number} comes after that of link {before}")
        if checkpoint.previous != before:
            raise ChainBroken(number, f"a checkpoint is missing before that of link {number}")
        if checkpoint.key_id not in keys:
            raise ChainBroken(number, f"the checkpoint of link {number} is signed by key {checkpoint.key_id}, not ours")
        if not holds(keys[checkpoint.key_id], checkpoint.content, checkpoint.signature):
            raise ChainBroken(number, f"the signature of the checkpoint of link {number} does not hold")
        found[number] = checkpoint
        before = number
    return found


def check_agree(stored: Mapping[int, AuditCheckpoint], witnessed: Mapping[int, AuditCheckpoint]) -> None:
    """ChainBroken if the second place has a checkpoint that the store has lost, or has as another one.

    That the second place has fewer is no break by itself: one is put there after the other.
    """
    for number, checkpoint in witnessed.items():
        if _said(stored.get(number)) != _said(checkpoint):
            raise ChainBroken(number, f"the store does not have the checkpoint of link {number} that was put aside")


def _said(checkpoint: AuditCheckpoint | None) -> tuple[bytes, str] | None:
    return None if checkpoint is None else (checkpoint.content, checkpoint.signature)


def missing_aside(
    stored: Iterable[AuditCheckpoint], witnessed: Mapping[int, AuditCheckpoint]
) -> AuditCheckpoint | None:
    """The first that the second place does not have."""
    return next((checkpoint for checkpoint in stored if checkpoint.sequence not in witnessed), None)
