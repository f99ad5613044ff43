"""While keys move from one place to another: the new place wraps, and both unwrap."""

from attrs import frozen

from application.ports.key_wrapper import KeyWrapper
from domain.identity_document import SealedKey


@frozen
class MovedKeyWrapper:
    """A KeyWrapper. What the earlier place wrapped is opened there until it is wrapped anew.

    The earlier keys outlive `retire`: whoever moved them removes them.
    """

    now: KeyWrapper
    earlier: KeyWrapper
    earlier_prefix: str
    """With which the ids of the earlier place begin."""

    async def wrap(self, name: str, data_key: bytes) -> SealedKey:
        """See KeyWrapper."""
        return await self.now.wrap(name, data_key)

    async def unwrap(self, name: str, sealed: SealedKey) -> bytes:
        """See KeyWrapper."""
        place = self.earlier if sealed.key_id.startswith(self.earlier_prefix) else self.now
        return await place.unwrap(name, sealed)

    async def current_key_id(self) -> str:
        """See KeyWrapper."""
        return await self.now.current_key_id()

    async def rotate(self) -> str:
        """See KeyWrapper."""
        return await self.now.rotate()

    async def retire(self) -> tuple[str, ...]:
        """See KeyWrapper."""
        return await self.now.retire()
