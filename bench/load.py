"""A load of HTTP requests over keep-alive connections, made as cheaply as Python can, since it shares the machine."""

import asyncio
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Final, cast

from attrs import Factory, define, frozen

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"

MakeRequest = Callable[[int, int], bytes]
"""The bytes of the n-th request of a client."""


@frozen
class Load:
    """What was measured. Rates are a second; times are in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]


@define(eq=False)
class _Client(asyncio.Protocol):
    number: int
    make: MakeRequest
    until: float
    times: list[float] = Factory(list)
    statuses: dict[int, int] = Factory(dict)
    sent_at: float = 0.0
    count: int = 0
    buffer: bytes = b""
    transport: asyncio.Transport | None = None
    done: "asyncio.Future[None]" = Factory(lambda: asyncio.get_running_loop().create_future())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        assert self.transport is not None, "connected"
        self.sent_at = time.perf_counter()
        self.transport.write(self.make(self.number, self.count))
        self.count += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(_END_OF_HEAD)
        if head_end < 0:
            return
        head = self.buffer[:head_end].lower()
        at = head.find(_LENGTH)
        length = 0
        if at >= 0:
            line_end = head.find(b"\r\n", at)
            length = int(head[at + len(_LENGTH) : line_end if line_end > 0 else None])
        if len(self.buffer) < head_end + len(_END_OF_HEAD) + length:
            return
        status = int(self.buffer[9:12])
        self.buffer = b""
        now = time.perf_counter()
        self.times.append(now - self.sent_at)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if now < self.until:
            self._send()
        else:
            assert self.transport is not None, "connected"
            self.transport.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(port: int, make: MakeRequest, *, clients: int, seconds: float) -> Load:
    """Every client sends its next request as soon as the last one was answered."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        (await loop.create_connection(lambda n=n: _Client(n, make, began + seconds), "127.0.0.1", port))[1]  # type: ignore[misc]  # mypy types no default of a lambda
        for n in range(clients)
    ]
    await asyncio.gather(*(client.done for client in made))
    passed = time.perf_counter() - began
    times = [moment for client in made for moment in client.times]
    statuses: dict[int, int] = {}
    for client in made:
        for status, count in client.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    return Load(len(times) / passed, median(times) * 1000, quantiles(times, n=100)[98] * 1000, statuses)


def http(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
