"""Start the sandbox: `python -m adapters.payments.sandbox`, with its settings in RELEX_SANDBOX_*."""

import os
import sys
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server import Server

from adapters.payments.sandbox.settings import SandboxMisconfigured, settings_from

PORT_MAX: Final = 65_535


def main() -> int:
    """Serve until stopped, on the host and port of the base URL unless told otherwise."""
    try:
        address, port = _place(os.environ)
    except SandboxMisconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    Server(
        "adapters.payments.sandbox.server:app",
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        websockets=False,
    ).serve()
    return 0


def _place(environ: Mapping[str, str]) -> tuple[str, int]:
    place = urlsplit(settings_from(environ).base_url)
    port = environ.get("RELEX_SANDBOX_PORT", str(place.port or 80))
    if not port.isdecimal() or not 0 < int(port) <= PORT_MAX:
        raise SandboxMisconfigured(f"RELEX_SANDBOX_PORT: give a number from 1 to {PORT_MAX}")
    return environ.get("RELEX_SANDBOX_HOST", place.hostname or "127.0.0.1"), int(port)


if __name__ == "__main__":
    sys.exit(main())
