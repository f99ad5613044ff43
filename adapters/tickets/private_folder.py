"""A folder for secrets: only its owner reads it, and a file in it is either the old one or the new one."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from adapters.secret_folder import SecretsUnusable

LOCK_TIMEOUT_S: Final = 5.0
FILE_BYTES_MAX: Final = 1_000_000
_LOCK_NAME: Final = "lock"
_LOCK_POLL_S: Final = 0.01
_OTHERS: Final = 0o077


@frozen
class FileStamp:
    """Tells one version of a file from another without reading it: every replacement has its own."""

    inode: int
    modified_ns: int
    size_bytes: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


@frozen
class PrivateFolder:
    """A SecretFolder on this machine: a folder of mode 0700 with files of mode 0600."""

    path: Path
    _lock_timeout_s: float

    @classmethod
    def open(cls, path: Path, lock_timeout_s: float = LOCK_TIMEOUT_S) -> "PrivateFolder":
        """The folder, made if there is none; SecretsUnusable if others may look into it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
            _refuse_if_shared(path, path.stat(), mend_mode="700")
            _sync_folder(path.parent)
        except OSError as error:
            raise SecretsUnusable(f"{path} cannot be used as a folder: {error.strerror}") from None
        return cls(path, lock_timeout_s)

    def where(self, name: str = "") -> str:
        """See SecretFolder."""
        return str(self.path / name)

    def stamp(self, name: str) -> FileStamp | None:
        """The version of a file as it lies there now; None if there is none."""
        try:
            return FileStamp.of((self.path / name).stat())
        except FileNotFoundError:
            return None

    def read(self, name: str) -> tuple[FileStamp, bytes]:
        """A file and its version. SecretsUnusable if others may read it, or if it cannot be read."""
        path = self.path / name
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                _refuse_if_shared(path, status, mend_mode="600")
                content = file.read(FILE_BYTES_MAX + 1)
        except OSError as error:
            raise SecretsUnusable(
                f"{path} cannot be read: {error.strerror}. Run as the user who owns it, or restore it from a backup"
            ) from None
        if len(content) > FILE_BYTES_MAX:
            raise SecretsUnusable(f"{path} is larger than {FILE_BYTES_MAX} bytes: restore it from a backup")
        return FileStamp.of(status), content

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """See SecretFolder."""
        with self.locked():
            content = changed(None if self.stamp(name) is None else self.read(name)[1])
            if content is not None:
                self.replace(name, content)

    def look_again(self) -> bool:
        """See SecretFolder. What lies here is seen at every use."""
        return False

    def replace(self, name: str, content: bytes) -> None:
        """The file with new content, on the disk before this returns. A crash leaves the old one or the new one."""
        path, new = self.path / name, self.path / f"{name}.new"
        new.unlink(missing_ok=True)  # Only a crashed writer leaves one, since writers hold the lock.
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            self._give_to_folder_owner(descriptor)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
        _sync_folder(self.path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """No other process or thread is in here meanwhile. SecretsUnusable if one stays in for too long."""
        descriptor = os.open(self.path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._give_to_folder_owner(descriptor)
            self._wait_for_lock(descriptor)
            yield
        finally:
            os.close(descriptor)  # which also lets go of the lock

    def _wait_for_lock(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._lock_timeout_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise SecretsUnusable(
                        f"another process has held {self.path / _LOCK_NAME} for {self._lock_timeout_s} s: "
                        "let it finish or end it, then try again"
                    ) from None
                time.sleep(_LOCK_POLL_S)
            else:
                return

    def _give_to_folder_owner(self, descriptor: int) -> None:
        # An operator who rotates keys as root must not lock the server out of its own keys.
        folder = self.path.stat()
        if os.geteuid() == 0 and os.fstat(descriptor).st_uid != folder.st_uid:
            os.fchown(descriptor, folder.st_uid, folder.st_gid)


def _refuse_if_shared(path: Path, status: os.stat_result, mend_mode: str) -> None:
    if status.st_mode & _OTHERS:
        raise SecretsUnusable(
            f"{path} is open to other users (mode {status.st_mode & 0o777:o}) and holds secrets. "
            f"Mend it with: chmod {mend_mode} {path}"
        )


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
