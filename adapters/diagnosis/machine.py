"""What this machine gives us: Python, a folder, room on the disk, the time, an address."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.cli.operations import Finding, Verdict
from adapters.settings import Settings, is_loopback

PYTHON_MIN: Final = (3, 11)
ROOM_NEEDED: Final = 100 * 1024**2
ROOM_WANTED: Final = 1024**3
NEWEST_KNOWN_PAST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This program did not exist before."""
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
FILES_LOOKED_AT: Final = 1_000
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, and never listened on


def python() -> Finding:
    said = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < PYTHON_MIN:
        return Finding("python", Verdict.WRONG, said, "install Python 3.11 or newer")
    return Finding("python", Verdict.OK, said)


def data_folder(settings: Settings) -> Finding:
    """Whether files can be made there. One is, and is removed again."""
    folder = settings.data_dir.absolute()
    place = _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        mend = f"let this user write to {place}, or set RELEX_DATA_DIR to a folder of its own"
        return Finding("data folder", Verdict.WRONG, f"{folder}: {error.strerror}", mend)
    made = "" if folder.exists() else " (made at the first start)"
    return Finding("data folder", Verdict.OK, f"{folder}{made}")


def disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_nearest(settings.data_dir.absolute())).free
    said = f"{free / 1024**3:.1f} GiB free"
    if free < ROOM_NEEDED:
        return Finding("disk", Verdict.WRONG, said, "make room: without it nothing can be sold")
    if free < ROOM_WANTED:
        return Finding("disk", Verdict.NOTE, said, "make room soon")
    return Finding("disk", Verdict.OK, said)


def sources(settings: Settings) -> Finding:
    """Whether people can be told apart. We speak no https ourselves: where it is typed, a proxy stands in front."""
    if settings.trusted_proxies:
        return Finding("sources", Verdict.OK, f"from X-Forwarded-For of {', '.join(settings.trusted_proxies)}")
    if not settings.is_https:
        return Finding("sources", Verdict.OK, "the address of each connection")
    return Finding(
        "sources",
        Verdict.NOTE,
        "all who come through the proxy in front of this server are one: its limits are for all of them together",
        "set RELEX_TRUSTED_PROXIES to the proxy's network, such as 127.0.0.1/32",
    )


def clock(settings: Settings, now: datetime) -> Finding:
    """Whether the time can be right: it is not before this program, nor before what was written here."""
    said = now.isoformat(timespec="seconds")
    mend = "set the clock, best by NTP: doors and holds go by it"
    if now < NEWEST_KNOWN_PAST:
        return Finding("clock", Verdict.WRONG, f"{said} is in the past", mend)
    newest = _newest(settings.data_dir)
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        return Finding("clock", Verdict.WRONG, f"{said}, but a file here was written at {newest.isoformat()}", mend)
    return Finding("clock", Verdict.OK, said)


def addresses(settings: Settings) -> Iterator[Finding]:
    """Whether the address in links leads to where the server listens."""
    parts = urlsplit(settings.base_url)
    said = f"{settings.base_url}, listening on {settings.host}:{settings.port}"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if is_loopback(settings.base_url):
        if port != settings.port:
            mend = f"set RELEX_BASE_URL=http://127.0.0.1:{settings.port}, or RELEX_PORT={port}"
            yield Finding("base URL", Verdict.WRONG, said, mend)
            return
        if settings.host in _EVERYWHERE:
            mend = "set RELEX_BASE_URL to the address that others type, or RELEX_HOST=127.0.0.1"
            yield Finding("base URL", Verdict.NOTE, f"{said}: links lead others to themselves", mend)
            return
    elif not settings.is_https:
        yield Finding("base URL", Verdict.NOTE, said, "use https: sign-ins and phone cameras need it")
        return
    yield Finding("base URL", Verdict.OK, said)


def _nearest(folder: Path) -> Path:
    """The folder, or what will hold it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _newest(folder: Path) -> datetime | None:
    times = [path.stat().st_mtime for path, _ in zip(folder.glob("*"), range(FILES_LOOKED_AT), strict=False)]
    return datetime.fromtimestamp(max(times), UTC) if times else None
