"""Idempotency: the same request twice has one effect and one answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Self

from attrs import field, frozen

from application.errors import KeyReused, RequestRunning
from application.records import Answer

LEASE: Final = timedelta(seconds=60)
"""How long a request may be under way before a repetition takes it over."""


class AnsweredAlready(Exception):
    """The first request of this key was committed meanwhile: its answer is stored under `answer_id`."""

    def __init__(self, answer_id: str) -> None:
        super().__init__(answer_id)
        self.answer_id = answer_id


@frozen
class Once:
    """A request that must take effect once. `render` turns the result into the status and body to be kept."""

    id: str
    fingerprint: str
    render: Callable[[Any], tuple[int, bytes]] = field(repr=False)

    @classmethod
    def of(cls, caller: str, route: str, key: str, body: bytes, render: Callable[[Any], tuple[int, bytes]]) -> Self:
        """The scope of a key is one caller on one route."""
        digest = sha256(f"{caller}\n{route}\n{key}".encode()).hexdigest()
        return cls(digest, sha256(body).hexdigest(), render)

    def answer(self, result: Any, at: datetime) -> Answer:
        status, body = self.render(result)
        return Answer(self.id, self.fingerprint, at, None, status, body)

    def started(self, at: datetime) -> Answer:
        """Kept while a request is under way that takes more than one commit."""
        return Answer(self.id, self.fingerprint, at, at + LEASE)

    def check(self, found: Answer, at: datetime) -> bool:
        """Whether `found` is the answer to give; KeyReused for another body, RequestRunning while under way.

        False means that the first request died under way: this one takes it over.
        """
        if found.fingerprint != self.fingerprint:
            raise KeyReused("this Idempotency-Key was used for another request: take a new one")
        if found.status:
            return True
        if found.lease_until is not None and at < found.lease_until:
            raise RequestRunning("the first request with this Idempotency-Key is still under way")
        return False
