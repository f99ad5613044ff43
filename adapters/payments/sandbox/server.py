"""The sandbox as a process of its own: `granian --interface asgi --factory adapters.payments.sandbox.server:app`."""

import asyncio
import os
from datetime import UTC, datetime

from attrs import frozen
from litestar import Litestar

from adapters.payments.sandbox.app import create_app
from adapters.payments.sandbox.settings import settings_from


@frozen
class MachineClock:
    """The machine's own time: the sandbox is another party, and does not share our clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def app() -> Litestar:
    """The application that the RELEX_SANDBOX_* variables describe. One worker: its background work is not shared."""
    return create_app(settings_from(os.environ), MachineClock())
