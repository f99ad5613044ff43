"""The HTTP server as processes of this machine."""

from multiprocessing import get_start_method
from typing import Final

from adapters.monitoring.logs import for_granian
from adapters.settings import Settings

KILL_AFTER_S: Final = 20
"""How long a worker may take to end what is under way."""


def is_forking() -> bool:
    """Whether workers begin with all that this process has imported."""
    return get_start_method() == "fork"


def serve(factory: str, settings: Settings, workers: int) -> None:
    """Serve the application that `module:function` makes, until SIGTERM or SIGINT; requests under way end first."""
    from granian.constants import Interfaces  # noqa: PLC0415 - only servers pay for it
    from granian.server import Server  # noqa: PLC0415 - only servers pay for it

    Server(
        factory,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        websockets=False,
        workers_kill_timeout=KILL_AFTER_S,
        log_dictconfig=for_granian(settings.log_format),
    ).serve()
