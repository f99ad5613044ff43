"""A demonstration as people start it: our server and the sandbox beside it, each a process, in a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.support.sandbox_provider import free_port
from tests.support.waiting import wait_for_http

ROOT: Final = Path(__file__).parents[2]


@frozen
class RunningDemo:
    """Where it answers, and where it writes down what it says."""

    url: str
    sandbox_url: str
    log: Path


@contextmanager
def running_demo(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[RunningDemo]:
    """A demonstration that answers, until the end of the block; with settings of its own, if any."""
    port, sandbox_port = free_port(), free_port()
    demo = RunningDemo(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", folder / "log")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RELEX_")},
        "RELEX_BASE_URL": demo.url,
        "RELEX_SANDBOX_URL": demo.sandbox_url,
        "PYTHONPATH": str(ROOT),
        **(settings or {}),
    }
    command = [sys.executable, "-c", "from bootstrap import cli; cli()", "demo", "--port", str(port)]
    with demo.log.open("wb") as log:
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_for_http(f"{demo.url}/health/ready", running)
            yield demo
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)
