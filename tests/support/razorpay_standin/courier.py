"""Razorpay's webhooks: signed over the raw body, at least once, in no order, and given up after a day of failures."""

import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import requests
from attrs import define, field

ACCOUNT: Final = "acc_ours0000000001"
PATIENCE_S: Final = 5.0


def signature(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, sha256).hexdigest()


@define
class Message:
    """One event. It stays signed with the secret of its day, however late it is delivered."""

    id: str
    body: bytes
    signed: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "x-razorpay-event-id": self.id,
            "x-razorpay-signature": self.signed,
        }


@define
class Courier:
    """Delivers while a test looks on: what is sent has been answered when the deed returns."""

    secret: str
    url: str = ""
    copies: int = 1
    drop: int = 0
    hold_back: int = 0
    """So many are held back, and then delivered with the last one first."""
    is_disabled: bool = False
    sent: list[Message] = field(factory=list)
    failed: list[Message] = field(factory=list)
    _held: list[Message] = field(factory=list)

    def tell(self, kind: str, entities: Mapping[str, dict[str, Any]], at: int) -> None:
        event = {
            "entity": "event",
            "account_id": ACCOUNT,
            "event": kind,
            "contains": list(entities),
            "payload": {name: {"entity": entity} for name, entity in entities.items()},
            "created_at": at,
        }
        body = json.dumps(event).encode()
        message = Message(secrets.token_hex(7), body, signature(self.secret, body))
        if self.drop:
            self.drop -= 1
        elif self.hold_back:
            self._hold(message)
        else:
            self._deliver(message)

    def retry(self) -> None:
        """Try again what failed."""
        waiting, self.failed = self.failed, []
        for message in waiting:
            self._deliver(message)

    def _hold(self, message: Message) -> None:
        self._held.append(message)
        if len(self._held) == self.hold_back:
            self.hold_back = 0
            while self._held:
                self._deliver(self._held.pop())

    def _deliver(self, message: Message) -> None:
        if not self.url or self.is_disabled:
            return
        self.sent.append(message)
        for _ in range(self.copies):
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(self.url, data=message.body, headers=message.headers, timeout=PATIENCE_S)
            if not answer.ok:
                self.failed.append(message)
                return
