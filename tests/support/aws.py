"""AWS for tests: moto's server on a loopback port, one for each worker, emptied before each test."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from attrs import evolve

from adapters.settings import Settings

if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer

REGION: Final = "eu-central-1"


@pytest.fixture(scope="session")
def aws_server() -> Iterator["ThreadedMotoServer"]:
    """Imported only here: the tests of everything else need none of it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def aws(aws_server: "ThreadedMotoServer", monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of an installation on an AWS that knows nothing yet."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHETESTS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-tests")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    host, port = aws_server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.post(f"{url}/moto-api/reset").raise_for_status()
    return Settings(aws_region=REGION, aws_endpoint_url=url)


class _BreakingOff(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"the first half")

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def breaking_off() -> Iterator[str]:
    """The address of a server whose answers break off in the middle."""
    with HTTPServer(("127.0.0.1", 0), _BreakingOff) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def nowhere(settings: Settings) -> Settings:
    """The same, at a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return evolve(settings, aws_endpoint_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
