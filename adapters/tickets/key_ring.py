"""What every key ring does in the same way, wherever it keeps its keys."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import define

from adapters.tickets.key_source import TicketKeys
from adapters.tickets.ring import Ring
from application.ports.randomness import Randomness
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyState


@define(eq=False)
class StoredKeyRing(ABC):
    """A KeyRing and KeySource over a Ring that is stored somewhere. Threads may share it."""

    _randomness: Randomness

    @abstractmethod
    def keys(self) -> TicketKeys:
        """See KeySource."""

    @abstractmethod
    def look_again(self) -> bool:
        """See KeySource."""

    @abstractmethod
    def _read(self) -> Ring:
        """The ring as it is now."""

    @abstractmethod
    def _change(self, change: Callable[[Ring], Ring]) -> Ring:
        """Put the changed ring in the place of the one there is, with nobody else in between; the changed one."""

    def list(self) -> Sequence[KeyInfo]:
        """See KeyRing."""
        return self._read().infos()

    def prepare(self, purpose: KeyPurpose, at: datetime) -> KeyInfo:
        """See KeyRing."""
        ring = self._change(lambda ring: ring.prepared(purpose, at, self._randomness.token_bytes))
        return ring.the(KeyState.NEXT, purpose).info()

    def rotate(self, purpose: KeyPurpose, at: datetime) -> KeyInfo:
        """See KeyRing."""
        ring = self._change(lambda ring: ring.rotated(purpose, at, self._randomness.token_bytes))
        return ring.the(KeyState.ACTIVE, purpose).info()

    def revoke(self, purpose: KeyPurpose, key_id: int, at: datetime) -> KeyInfo:
        """See KeyRing."""
        ring = self._change(lambda ring: ring.revoked(purpose, key_id, at, self._randomness.token_bytes))
        return ring.get(purpose, key_id).info()
