"""Files that a command writes."""

from pathlib import Path

from application.errors import AlreadyExists


def write_new(path: Path, data: bytes) -> None:
    """Only its owner may read it, and no other file is written over; AlreadyExists if there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise AlreadyExists(f"{path} exists: name another file") from None
    path.write_bytes(data)
