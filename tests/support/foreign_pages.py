"""Pages of somebody else, with a form or a link that leads to us."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread

from attrs import frozen

from tests.support.certificates import server_side
from tests.support.tls_front import tls_front


@frozen
class ForeignPages:
    """One page at two addresses."""

    next_door: str
    """The host of ours, and another port: another origin, and to a browser's cookies the same site."""
    elsewhere: str
    """Another host."""


@contextmanager
def foreign_pages(html: str, certificate: Path) -> Iterator[ForeignPages]:
    """Show this page to whoever comes, under the very certificate that browsers believe of us."""

    class Showing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    # Browsers open lines before they need them, so that one thread would wait for what never comes.
    with ThreadingHTTPServer(("127.0.0.1", 0), Showing) as server, create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with tls_front(listening, server_side(certificate.parent), server.server_port):
            yield ForeignPages(
                f"https://localhost:{listening.getsockname()[1]}", f"http://127.0.0.1:{server.server_port}"
            )
        server.shutdown()
        thread.join()
