"""Keys in a folder, for one machine with any number of processes."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from adapters.tickets import ring_file
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.key_source import TicketKeys
from adapters.tickets.private_folder import FileStamp, PrivateFolder, SecretsUnusable
from adapters.tickets.ring import Ring
from application.ports.randomness import Randomness

RING_NAME: Final = "ring.json"
ONCE_FILLED_NAME: Final = "once-filled"
LOCK_TIMEOUT_S: Final = 5.0

_log: Final = logging.getLogger(__name__)


@frozen
class Use:
    """What the keys of a folder are for, in the words of its warnings."""

    name: str
    lost: str


TICKETS: Final = Use("ticket", "every ticket sold so far")
AUDIT: Final = Use("audit", "the proof of every checkpoint so far")


def build(
    folder: Path,
    randomness: Randomness,
    at: datetime,
    *,
    use: Use = TICKETS,
    lock_timeout_s: float = LOCK_TIMEOUT_S,
) -> "FileKeyRing":
    """The ring in that folder. An empty folder gets first active keys, made now (`at`).

    SecretsUnusable, with the mend, if others may read the keys, or if there were keys and they are gone or damaged.
    """
    private = PrivateFolder.open(folder, lock_timeout_s)
    if private.stamp(RING_NAME) is None:
        with private.locked():
            if private.stamp(RING_NAME) is None:  # Another process may have been first.
                _fill(private, Ring.first(at, randomness.token_bytes), use)
    return FileKeyRing(randomness, private)


@frozen
class _Loaded:
    """A version of the file, with its keys made ready for use."""

    stamp: FileStamp
    ring: Ring
    usable: TicketKeys


@define(eq=False)
class FileKeyRing(StoredKeyRing):
    """A key ring in one file, so that a change is one rename. Another process's change is seen at the next use."""

    _folder: PrivateFolder
    _loaded: _Loaded = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = _load(self._folder)

    def keys(self) -> TicketKeys:
        """See KeySource. It costs a stat, unless the file was replaced."""
        return self._fresh().usable

    def _read(self) -> Ring:
        return self._fresh().ring

    def _change(self, change: Callable[[Ring], Ring]) -> Ring:
        with self._folder.locked():
            ring = self._fresh().ring
            changed = change(ring)
            if changed is not ring:
                self._folder.replace(RING_NAME, ring_file.to_text(changed))
            return self._fresh().ring

    def _fresh(self) -> _Loaded:
        # Two threads may both load; each sees a whole version, and the next use settles on the newest.
        loaded = self._loaded
        if self._folder.stamp(RING_NAME) != loaded.stamp:
            loaded = self._loaded = _load(self._folder)
        return loaded


def _load(folder: PrivateFolder) -> _Loaded:
    stamp, text = folder.read(RING_NAME)
    try:
        ring = ring_file.from_text(text)
    except ring_file.NotARing as error:
        raise SecretsUnusable(f"{folder.path / RING_NAME}: {error}. Restore it from a backup") from None
    return _Loaded(stamp, ring, ring.usable())


def _fill(folder: PrivateFolder, ring: Ring, use: Use) -> None:
    # Quietly beginning anew where keys were lost would turn away everyone who holds a ticket.
    if folder.stamp(ONCE_FILLED_NAME) is not None:
        raise SecretsUnusable(
            f"{folder.path / RING_NAME} is gone, and with it {use.lost}. Restore it from a backup; "
            f"to begin with new keys instead, remove the folder {folder.path}"
        )
    folder.replace(RING_NAME, ring_file.to_text(ring))
    folder.replace(ONCE_FILLED_NAME, f"There were {use.name} keys in this folder. Back them up.\n".encode())
    _log.warning(
        "made new keys: back their folder up, for what they made is worth nothing without it",
        extra={"keys": use.name, "folder": str(folder.path)},
    )
