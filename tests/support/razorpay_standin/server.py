"""A stand-in for Razorpay on a loopback socket, with its bad days. The vendor's own client talks to it."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field

from tests.support.patience import HANGS_S
from tests.support.razorpay_standin.api import Api, Request, Response, problem
from tests.support.razorpay_standin.bank import Bank
from tests.support.razorpay_standin.courier import Courier

KEY_ID: Final = "rzp_test_AbCdEf01234567"
KEY_SECRET: Final = "the-key-secret-of-the-tests"
WEBHOOK_SECRET: Final = "the-webhook-secret-of-the-tests"


class Fault(StrEnum):
    TIME_OUT_BEFORE = "time_out_before"
    TIME_OUT_AFTER = "time_out_after"
    SERVER_ERROR_BEFORE = "server_error_before"
    SERVER_ERROR_AFTER = "server_error_after"
    TOO_MANY_REQUESTS = "too_many_requests"
    GARBAGE_AFTER = "garbage_after"

    @property
    def is_after(self) -> bool:
        """Whether the deed is done all the same."""
        return self.value.endswith("_after")


@define
class RazorpayStandin:
    """What a test holds in its hand. Touch `bank` and `api` only inside `lock`."""

    base_url: str
    courier: Courier
    bank: Bank
    api: Api
    lock: RLock = field(factory=RLock)
    asked: list[Request] = field(factory=list)
    """Every request that came with our key."""
    over: Event = field(factory=Event)
    _faults: list[tuple[Fault, str]] = field(factory=list)

    def next_call(self, fault: Fault, method: str = "") -> None:
        """That befalls the next call, or the next one of that method."""
        with self.lock:
            self._faults.append((fault, method))

    def passes(self, seconds: float) -> None:
        """That much time goes by."""
        with self.lock:
            self.bank.shifted_s += seconds
            self.bank.settle()

    def answer(self, request: Request) -> Response | bytes:
        expected = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return problem(HTTPStatus.UNAUTHORIZED, "BAD_REQUEST_ERROR", "Authentication failed")
        with self.lock:
            self.asked.append(request)
            fault = self._fault(request.method)
            answered = self.api.answer(request) if fault is None or fault.is_after else None
        return answered if answered is not None and fault is None else self._failing(fault)

    def _fault(self, method: str) -> Fault | None:
        for armed in self._faults:
            if armed[1] in {"", method}:
                self._faults.remove(armed)
                return armed[0]
        return None

    def _failing(self, fault: Fault | None) -> Response | bytes:
        match fault:
            case Fault.TIME_OUT_BEFORE | Fault.TIME_OUT_AFTER:
                self.over.wait(HANGS_S)
                return b""
            case Fault.TOO_MANY_REQUESTS:
                return problem(HTTPStatus.TOO_MANY_REQUESTS, "BAD_REQUEST_ERROR", "Too many requests")
            case Fault.GARBAGE_AFTER:
                return b"<html>all is well</html>"
            case _:
                said = "We are facing some trouble completing your request at the moment. Please try again shortly."
                return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "SERVER_ERROR", said)


def _handler(standin: RazorpayStandin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body leave together: else each answer waits for the other side's acknowledgement.

        def do_GET(self) -> None:  # the name that http.server looks for
            self._answer({})

        def do_POST(self) -> None:  # the same
            raw = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._answer(json.loads(raw or b"{}"))

        def _answer(self, body: dict[str, Any]) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query))
            answer = standin.answer(Request(self.command, parts.path.rstrip("/"), query, body, headers))
            if isinstance(answer, bytes):
                status, content = int(HTTPStatus.OK), answer
            else:
                status, content = int(answer.status), json.dumps(answer.content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # Whoever asked has gone: that is what a time-out looks like from here.

        def finish(self) -> None:
            try:
                super().finish()
            except ConnectionError:
                return  # The same.

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


@contextmanager
def running_razorpay(webhook_url: str = "") -> Iterator[RazorpayStandin]:
    """A Razorpay that answers, until the end of the block."""
    courier = Courier(WEBHOOK_SECRET, webhook_url)
    bank = Bank(courier)
    standin = RazorpayStandin("", courier, bank, Api(bank))
    with _Server(("127.0.0.1", 0), _handler(standin)) as server:
        standin.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield standin
        finally:
            standin.over.set()
            server.shutdown()
            thread.join()
