"""The outermost layer: what holds for every answer, whichever route or error it comes from."""

import time
from collections.abc import Callable
from typing import Any, Final

from attrs import define
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import Counter, Histogram

from adapters.http.problems import PROBLEM_JSON, problem_body
from adapters.monitoring.metrics import LATENCY, REQUESTS
from application.request import begin_request

PATH_LENGTH_MAX: Final = 2_000
QUERY_LENGTH_MAX: Final = 4_000
_SECURITY_HEADERS: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")
_POLICY_OF_DATA: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox")
"""What is no page of ours can run nothing, even if a browser opens it as one."""
_NO_STORE: Final = (b"cache-control", b"no-store")
_NO_ROUTE: Final = "none"
"""The label of what matched no route, so that made-up paths make no new labels."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@define(eq=False)
class Edge:
    """Numbers each request, adds security headers, keeps caches off what says nothing of them, answers HEAD, counts.

    Litestar's own middleware does not see what fails before a route was found.
    """

    _app: ASGIApp
    _methods_of: Callable[[str], str]
    _is_https: bool

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = begin_request("req").encode()
        answer = _Answer(send, request_id, is_head=scope["method"] == "HEAD", is_https=self._is_https)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        if answer.is_head:
            scope["method"] = "GET"
        refusal = _unreadable(scope)
        if refusal is not None:
            await _refuse(answer, *refusal)
        elif method == "OPTIONS":
            await _tell(answer, self._methods_of(scope["path"]))
        else:
            await self._app(scope, receive, answer)
        route: str = scope.get("path_template") or _NO_ROUTE
        _requests(route, method, answer.status).inc()
        _latency(route).observe(time.perf_counter() - started)


@define(eq=False)
class _Answer:
    """The way out of one answer."""

    _send: Send
    _request_id: bytes
    is_head: bool
    _is_https: bool
    status: int = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = [*message["headers"], *_SECURITY_HEADERS]
            headers.append((b"x-request-id", self._request_id))
            names = {name for name, _ in headers}
            if b"cache-control" not in names:
                headers.append(_NO_STORE)
            if b"content-security-policy" not in names:
                headers.append(_POLICY_OF_DATA)
            if self._is_https:
                headers.append(_STRICT_TRANSPORT)
            message["headers"] = headers
        elif self.is_head and message["type"] == "http.response.body":
            message["body"] = b""
        await self._send(message)


def _unreadable(scope: Any) -> tuple[int, str, str] | None:
    """Why a request line is refused before anybody reads it: some stores cannot even compare such texts."""
    if len(scope["path"]) > PATH_LENGTH_MAX or len(scope["query_string"]) > QUERY_LENGTH_MAX:
        return 414, "uri_too_long", "the address is too long"
    if not scope["path"].isprintable() or b"%00" in scope["query_string"]:
        return 400, "invalid_request", "the address has control characters"
    return None


async def _tell(send: Send, methods: str) -> None:
    """Which methods there are. Litestar's own answer knows only some where two controllers share an address."""
    await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", methods.encode())]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _refuse(send: Send, status: int, code: str, detail: str) -> None:
    body = problem_body(status, code, detail)
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


_counters: Final[dict[tuple[str, str, int], Counter]] = {}
_latencies: Final[dict[str, Histogram]] = {}


def _requests(route: str, method: str, status: int) -> Counter:
    """Looked up by us, since `labels` takes a lock and makes texts of its arguments each time."""
    key = (route, method, status)
    found = _counters.get(key)
    if found is None:
        found = _counters[key] = REQUESTS.labels(route, method, str(status))
    return found


def _latency(route: str) -> Histogram:
    found = _latencies.get(route)
    if found is None:
        found = _latencies[route] = LATENCY.labels(route)
    return found
