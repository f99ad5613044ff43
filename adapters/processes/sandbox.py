"""The sandbox payment provider as a process of its own beside the server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, is_loopback

READY_WITHIN_S: Final = 20.0
STOPPED_WITHIN_S: Final = 10.0
_PAUSE_S: Final = 0.02
_MODULE: Final = "adapters.payments.sandbox"
_SOURCES: Final = str(Path(__file__).parents[2])


class SandboxNotStarted(WrongSetting):
    """It ended before it was ready, or took too long."""


def environment(settings: Settings) -> dict[str, str]:
    """The variables with which the sandbox agrees with us about address and secrets."""
    secret, *_ = settings.sandbox_webhook_secrets
    return os.environ | {
        "RELEX_SANDBOX_DATABASE": str((settings.data_dir / "sandbox.sqlite3").absolute()),
        "RELEX_SANDBOX_API_KEY": settings.sandbox_api_key,
        "RELEX_SANDBOX_WEBHOOK_SECRET": secret,
        "RELEX_SANDBOX_BASE_URL": settings.sandbox_url.rstrip("/"),
        "PYTHONPATH": os.pathsep.join(path for path in (_SOURCES, os.environ.get("PYTHONPATH", "")) if path),
    }


def become_sandbox(settings: Settings) -> None:
    """Replace this process by the sandbox."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.execve(sys.executable, [sys.executable, "-m", _MODULE], environment(settings))  # noqa: S606 - our own module


class NotTheSandbox(WrongSetting):
    """Something else answers where the sandbox is to be."""


def is_wanted(settings: Settings) -> bool:
    """Whether we ought to start one: it is chosen, it is to be on this machine, and nothing answers there.

    NotTheSandbox if what answers there is something else.
    """
    if "sandbox" not in settings.payments or not is_loopback(settings.sandbox_url):
        return False
    if not _listens(settings.sandbox_url):
        return True
    if not _is_healthy(settings.sandbox_url):
        raise NotTheSandbox(
            f"something that is not the sandbox provider answers at {settings.sandbox_url}: "
            "stop it, or choose another address with RELEX_SANDBOX_URL"
        )
    return False


@contextmanager
def sandbox_beside(settings: Settings) -> Iterator[Callable[[], None]]:
    """Run one until the end of the block, if it is wanted; the block may call for it to be ready.

    SIGTERM ends the block too, so that no sandbox is left behind.
    """
    process = None
    signal.signal(signal.SIGTERM, _end)
    try:
        if is_wanted(settings):
            process = _start(settings)
        yield lambda: _wait(settings, process)
    finally:
        if process is not None:
            _stop(process)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _start(settings: Settings) -> "subprocess.Popen[bytes]":
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = settings.data_dir / "sandbox.log"
    # For its owner alone: it tells of payments, and an older one may have been open to all.
    descriptor = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "ab") as output:
        # In a session of its own: Ctrl-C reaches us, and we end it after the server.
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", _MODULE],
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(settings: Settings, process: "subprocess.Popen[bytes] | None") -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not _is_healthy(settings.sandbox_url):
        log = settings.data_dir / "sandbox.log"
        if process is not None and process.poll() is not None:
            raise SandboxNotStarted(f"the sandbox provider ended at once: {log} says why")
        if time.monotonic() > deadline:
            raise SandboxNotStarted(f"nothing answers as the sandbox at {settings.sandbox_url}: see {log}")
        time.sleep(_PAUSE_S)


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def _listens(url: str) -> bool:
    try:
        with socket.create_connection(_place(url), timeout=1):
            return True
    except OSError:
        return False


def _is_healthy(url: str) -> bool:
    connection = HTTPConnection(*_place(url), timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().read() == b"ok"
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
