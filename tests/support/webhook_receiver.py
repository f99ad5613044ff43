"""A real HTTP server that takes webhooks, keeps them as they came, and answers as told."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from attrs import define, field, frozen


@frozen
class Delivered:
    """One request, with its raw body."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@define
class WebhookReceiver:
    """Answers 200, unless `answers` says otherwise for the next requests, or `always` for all."""

    url: str
    delivered: list[Delivered] = field(factory=list)
    answers: list[int] = field(factory=list)
    always: int = 200

    def count(self, message_id: str) -> int:
        return sum(one.id == message_id for one in self.delivered)

    def take(self, one: Delivered) -> int:
        status = self.answers.pop(0) if self.answers else self.always
        self.delivered.append(one)
        return status


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """A receiver on a free port of the loopback interface, until the end of the block."""
    receiver = WebhookReceiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server looks for
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.take(Delivered({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
