"""The whole audit as lines of JSON, which anybody can check without us: keys, checkpoints, chain, what waits."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from attrs import Factory, define

from application.audit_chain import (
    AuditCheckpoint,
    AuditHead,
    AuditLink,
    checkpoint_document,
    checkpoint_of,
    document_of,
    link_document,
    link_of,
    record_of,
)
from application.chain_walk import ChainBroken, ChainWalk, Verdict, checked
from application.ports.audit_witness import SignatureCheck
from application.records import AuditRecord

T = TypeVar("T")
Line = dict[str, Any]

FORMAT: Final = "relexbooking-audit/1"


class NotAnExport(ValueError):
    """The file does not begin as one of our exports does."""


def opening(head: AuditHead, keys: Mapping[int, str], at: datetime) -> Line:
    """The first line: how long the chain is, and by which keys its checkpoints are signed."""
    return {
        "format": FORMAT,
        "exported_at": at.isoformat(),
        "links": head.sequence,
        "public_keys": {str(number): key for number, key in sorted(keys.items())},
    }


def checkpoint_line(checkpoint: AuditCheckpoint) -> Line:
    return {"checkpoint": checkpoint_document(checkpoint)}


def link_line(link: AuditLink, record: AuditRecord | None) -> Line:
    return {"link": link_document(link), "record": {"id": link.id} if record is None else document_of(record)}


def waiting_line(record: AuditRecord) -> Line:
    return {"waiting": document_of(record)}


def verify_lines(lines: Iterable[Line], holds: SignatureCheck, trusted: Mapping[int, str] | None = None) -> Verdict:
    """Walk an export; NotAnExport if it is none. `trusted` keys count, where given, and not those that it brings."""
    reading = iter(lines)
    first = next(reading, {})
    if first.get("format") != FORMAT:
        raise NotAnExport(f"the file does not begin as an export of the form {FORMAT}")
    reader = _Reader(reading, holds)
    broken = ChainBroken(0, "")
    try:
        reader.read(first, trusted)
    except ChainBroken as found:
        broken = found
    walk = reader.walk
    covered = min(max(walk.checkpoints, default=0), walk.sequence)
    return Verdict(walk.sequence, len(walk.checkpoints), covered, reader.waiting, 0.0, broken.sequence, broken.why)


@define
class _Reader:
    """What was read of an export so far. Checkpoints come before the chain."""

    _lines: Iterator[Line]
    _holds: SignatureCheck
    walk: ChainWalk = Factory(ChainWalk)
    waiting: int = 0

    def read(self, first: Line, trusted: Mapping[int, str] | None) -> None:
        """ChainBroken where it is not as it was sealed and signed."""
        keys = trusted if trusted is not None else _read(0, _keys, first)
        signed: list[AuditCheckpoint] = []
        for line in self._lines:
            if "checkpoint" in line and not self.walk.sequence:
                signed.append(_read(0, checkpoint_of, line["checkpoint"]))
                continue
            if not self.walk.checkpoints:
                self.walk.checkpoints = checked(signed, keys, self._holds)
            self._step(line)
        self.walk.checkpoints = checked(signed, keys, self._holds)
        self.walk.end()
        said = first.get("links")
        if said != self.walk.sequence:
            end = self.walk.sequence
            raise ChainBroken(end + 1, f"the file ends at link {end}, and says that it has {said}")

    def _step(self, line: Line) -> None:
        if "waiting" in line:
            self.waiting += 1
            return
        number = self.walk.sequence + 1
        record = _read(number, _record, line)
        self.walk.step(_read(number, _link, line), record)


def _keys(first: Line) -> dict[int, str]:
    return {int(number): str(key) for number, key in first["public_keys"].items()}


def _record(line: Line) -> AuditRecord:
    return record_of(line["record"])


def _link(line: Line) -> AuditLink:
    return link_of(line["link"], line["record"]["id"])


def _read(sequence: int, read: Callable[[Line], T], line: Line) -> T:
    try:
        return read(line)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ChainBroken(sequence, "a line does not read as one of ours") from None
