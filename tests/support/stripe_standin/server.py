"""Stripe's HTTP API as far as we use it, on the loopback interface, in a thread of the test's own process."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

from tests.support.stripe_standin.account import Account
from tests.support.stripe_standin.courier import Courier
from tests.support.stripe_standin.faults import Fault, Faults
from tests.support.stripe_standin.form import parameters
from tests.support.stripe_standin.keys import Keys
from tests.support.stripe_standin.records import Record
from tests.support.stripe_standin.refusals import Refusal

API_KEY = "sk_test_of_the_stand_in"
WORKS_FOR_S = 0.01
"""A moment in which the same request may come again, as on a real network."""

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_PATH = re.compile(r"/v1/(checkout/sessions|[a-z_]+)(?:/([A-Za-z0-9_]+))?(?:/(expire))?")
_LISTED = {
    "checkout/sessions": ("checkout.session", {"payment_intent", "status"}),
    "payment_intents": ("payment_intent", set[str]()),
    "charges": ("charge", {"payment_intent"}),
    "refunds": ("refund", {"payment_intent", "charge"}),
    "disputes": ("dispute", {"payment_intent", "charge"}),
    "balance_transactions": ("balance_transaction", {"type", "source"}),
}


class Dropped(Exception):
    """The line broke: no answer is given."""


@define(eq=False)
class StandIn:
    """The account, and everything that stands between it and whoever calls."""

    account: Account = field(factory=Account)
    keys: Keys = field(factory=Keys)
    faults: Faults = field(factory=Faults)
    courier: Courier = field(factory=Courier)
    url: str = ""
    answered: list[tuple[str, str, dict[str, str]]] = field(factory=list)
    """Method, path and headers of each call that was let in."""

    def __attrs_post_init__(self) -> None:
        self.account.records.told.append(self.courier.tell)

    def pass_time(self, seconds: float) -> None:
        with self.account.records.lock:
            self.account.records.ahead_s += seconds
            self.account.tick()

    def answer(self, method: str, target: str, headers: dict[str, str], body: str) -> tuple[int, Any, dict[str, str]]:
        try:
            self._let_in(headers)
            self.answered.append((method, urlsplit(target).path, headers))
            fault = self.faults.take(method)
            if fault is Fault.THROTTLE:
                return 429, Refusal(429, "Request rate limit exceeded.", "rate_limit").body, {}
            if fault is Fault.ERROR_BEFORE:
                return 503, {"error": {"type": "api_error", "message": "try again later"}}, {}
            if fault is Fault.TIME_OUT_BEFORE:
                self._hang()
            return self._answered(method, target, headers, body, fault)
        except Refusal as refusal:
            return refusal.status, refusal.body, {}

    def _let_in(self, headers: dict[str, str]) -> None:
        if headers.get("authorization") != f"Bearer {API_KEY}":
            raise Refusal(401, f"Invalid API Key provided: {headers.get('authorization', '')[7:15]}****")
        if not _VERSION.fullmatch(headers.get("stripe-version", "")):
            raise Refusal(400, "this stand-in wants to be told a Stripe-Version")

    def _answered(
        self, method: str, target: str, headers: dict[str, str], body: str, fault: Fault | None
    ) -> tuple[int, Any, dict[str, str]]:
        key = headers.get("idempotency-key", "") if method == "POST" else ""
        path = urlsplit(target).path
        saved = self.keys.begin(key, (path, body), self.account.records.now())
        replayed = {"idempotent-replayed": "true"} if saved is not None else {}
        if saved is not None:
            assert saved.status is not None, "it ended"
            status, shown = saved.status, saved.body
        else:
            status, shown = self._first(method, target, body, key, fault)
        if fault is Fault.TIME_OUT_AFTER:
            self._hang()
        if fault is Fault.GARBAGE_AFTER:
            return 200, b"<html>we are over capacity", {}
        return status, shown, replayed

    def _first(self, method: str, target: str, body: str, key: str, fault: Fault | None) -> tuple[int, Any]:
        failure = 500, {"error": {"type": "api_error", "message": "An error occurred with our API."}}
        if fault is Fault.ERROR_SAVED_BEFORE:
            self.keys.end(key, *failure)
            return failure
        if method == "POST":
            time.sleep(WORKS_FOR_S)
        try:
            with self.account.records.lock:
                self.account.tick()
                shown = self._done(method, target, body)
        except Refusal:
            self.keys.forget(key)
            raise
        status, shown = failure if fault is Fault.ERROR_AFTER else (200, shown)
        self.keys.end(key, status, shown)
        return status, shown

    def _hang(self) -> None:
        time.sleep(self.faults.hold_s)
        raise Dropped

    def _done(self, method: str, target: str, body: str) -> Record:
        parts = urlsplit(target)
        found = _PATH.fullmatch(parts.path)
        if found is None or found[1] not in _LISTED:
            raise Refusal(404, f"Unrecognized request URL ({method}: {parts.path}).")
        what, identifier, deed = found.groups()
        kind, filters = _LISTED[what]
        records = self.account.records
        asked = parameters(body if method == "POST" else parts.query)
        expand = asked.get("expand", ())
        match method, what, identifier, deed:
            case "GET", _, None, None:
                return records.page(kind, asked, filters, parts.path)
            case "GET", _, str(), None:
                return records.shown(records.get(kind, identifier), expand)
            case "POST", "checkout/sessions", None, None:
                return records.shown(self.account.open_session(asked), expand)
            case "POST", "checkout/sessions", str(), "expire":
                return records.shown(self.account.expire(records.get(kind, identifier)), expand)
            case "POST", "refunds", None, None:
                return records.shown(self.account.refund(asked), expand)
            case _:
                raise Refusal(404, f"Unrecognized request URL ({method}: {parts.path}).")


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # Head and body in one packet, or each answer waits for an acknowledgement.

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status, shown, more = stand_in.answer(method, self.path, headers, body)
            except Dropped:
                self.close_connection = True
                return
            content = shown if isinstance(shown, bytes) else json.dumps(shown).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", "request-id": "req_1", **more}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    return Handler


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Whoever gave up waiting closed the line."""


@contextmanager
def stripe_stand_in(prepare: Callable[[StandIn], None] = lambda _: None) -> Iterator[StandIn]:
    """A stand-in that answers on a free port until the end of the block."""
    stand_in = StandIn()
    prepare(stand_in)
    with _Server(("127.0.0.1", 0), _handler(stand_in)) as server:
        stand_in.url = stand_in.account.page_base = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
            stand_in.courier.close()
