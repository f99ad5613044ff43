"""localstripe, which somebody else wrote: a second witness of how Stripe's API behaves."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import frozen

from tests.support.sandbox_provider import PLAIN, free_port

KEY: Final = "sk_test_12345"
READY_WITHIN_S: Final = 30.0
GOOD_CARD: Final = "4242424242424242"
BAD_CARD: Final = "4000000000000341"


@frozen
class LocalStripe:
    """A running localstripe, and what a buyer's browser would do there."""

    url: str

    def post(self, path: str, **form: str) -> dict[str, Any]:
        with httpx.Client(base_url=self.url, verify=PLAIN, trust_env=False) as client:
            response = client.post(path, data=form, headers={"authorization": f"Bearer {KEY}"})
        told: dict[str, Any] = response.json() if response.content else {}
        return told

    def sends_events_to(self, url: str, secret: str) -> None:
        self.post("/_config/webhooks/ours", url=url, secret=secret)

    def pays(self, amount: int, currency: str, metadata: dict[str, str], card: str = GOOD_CARD) -> str:
        """A payment intent that a buyer tries to pay; its name."""
        method = self.post(
            "/v1/payment_methods",
            type="card",
            **{"card[number]": card, "card[exp_month]": "12", "card[exp_year]": "2030", "card[cvc]": "123"},
        )
        intent = self.post(
            "/v1/payment_intents",
            amount=str(amount),
            currency=currency,
            payment_method=method["id"],
            **{f"metadata[{name}]": value for name, value in metadata.items()},
        )
        name: str = intent["id"]
        self.post(f"/v1/payment_intents/{name}/confirm")
        return name


@contextmanager
def local_stripe(folder: Path) -> Iterator[LocalStripe]:
    """One in a process of its own, until the end of the block."""
    port = free_port()
    log = folder / "localstripe.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port, process, log)
        yield LocalStripe(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    with httpx.Client(verify=PLAIN, trust_env=False) as client:
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            with suppress(httpx.TransportError):
                client.get(f"http://127.0.0.1:{port}/v1/balance", headers={"authorization": f"Bearer {KEY}"})
                return
            time.sleep(0.05)
    raise AssertionError(f"localstripe was not ready in time: {log.read_text()}")
