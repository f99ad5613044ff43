"""Files that commands make for people."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from application.errors import AlreadyExists
from domain.errors import InvalidValue


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file for its owner's eyes that is there when it is whole, and not before; if writing fails, not at all.

    AlreadyExists rather than write over another one, unless `force` says so. InvalidValue if none can be there.
    """
    _check_is_new(path, force=force)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = NamedTemporaryFile(  # noqa: SIM115 - closed below, before it gets its name
            dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".part", delete=False
        )
    except OSError as error:
        raise InvalidValue(f"{path} cannot be written: {error.strerror}") from None
    try:
        with part:
            yield part.file
            part.flush()
            os.fsync(part.fileno())
        if not force:
            _claim(path)
        Path(part.name).replace(path)
    finally:
        Path(part.name).unlink(missing_ok=True)


def _check_is_new(path: Path, *, force: bool) -> None:
    """So that nobody waits for a long report that then has no place."""
    if not force and (path.exists() or path.is_symlink()):
        raise AlreadyExists(f"{path} exists: name another file, or say --force")


def _claim(path: Path) -> None:
    """Take the name in one step: somebody may have made a file there while ours was written."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise AlreadyExists(f"{path} exists by now: name another file, or say --force") from None
