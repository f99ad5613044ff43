"""Objects as files below one folder. Every step of a path is opened by itself, and none that is a link."""

import asyncio
import contextlib
import errno
import os
import secrets
import stat
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from attrs import define, field

from application.ports.object_store import (
    FOUND_MAX,
    ObjectMissing,
    ObjectRefused,
    ObjectStoreUnavailable,
    StoredObject,
    check_fits,
    check_folder,
    media_type_of,
)
from application.ports.storage_meter import Kept, area_of

THREADS_MAX: Final = 4
NOT_FOLLOWING: Final = os.O_NOFOLLOW
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

T = TypeVar("T")


@define(eq=False)
class LocalObjects:
    """Keeps each object in a file of its key's name, which only our own user may read.

    The type follows from the ending, so there is nothing beside the file that could be lost. A file appears under its
    name only when it is whole and on the disk. The root may be a link, if the operator wants it so; nothing below may.
    """

    root: Path
    threads_max: int = THREADS_MAX
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads_max, thread_name_prefix="objects")

    async def put(self, key: str, content: StoredObject) -> None:
        """See ObjectStore."""
        check_fits(key, content)
        await self._in_thread(lambda: self._write(key, content.data))

    async def get(self, key: str) -> StoredObject:
        """See ObjectStore."""
        media_type = media_type_of(key)
        return StoredObject(await self._in_thread(lambda: self._read(key)), media_type)

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        media_type_of(key)
        with contextlib.suppress(ObjectMissing):
            await self._in_thread(lambda: self._remove(key))

    async def put_before(self, folder: str, at: datetime) -> Sequence[str]:
        """See ObjectStore."""
        check_folder(folder)
        return await self._in_thread(lambda: list(islice(self._put_before(folder, at), FOUND_MAX)))

    async def kept(self) -> Mapping[str, Kept]:
        """See StorageMeter."""
        return await self._in_thread(self._measure)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except OSError as error:
            raise ObjectStoreUnavailable(f"files below {self.root}: {error.strerror}") from error

    def _write(self, key: str, data: bytes) -> None:
        with self._folder_of(key, make=True) as (folder, name):
            temporary = f".{secrets.token_hex(16)}"  # No key begins with a dot.
            try:
                with os.fdopen(os.open(temporary, _NEW_FILE, 0o600, dir_fd=folder), "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            os.fsync(folder)

    def _read(self, key: str) -> bytes:
        with _missing_if_absent(key), self._folder_of(key) as (folder, name):
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | NOT_FOLLOWING, dir_fd=folder)
            with os.fdopen(descriptor, "rb") as file:
                return file.read()

    def _measure(self) -> Mapping[str, Kept]:
        found: defaultdict[str, Kept] = defaultdict(Kept)
        for key, status in self._files(self.root):
            found[area_of(key)] += Kept(1, status.st_size)
        return found

    def _put_before(self, folder: str, at: datetime) -> Iterator[str]:
        top = self.root / folder
        if top.resolve() != self.root.resolve() / folder:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))  # `os.walk` would follow this one link.
        for key, status in self._files(top):
            if datetime.fromtimestamp(status.st_mtime, UTC) < at:
                yield key

    def _files(self, top: Path) -> Iterator[tuple[str, os.stat_result]]:
        """Every whole file of ours below a folder."""
        for folder, _, names in os.walk(top, onerror=_raise_unless_gone):
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError, ObjectRefused):  # Deleted meanwhile, or half-written.
                    key = path.relative_to(self.root).as_posix()
                    media_type_of(key)
                    status = path.lstat()
                    if stat.S_ISREG(status.st_mode):
                        yield key, status

    def _remove(self, key: str) -> None:
        with _missing_if_absent(key), self._folder_of(key) as (folder, name):
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    @contextlib.contextmanager
    def _folder_of(self, key: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder in which a key's file lies, and the file's name in it."""
        *parts, name = key.split("/")
        if make:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self.root, _FOLDER)
        try:
            for part in parts:
                inner = _enter(folder, part, make=make)
                os.close(folder)
                folder = inner
            yield folder, name
        finally:
            os.close(folder)


@contextlib.contextmanager
def _missing_if_absent(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise ObjectMissing(key) from None


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _enter(folder: int, part: str, *, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o700, dir_fd=folder)
            os.fsync(folder)
    return os.open(part, _FOLDER | NOT_FOLLOWING, dir_fd=folder)
