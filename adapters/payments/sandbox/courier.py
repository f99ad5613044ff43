"""Carries the notices: at least once, with growing pauses between tries, and on from where it was after a restart."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx
from attrs import evolve, field, frozen

from adapters.payments.sandbox.bank import Bank
from adapters.payments.sandbox.desk import Desk
from adapters.payments.sandbox.faults import Faults
from adapters.payments.sandbox.records import Delivery
from adapters.payments.sandbox.settings import SandboxSettings
from adapters.payments.sandbox.storage import Storage
from adapters.payments.standard_webhooks import signed_headers
from application.ports.clock import Clock

BATCH_MAX: Final = 8
"""Sent side by side: one slow receiver must not stop the others."""
HELD_MAX: Final = 100
TIMEOUT_S: Final = 5.0
REST_MIN_S: Final = 0.02
"""What is held back stays due; without a floor the wait for it would burn a core."""
REST_MAX_S: Final = 5.0
AFTER_A_FAILURE_S: Final = 1.0

_log = logging.getLogger(__name__)


def courier_client() -> httpx.AsyncClient:
    """Follows no redirect and no proxy: a notice goes to the address that the API call gave, or nowhere.

    Over https too where somebody develops under a certificate of their own, which SSL_CERT_FILE names.
    """
    return httpx.AsyncClient(
        verify=httpx.create_ssl_context(),
        timeout=TIMEOUT_S,
        limits=httpx.Limits(max_connections=BATCH_MAX),
        follow_redirects=False,
        trust_env=False,
    )


@frozen
class Courier:
    """Delivers what the bank has stored for delivery."""

    settings: SandboxSettings
    storage: Storage
    desk: Desk
    clock: Clock
    faults: Faults
    client: httpx.AsyncClient = field(repr=False)

    async def deliver_due(self) -> int:
        """Try everything that is due now, a batch at a time. Returns how many notices it dealt with."""
        at = self.clock.now()
        limit = HELD_MAX if self.faults.hold_back else BATCH_MAX
        due = await self.desk.ask(self.storage.due_deliveries, at, limit)
        if self.faults.hold_back:
            return await self._deliver_backwards(due)
        await asyncio.gather(*(self._deliver(delivery) for delivery in due))
        return len(due)

    async def _deliver_backwards(self, due: Sequence[Delivery]) -> int:
        if len(due) < self.faults.hold_back:
            return 0
        self.faults.hold_back = 0
        for delivery in reversed(due):
            await self._deliver(delivery)
        return len(due)

    async def _deliver(self, delivery: Delivery) -> None:
        delay_s = self.faults.order.delay_webhooks_s
        if delay_s and not delivery.outcome:
            await self._keep(evolve(delivery, outcome="delayed", due_at=self.clock.now() + timedelta(seconds=delay_s)))
        elif self.faults.take_drop():
            await self._keep(evolve(delivery, outcome="dropped", due_at=None))
        else:
            outcome = await self._send(delivery)
            if outcome == "taken":
                for _ in range(self.faults.order.duplicate_webhooks):
                    await self._send(delivery)
            await self._keep(self._after_try(delivery, outcome))

    def _after_try(self, delivery: Delivery, outcome: str) -> Delivery:
        tries = delivery.tries + 1
        is_over = outcome == "taken" or tries >= self.settings.tries_max
        due_at: datetime | None = None
        if not is_over:
            due_at = self.clock.now() + timedelta(seconds=self.settings.webhook_backoff_s[tries - 1])
        elif outcome != "taken":
            _log.warning("gave up on a notice", extra={"tries": tries})
        return evolve(delivery, tries=tries, outcome=outcome, due_at=due_at)

    async def _send(self, delivery: Delivery) -> str:
        body = delivery.body.encode()
        headers = signed_headers(self.settings.webhook_secret, delivery.message_id, body, self.clock.now())
        headers["content-type"] = "application/json"
        try:
            # Streamed and left unread: only the status counts, and a receiver may not fill our memory.
            async with (
                asyncio.timeout(TIMEOUT_S),
                self.client.stream("POST", delivery.url, content=body, headers=headers) as response,
            ):
                return "taken" if response.is_success else f"answered {response.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return f"failed: {type(error).__name__}"

    async def _keep(self, delivery: Delivery) -> None:
        await self.desk.ask(self.storage.put_delivery, delivery)


async def work_forever(bank: Bank, courier: Courier) -> None:
    """Settle and deliver what is due until cancelled, resting until the bell or the next due time."""
    desk, clock = courier.desk, courier.clock
    while True:
        desk.rang.clear()
        try:
            if await desk.ask(bank.settle_due, clock.now()) + await courier.deliver_due():
                continue
            due = await desk.ask(bank.storage.next_due)
        except Exception:  # noqa: BLE001  # whatever happened, the money must go on moving: say it, try again later
            _log.exception("the sandbox stumbled")
            await clock.sleep(AFTER_A_FAILURE_S)
            continue
        until_due_s = REST_MAX_S if due is None else due - clock.now().timestamp()
        await _rest(desk, clock, min(max(until_due_s, REST_MIN_S), REST_MAX_S))


async def _rest(desk: Desk, clock: Clock, seconds: float) -> None:
    waits = [asyncio.ensure_future(desk.rang.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
