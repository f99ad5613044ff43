"""Checkpoints in a file that is only ever added to, for instance on a disk that this machine may not rewrite."""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from application.audit_chain import AuditCheckpoint, checkpoint_document, checkpoint_of
from application.canonical import canonical
from application.ports.audit_witness import WitnessUnavailable

FILE_NAME: Final = "checkpoints.ndjson"
_TAIL_BYTES: Final = 4_096
"""Several lines: a checkpoint is a third of a kilobyte."""


@frozen
class FileWitness:
    """A Witness: one line for each checkpoint, on the disk before an append returns. Processes may share the file."""

    folder: Path

    async def last(self) -> int:
        """See Witness."""
        return await asyncio.to_thread(self._last)

    async def append(self, checkpoint: AuditCheckpoint) -> None:
        """See Witness."""
        await asyncio.to_thread(self._append, checkpoint)

    async def read(self) -> Sequence[AuditCheckpoint]:
        """See Witness."""
        return await asyncio.to_thread(self._read)

    @property
    def path(self) -> Path:
        return self.folder / FILE_NAME

    def _last(self) -> int:
        with _told(self.path):
            if not self.path.exists():
                return 0
            with self.path.open("rb") as file:
                return _last_in(file.fileno())

    def _append(self, checkpoint: AuditCheckpoint) -> None:
        with _told(self.path):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Readable too, to see what came last; never truncated, so that `chattr +a` may forbid it.
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if checkpoint.sequence > _last_in(descriptor):
                    _write(descriptor, _begin_line(descriptor) + canonical(checkpoint_document(checkpoint)) + b"\n")
            finally:
                os.close(descriptor)  # which also lets go of the lock

    def _read(self) -> list[AuditCheckpoint]:
        with _told(self.path):
            if not self.path.exists():
                return []
            return list(_checkpoints(self.path.read_bytes()))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WitnessUnavailable(f"{path}: {error.strerror}") from error


def _checkpoints(content: bytes) -> Iterator[AuditCheckpoint]:
    for line in content.splitlines():
        try:
            yield checkpoint_of(json.loads(line))
        except (ValueError, TypeError, KeyError):
            # Half a line of a writer that was killed. A whole one that somebody spoilt is missed by the next.
            continue


def _last_in(descriptor: int) -> int:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _TAIL_BYTES, max(size - _TAIL_BYTES, 0))
    return max((checkpoint.sequence for checkpoint in _checkpoints(tail)), default=0)


def _begin_line(descriptor: int) -> bytes:
    """A line end where a killed writer left none."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def _write(descriptor: int, line: bytes) -> None:
    while line:
        line = line[os.write(descriptor, line) :]
    os.fsync(descriptor)
