"""Keys in a secret folder, for any number of processes."""

import logging
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from adapters.secret_folder import SecretFolder, SecretsUnusable
from adapters.tickets import ring_file
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.key_source import TicketKeys
from adapters.tickets.ring import Ring
from application.ports.randomness import Randomness

RING_NAME: Final = "ring.json"
ONCE_FILLED_NAME: Final = "once-filled"

_log: Final = logging.getLogger(__name__)


@frozen
class Use:
    """What the keys of a folder are for, in the words of its warnings."""

    name: str
    lost: str


TICKETS: Final = Use("ticket", "every ticket sold so far")
AUDIT: Final = Use("audit", "the proof of every checkpoint so far")


def build(folder: SecretFolder, randomness: Randomness, at: datetime, *, use: Use = TICKETS) -> "FileKeyRing":
    """The ring in that folder. An empty folder gets first active keys, made now (`at`).

    SecretsUnusable, with the mend, if others may read the keys, or if there were keys and they are gone or damaged.
    """
    if folder.stamp(RING_NAME) is None or folder.stamp(ONCE_FILLED_NAME) is None:
        _fill(folder, lambda: Ring.first(at, randomness.token_bytes), use)
    return FileKeyRing(randomness, folder)


@frozen
class _Loaded:
    """A version of the ring, with its keys made ready for use."""

    stamp: Hashable
    ring: Ring
    usable: TicketKeys


@define(eq=False)
class FileKeyRing(StoredKeyRing):
    """A key ring in one secret, so that a change is one step. Another process's is seen as the folder sees it."""

    _folder: SecretFolder
    _loaded: _Loaded = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = _load(self._folder)

    def keys(self) -> TicketKeys:
        """See KeySource. It costs a stamp, unless the ring was replaced."""
        return self._fresh().usable

    def look_again(self) -> bool:
        """See KeySource."""
        return self._folder.look_again()

    def _read(self) -> Ring:
        return self._fresh().ring

    def _change(self, change: Callable[[Ring], Ring]) -> Ring:
        def changed(text: bytes | None) -> bytes | None:
            ring = _ring(self._folder, text or b"")
            new = change(ring)
            return None if new is ring else ring_file.to_text(new)

        self._folder.change(RING_NAME, changed)
        return self._fresh().ring

    def _fresh(self) -> _Loaded:
        # Two threads may both load; each sees a whole version, and the next use settles on the newest.
        loaded = self._loaded
        if self._folder.stamp(RING_NAME) != loaded.stamp:
            loaded = self._loaded = _load(self._folder)
        return loaded


def _load(folder: SecretFolder) -> _Loaded:
    stamp, text = folder.read(RING_NAME)
    ring = _ring(folder, text)
    return _Loaded(stamp, ring, ring.usable())


def _ring(folder: SecretFolder, text: bytes) -> Ring:
    try:
        return ring_file.from_text(text)
    except ring_file.NotARing as error:
        raise SecretsUnusable(f"{folder.where(RING_NAME)}: {error}. Restore it from a backup") from None


def _fill(folder: SecretFolder, make: Callable[[], Ring], use: Use) -> None:
    made: list[Ring] = []

    def first(text: bytes | None) -> bytes | None:
        made.clear()
        if text is not None:
            return None  # Another process was first.
        # Quietly beginning anew where keys were lost would turn away everyone who holds a ticket.
        if folder.stamp(ONCE_FILLED_NAME) is not None:
            raise SecretsUnusable(
                f"{folder.where(RING_NAME)} is gone, and with it {use.lost}. Restore it from a backup; "
                f"to begin with new keys instead, remove {folder.where()}"
            )
        made.append(make())
        return ring_file.to_text(made[0])

    folder.change(RING_NAME, first)
    told = f"There were {use.name} keys here. Back them up.\n".encode()
    folder.change(ONCE_FILLED_NAME, lambda text: None if text else told)
    if made:
        _log.warning(
            "made new keys: back them up, for what they made is worth nothing without them",
            extra={"keys": use.name, "folder": folder.where()},
        )
