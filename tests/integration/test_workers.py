"""A server of two processes, which are forked from one that has imported everything."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.support.sandbox_provider import free_port
from tests.support.waiting import wait_for_http

ROOT: Final = Path(__file__).parents[2]
ASKED: Final = 20
SERVE: Final = "import bootstrap; bootstrap.cli()"
SERVE_AND_SHARE_TOO_LATE: Final = f"import adapters.monitoring.metrics; {SERVE}"


@contextmanager
def two_workers(folder: Path, program: str) -> Iterator[str]:
    """Where they answer."""
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RELEX_")},
        "RELEX_BASE_URL": url,
        "RELEX_SANDBOX_URL": f"http://127.0.0.1:{free_port()}",
        "RELEX_LOG_LEVEL": "warning",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", program, "serve", "--workers", "2", "--port", url.rpartition(":")[2]]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for_http(f"{url}/health/ready", running)
        yield url
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def counted(url: str) -> float:
    """How many answers about events one of the workers knows of."""
    known = re.findall(
        r'^relex_http_requests_total\{.*route="/api/v1/events".*\} (\S+)$',
        httpx.get(f"{url}/metrics").text,
        re.MULTILINE,
    )
    return sum(map(float, known))


@pytest.mark.slow
@pytest.mark.parametrize(("program", "all_told"), [(SERVE, ASKED), (SERVE_AND_SHARE_TOO_LATE, 0)])
def test_two_workers_count_together(tmp_path: Path, program: str, all_told: int) -> None:
    """The control sets the folder when the library has been imported already: then nobody tells anything."""
    with two_workers(tmp_path, program) as url:
        for _ in range(ASKED):
            # Each on a connection of its own, which either worker may take.
            assert httpx.get(f"{url}/api/v1/events").status_code == 200

        assert {counted(url) for _ in range(ASKED)} == {all_told}
