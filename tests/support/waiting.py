"""Waiting for processes of our own."""

import subprocess
import time
from typing import Final

import httpx

_PATIENCE_S: Final = 60.0
_PAUSE_S: Final = 0.05


def wait_for_http(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the address answers 200; fail if the process ends, or takes a minute."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the process ended"
        try:
            if httpx.get(url, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(_PAUSE_S)
    raise AssertionError(f"{url} did not answer")
