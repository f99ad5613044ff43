"""A real HTTP server that says one thing to everybody, however little sense it makes."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from attrs import define, field


@define
class Oracle:
    """A server that says one thing to everybody."""

    url: str
    status: int = 200
    body: bytes = b"{}"
    location: str = ""
    drips: bool = False
    """Whether it sends a byte at a time, and never the last."""
    asked: list[str] = field(factory=list)
    over: Event = field(factory=Event)

    def says(self, status: int, content: Any) -> None:
        self.status, self.body = status, content if isinstance(content, bytes) else json.dumps(content).encode()


@contextmanager
def oracle(tls: ssl.SSLContext | None = None) -> Iterator[Oracle]:
    """An oracle on a free port, until the end of the block."""
    spoken = Oracle("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server looks for
            spoken.asked.append(self.path)
            length = 10**6 if spoken.drips else len(spoken.body)
            self.send_response(spoken.status)
            self.send_header("content-length", str(length))
            if spoken.location:
                self.send_header("location", spoken.location)
            self.end_headers()
            self.wfile.write(spoken.body)
            while spoken.drips and not spoken.over.wait(0.05):
                self.wfile.write(b" ")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ssl.SSLError):
                return  # Whoever asked waited no longer, or did not believe us.

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        spoken.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield spoken
        finally:
            spoken.over.set()
            server.shutdown()
            thread.join()
