import asyncio
import contextlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from email.headerregistry import Address
from pathlib import Path

from attrs import define, field

from adapters.messaging.mime import mime_message, sender_address, stable_name
from application.ports.clock import Clock
from application.ports.mailer import Mail, MailFailed

NEWEST_MAX = 1_000


@define(eq=False)
class LocalMailbox:
    """Writes each mail to a folder as a file that any mail program opens: for trying out, and for tests.

    A mail sent again takes the place of the first: files are named by the mails' ids, and `newest` goes by their times.
    """

    folder: Path
    clock: Clock
    sender: Address = field(converter=sender_address)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mailbox")

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._write, mail)

    async def newest(self, count: int = 100) -> tuple[Path, ...]:
        """The files of the latest mails, the latest first."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._newest, min(count, NEWEST_MAX))

    def _write(self, mail: Mail) -> None:
        try:
            written = mime_message(mail, self.sender, self.clock.now(), readable=True).as_bytes()
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._replace(f"{stable_name(mail)}.eml", written)
        except (OSError, ValueError) as error:
            raise MailFailed(f"the mail cannot be written to {self.folder}: {error}") from error

    def _replace(self, name: str, written: bytes) -> None:
        temporary = self.folder / f"{secrets.token_hex(16)}.tmp"
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _newest(self, count: int) -> tuple[Path, ...]:
        times: list[tuple[int, str, Path]] = []
        for path in self.folder.glob("*.eml"):
            with contextlib.suppress(FileNotFoundError):  # Somebody tidies meanwhile.
                times.append((path.stat().st_mtime_ns, path.name, path))
        return tuple(path for _, _, path in sorted(times, reverse=True)[:count])
