"""The sandbox as tests use it: its real server, in a process of its own, on a free port."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import define, field

from adapters.payments.standard_webhooks import new_secret

API_KEY: Final = "sandbox-api-key-of-the-tests"
WEBHOOK_SECRET: Final = new_secret(b"the sandbox's own secret")
PLAIN: Final = ssl.create_default_context()
"""Made once: httpx spends longer on making one for each client than on the requests, none of which needs it."""
READY_WITHIN_S: Final = 30.0
ROOT: Final = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@define
class SandboxProvider:
    """A sandbox that can be started, killed and started again on the same file and port."""

    database: Path
    backoff_s: str = "0.05,0.05,0.05"
    port: int = field(factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and come back as soon as it answers."""
        environ = os.environ | {
            "RELEX_SANDBOX_DATABASE": str(self.database),
            "RELEX_SANDBOX_API_KEY": API_KEY,
            "RELEX_SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "RELEX_SANDBOX_BASE_URL": self.base_url,
            "RELEX_SANDBOX_FAULTS": "on",
            "RELEX_SANDBOX_WEBHOOK_BACKOFF_S": self.backoff_s,
        }
        command = [sys.executable, "-m", "adapters.payments.sandbox"]
        # A session of its own, so that killing it takes its worker too.
        self._process = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
        self._wait_until_ready(self._process)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def faults(self, **order: Any) -> None:
        """Break what is named, and mend everything else."""
        headers = {"authorization": f"Bearer {API_KEY}"}
        with httpx.Client(verify=PLAIN, trust_env=False) as client:
            client.post(f"{self.base_url}/v1/faults", json=order, headers=headers).raise_for_status()

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        with httpx.Client(base_url=self.base_url, verify=PLAIN, trust_env=False) as client:
            while time.monotonic() < deadline:
                assert process.poll() is None, "the sandbox ended before it was ready"
                with suppress(httpx.TransportError):
                    if client.get("/health").is_success:
                        return
                time.sleep(0.02)
        raise AssertionError("the sandbox was not ready in time")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(timeout=20)
        self._process = None


@contextmanager
def running_sandbox(database: Path, backoff_s: str = "0.05,0.05,0.05") -> Iterator[SandboxProvider]:
    """A sandbox that answers, until the end of the block."""
    provider = SandboxProvider(database, backoff_s)
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()
