"""The stand-in's webhooks: signed, at least once, in any order, or not at all."""

import hmac
import json
import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import httpx
from attrs import define, field, frozen

API_VERSION = "2026-10-28.endive"


def signed(secret: str, body: bytes, timestamp: int) -> str:
    """The Stripe-Signature header for a body at that second."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def event(kind: str, about: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event as Stripe writes it."""
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        **more,
    }


@frozen
class Endpoint:
    """Where events go."""

    url: str
    secret: str
    is_enabled: bool = True


@define(eq=False)
class Courier:
    """Delivers each event in the background, one after the other, unless told otherwise."""

    endpoint: Endpoint | None = None
    duplicates: int = 0
    """How often the next event comes once more."""
    drops: int = 0
    """How many of the next events never come."""
    holds_back: int = 0
    """How many of the next events come together, the last one first."""
    events: list[dict[str, Any]] = field(factory=list)
    _held: list[dict[str, Any]] = field(factory=list)
    _worker: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(1))
    _sent: list[Future[None]] = field(factory=list)

    def tell(self, kind: str, about: dict[str, Any]) -> None:
        told = json.loads(json.dumps(event(kind, about)))  # As it is now, whatever happens to it later.
        self.events.append(told)
        if self.endpoint is None or not self.endpoint.is_enabled:
            return
        if self.drops:
            self.drops -= 1
            return
        self._held.append(told)
        if self.holds_back > len(self._held):
            return
        self.holds_back = 0
        for one in reversed(self._held):
            self.send(one)
        self._held.clear()
        for _ in range(self.duplicates):
            self.send(told)
        self.duplicates = 0

    def send(self, told: dict[str, Any]) -> None:
        """Deliver it, once more or for the first time; signed anew each time."""
        assert self.endpoint is not None, "there is somewhere to deliver to"
        self._sent.append(self._worker.submit(self._deliver, told, self.endpoint))

    def flush(self) -> None:
        """Wait until everything that is on its way has come."""
        for future in self._sent:
            future.result(timeout=20)
        self._sent.clear()

    def close(self) -> None:
        self._worker.shutdown()

    def _deliver(self, told: dict[str, Any], endpoint: Endpoint) -> None:
        body = json.dumps(told, indent=2).encode()
        headers = {
            "stripe-signature": signed(endpoint.secret, body, int(time.time())),
            "content-type": "application/json",
        }
        with httpx.Client(trust_env=False, verify=False) as client:  # noqa: S501 - over the loopback interface, in clear
            client.post(endpoint.url, content=body, headers=headers)
