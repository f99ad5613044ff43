"""Start the sandbox: `python -m adapters.payments.sandbox`, with its settings in RELEX_SANDBOX_*."""

import os
import sys
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server import Server

from adapters.payments.sandbox.settings import SandboxMisconfigured, settings_from


def main() -> int:
    """Serve until stopped, on the host and port of the base URL unless told otherwise."""
    try:
        settings = settings_from(os.environ)
    except SandboxMisconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    place = urlsplit(settings.base_url)
    Server(
        "adapters.payments.sandbox.server:app",
        address=os.environ.get("RELEX_SANDBOX_HOST", place.hostname or "127.0.0.1"),
        port=int(os.environ.get("RELEX_SANDBOX_PORT", place.port or 80)),
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        websockets=False,
    ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
