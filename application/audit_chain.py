"""The audit as a chain: each link is a hash over one record and the link before it.

Records are stored in the commit of their deed and wait there; one job then gives them their places. So deeds never
queue for the head of the chain. What is hashed and signed is canonical JSON, described in docs/adr/0015.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Self

from attrs import evolve, field, fields, frozen

from application.canonical import canonical
from application.records import AuditRecord, Stored
from domain.errors import InvalidValue
from domain.time import is_aware, to_utc

FORMAT: Final = 1
GENESIS: Final = "0" * 64
"""What the first link follows."""
HEAD_ID: Final = "audit"
CHECKPOINT_LINKS: Final = 1_000
CHECKPOINT_EVERY: Final = timedelta(minutes=5)
SEALED_WITHIN: Final = timedelta(minutes=10)
"""A record that waits longer for its place, or a checkpoint for its second place, is an alarm."""


@frozen
class UnsealedRecord(Stored):
    """An audit record that waits for its place. It is stored with the record, and gone when that has its link."""

    id: str
    """The record's own."""
    at: datetime = field(validator=is_aware)


@frozen
class AuditLink(Stored):
    """The place of one record in the chain."""

    id: str
    """The record's own, so that no store keeps two places for one record."""
    sequence: int
    previous: str
    hash: str
    sealed_at: datetime = field(validator=is_aware)

    @classmethod
    def after(cls, sequence: int, previous: str, record: AuditRecord, at: datetime) -> Self:
        """The link of this record after the one of that number and hash."""
        link = cls(id=record.id, sequence=sequence + 1, previous=previous, hash="", sealed_at=at)
        return evolve(link, hash=link.hash_with(record))

    def hash_with(self, record: AuditRecord) -> str:
        """What the hash must be if this link and that record are as they were sealed."""
        return sha256(
            canonical(
                {
                    "format": FORMAT,
                    "sequence": self.sequence,
                    "previous": self.previous,
                    "sealed_at": _spelt(self.sealed_at),
                    "record": document_of(record),
                }
            )
        ).hexdigest()


@frozen
class AuditHead(Stored):
    """The end of the chain. Whoever adds a link must have seen the one before: its version says so."""

    id: str = HEAD_ID
    sequence: int = 0
    hash: str = GENESIS
    checkpointed: int = 0
    """The last link that a checkpoint covers."""
    open_since: datetime | None = None
    """When the first link was added that no checkpoint covers."""

    def grown(self, link: AuditLink) -> Self:
        open_since = self.open_since or link.sealed_at
        return evolve(self, sequence=link.sequence, hash=link.hash, open_since=open_since)

    def is_checkpoint_due(self, now: datetime) -> bool:
        if self.open_since is None:
            return False
        return self.sequence - self.checkpointed >= CHECKPOINT_LINKS or now - self.open_since >= CHECKPOINT_EVERY


@frozen
class AuditCheckpoint(Stored):
    """Our signature under one link, and so under all before it. It is kept in the store and in a second place."""

    id: str
    sequence: int
    hash: str
    at: datetime = field(validator=is_aware)
    previous: int
    """The link that the checkpoint before this one covers; zero for the first."""
    key_id: int = 0
    signature: str = ""

    @classmethod
    def of(cls, head: AuditHead, at: datetime) -> Self:
        return cls(f"{head.sequence:016}", head.sequence, head.hash, at, head.checkpointed)

    @property
    def content(self) -> bytes:
        """What is signed. The key's number is not: under another one the signature does not hold anyway."""
        return canonical(
            {
                "what": "relexbooking audit checkpoint",
                "format": FORMAT,
                "sequence": self.sequence,
                "hash": self.hash,
                "at": _spelt(self.at),
                "previous": self.previous,
            }
        )


def document_of(record: AuditRecord) -> dict[str, Any]:
    """A record as it is sealed. Empty texts are left out, so that a field of a later version changes no older hash."""
    named = {attribute.name: getattr(record, attribute.name) for attribute in fields(AuditRecord)}
    named.pop("version")
    named["at"] = _spelt(record.at)
    return {name: str(value) for name, value in named.items() if value != ""}


def record_of(document: dict[str, Any]) -> AuditRecord:
    """The record of a document; ValueError, TypeError or KeyError if it is none."""
    return AuditRecord(**_texts(document) | {"at": _instant(document["at"])})


def link_document(link: AuditLink) -> dict[str, Any]:
    return {
        "sequence": link.sequence,
        "previous": link.previous,
        "hash": link.hash,
        "sealed_at": _spelt(link.sealed_at),
    }


def link_of(document: dict[str, Any], record_id: str) -> AuditLink:
    """The link of a document; ValueError, TypeError or KeyError if it is none."""
    given = {"sequence": _number(document["sequence"]), "sealed_at": _instant(document["sealed_at"])}
    return AuditLink(**{**document, **given, "id": record_id})


def checkpoint_document(checkpoint: AuditCheckpoint) -> dict[str, Any]:
    return {
        "sequence": checkpoint.sequence,
        "hash": checkpoint.hash,
        "at": _spelt(checkpoint.at),
        "previous": checkpoint.previous,
        "key_id": checkpoint.key_id,
        "signature": checkpoint.signature,
    }


def checkpoint_of(document: dict[str, Any]) -> AuditCheckpoint:
    """The checkpoint of a document; ValueError, TypeError or KeyError if it is none."""
    sequence = _number(document["sequence"])
    given = {name: _number(document[name]) for name in ("sequence", "previous", "key_id")}
    return AuditCheckpoint(**{**document, **given, "at": _instant(document["at"]), "id": f"{sequence:016}"})


def _texts(document: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(value, str) for value in document.values()):
        raise ValueError("an audit record consists of texts")
    return document


def _number(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


def _instant(text: str) -> datetime:
    try:
        return to_utc(datetime.fromisoformat(text))
    except InvalidValue as error:
        raise ValueError(str(error)) from None


def _spelt(at: datetime) -> str:
    return to_utc(at).isoformat()
