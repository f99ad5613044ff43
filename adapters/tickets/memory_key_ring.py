"""Keys that live as long as the process: for tests and simulations, under the same promises as the file ring."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from attrs import define, field

from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.key_source import TicketKeys
from adapters.tickets.ring import Ring
from application.ports.randomness import Randomness


def build(randomness: Randomness, at: datetime) -> "MemoryKeyRing":
    """A ring with first active keys of both purposes."""
    return MemoryKeyRing(randomness, Ring.first(at, randomness.token_bytes))


@define(eq=False)
class MemoryKeyRing(StoredKeyRing):
    """A key ring without a file."""

    _ring: Ring
    _usable: TicketKeys = field(init=False)
    _lock: Lock = field(init=False, factory=Lock, repr=False)

    def __attrs_post_init__(self) -> None:
        self._usable = self._ring.usable()

    def keys(self) -> TicketKeys:
        """See KeySource."""
        return self._usable

    def look_again(self) -> bool:
        """See KeySource. Nobody else has this ring."""
        return False

    def _read(self) -> Ring:
        return self._ring

    def _change(self, change: Callable[[Ring], Ring]) -> Ring:
        with self._lock:
            self._ring = change(self._ring)
            self._usable = self._ring.usable()
            return self._ring
