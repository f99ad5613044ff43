"""Idempotency as Stripe keeps it: a key stands for one request, and its first answer is given again."""

from threading import Lock
from typing import Any

from attrs import define, evolve, field, frozen

from tests.support.stripe_standin.refusals import Refusal

KEPT_S = 24 * 60 * 60


@frozen
class Saved:
    """A request under a key, and its answer once there is one."""

    request: tuple[str, str]
    at: float
    status: int | None = None
    body: dict[str, Any] | None = None


@define(eq=False)
class Keys:
    """Forgets them after a day. `off` is the negative control: every request is then a new one."""

    off: bool = False
    saved: dict[str, Saved] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def begin(self, key: str, request: tuple[str, str], now: float) -> Saved | None:
        """The answer that was given before; None if this is the first, which must end with `end` or `forget`."""
        if not key or self.off:
            return None
        with self._lock:
            found = self.saved.get(key)
            if found is not None and found.at <= now - KEPT_S:
                found = None
            if found is None:
                self.saved[key] = Saved(request, now)
                return None
        if found.request != request:
            raise Refusal(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                kind="idempotency_error",
            )
        if found.status is None:
            raise Refusal(
                409,
                "There is currently another in-progress request using this Idempotency Key.",
                "idempotency_key_in_use",
                "idempotency_error",
            )
        return found

    def end(self, key: str, status: int, body: dict[str, Any]) -> None:
        with self._lock:
            if key in self.saved:
                self.saved[key] = evolve(self.saved[key], status=status, body=body)

    def forget(self, key: str) -> None:
        """Nothing is kept of a request that was refused."""
        with self._lock:
            self.saved.pop(key, None)
