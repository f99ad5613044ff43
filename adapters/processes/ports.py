"""Whether an address is free to listen on."""

import socket
import sys
from typing import Final

from adapters.setting_checks import WrongSetting

_IS_POSIX: Final = sys.platform != "win32"


class PortTaken(WrongSetting):
    """Somebody else listens there."""


def check_is_free(host: str, port: int, mend: str) -> None:
    """PortTaken, with the mend, if nobody can listen there now.

    The server shares its port between its workers, and would as readily share it with a stranger: each of the two
    would then get some of the requests. So this asks alone.
    """
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as probe:
            if _IS_POSIX:
                # Connections of a server that has just ended are no reason to wait.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise PortTaken(f"cannot listen on {host}:{port} ({error.strerror or error}): {mend}") from error
