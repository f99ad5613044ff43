import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from attrs import define, field


@define(eq=False)
class Turns:
    """One at a time for each key, inside this process.

    For records that many change at once: those who would only overtake each other at the store wait here instead.
    """

    _locks: "WeakValueDictionary[str, asyncio.Lock]" = field(factory=WeakValueDictionary)

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Inside, nobody else of this process is at that key."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        async with lock:
            yield
