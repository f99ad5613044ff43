"""The README's journey works as it is written: the block is run by a shell, against a demo in its own folder."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import zxingcpp
from PIL import Image

from tests.support.sandbox_provider import free_port
from tests.support.waiting import wait_for_http

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"<!-- journey:.*?-->\n```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    port, sandbox_port = free_port(), free_port()
    environment = {
        **os.environ,
        "RELEX_BASE_URL": f"http://127.0.0.1:{port}",
        "RELEX_SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from bootstrap import cli; cli()", "demo", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            wait_for_http(f"http://127.0.0.1:{port}/health/ready", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


@pytest.mark.slow
def test_the_journey_of_the_readme_works_with_curl_alone(demo: str, tmp_path: Path) -> None:
    [block] = BLOCK.findall((ROOT / "README.md").read_text())
    script = "set -eu\n" + block.replace("BASE=http://127.0.0.1:8000", f"BASE={demo}")

    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    first, second = done.stdout.splitlines()[-2:]
    assert '"outcome":"admitted"' in first
    assert '"outcome":"refused"' in second
    assert '"reason":"ticket_used"' in second
    assert "gate North" in second
    [read] = zxingcpp.read_barcodes(Image.open(tmp_path / "ticket.png"))
    assert len(read.text) == 243
