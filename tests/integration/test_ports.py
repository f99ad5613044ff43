"""Addresses that somebody else has: told in words before a server starts, on real sockets."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from adapters.processes.ports import PortTaken, check_is_free
from adapters.processes.sandbox import NotTheSandbox, is_wanted, sandbox_beside
from adapters.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    """Somebody who listens, and would share the port as granian does."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@pytest.fixture
def answers(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that says one thing to everybody; its port."""

    class Saying(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(request.param)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Saying) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _port(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def test_a_taken_port_is_told_and_a_free_one_is_taken(stranger: socket.socket) -> None:
    port = _port(stranger)

    with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port} .*mend it"):
        check_is_free("127.0.0.1", port, "mend it")
    stranger.close()
    check_is_free("127.0.0.1", port, "mend it")


@pytest.mark.parametrize("words", [("serve",), ("demo",)], ids=" ".join)
def test_a_server_whose_port_is_taken_does_not_start(
    stranger: socket.socket, tmp_path: Path, words: tuple[str, ...]
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELEX_")}
    ended = subprocess.run(
        [sys.executable, "-m", "bootstrap", *words, "--port", str(_port(stranger))],
        cwd=ROOT,
        env=kept | {"RELEX_DATA_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (7, "")
    assert "--port" in ended.stderr
    assert not (tmp_path / "var").exists(), "nothing was made"


@pytest.mark.parametrize("answers", [b"a wiki"], indirect=True)
def test_what_is_not_the_sandbox_is_not_taken_for_it(answers: int, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, sandbox_url=f"http://127.0.0.1:{answers}")

    with pytest.raises(NotTheSandbox, match="RELEX_SANDBOX_URL"):
        is_wanted(settings)


@pytest.mark.parametrize("answers", [b"ok"], indirect=True)
def test_a_sandbox_that_was_there_before_stays_when_we_end(answers: int, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, sandbox_url=f"http://127.0.0.1:{answers}")

    with sandbox_beside(settings) as wait:
        wait()

    assert not is_wanted(settings), "it still answers"
    assert not (tmp_path / "sandbox.log").exists(), "none was started"
