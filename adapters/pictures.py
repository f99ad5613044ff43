"""Pictures, decoded by Pillow in a process of their own."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from application.ports.object_store import StoredObject
from application.ports.pictures import PictureRefused

_WORKER: Final = Path(__file__).with_name("picture_worker.py")
"""A program of its own, and never imported here: Pillow is for it alone."""
_REFUSED_STATUS: Final = 3
_MAGIC: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@frozen
class PictureLimits:
    """What one picture may be, and what decoding it may take."""

    upload_bytes_max: int = 5 * 1024 * 1024
    pixels_max: int = 40_000_000
    side_px_max: int = 2_400
    cpu_seconds: int = 5
    memory_bytes: int = 512 * 1024 * 1024
    wait_seconds: float = 15.0


@define(eq=False)
class PillowPictures:
    """Cleans each picture in a new process with limits, one or two at a time.

    A process for each picture costs a tenth of a second; in return a bomb ends its own process and no other upload, the
    limit of CPU time counts from zero, and a decoder that a picture has taken over never sees another picture.
    """

    limits: PictureLimits = field(factory=PictureLimits)
    processes_max: int = 2
    worker: Path = _WORKER
    _waiters: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._waiters = ThreadPoolExecutor(self.processes_max, thread_name_prefix="pictures")

    async def clean(self, data: bytes) -> StoredObject:
        """See Pictures."""
        if len(data) > self.limits.upload_bytes_max:
            raise PictureRefused(f"a picture has at most {self.limits.upload_bytes_max // 1024**2} MB")
        if not data.startswith(_MAGIC):
            raise PictureRefused("this is not a JPEG or PNG picture")
        return await asyncio.get_running_loop().run_in_executor(self._waiters, self._clean, data)

    def _clean(self, data: bytes) -> StoredObject:
        limits = self.limits
        arguments = (_REFUSED_STATUS, limits.cpu_seconds, limits.memory_bytes, limits.pixels_max, limits.side_px_max)
        try:
            # -I: no PYTHON… variable and no current folder can put another module in the place of Pillow.
            done = subprocess.run(  # noqa: S603 - our own program, and numbers
                [sys.executable, "-I", str(self.worker), *map(str, arguments)],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                timeout=limits.wait_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PictureRefused("decoding the picture takes too long") from None
        if done.returncode == _REFUSED_STATUS:
            raise PictureRefused(done.stdout.decode())
        if done.returncode != 0:
            raise PictureRefused("decoding the picture takes too much time or memory")
        media_type, _, picture = done.stdout.partition(b"\n")
        return StoredObject(picture, media_type.decode())
