"""Where the event loop meets the bank: one thread does all its work, one deed after the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """Serves one deed at a time, so that two requests never see half of each other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-bank")
        self.rang = asyncio.Event()
        """Set after each change, for those who wait for something to do."""

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """An answer that makes nothing due."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: question(*args, **kwargs))

    async def do(self, deed: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A deed; afterwards there may be notices to deliver."""
        try:
            return await self.ask(deed, *args, **kwargs)
        finally:
            self.rang.set()

    def close(self) -> None:
        self._thread.shutdown(wait=True)
