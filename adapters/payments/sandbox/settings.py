"""What the sandbox must be told at its start."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

from attrs import field, frozen

from adapters.payments.sandbox.urls import is_web_url
from adapters.payments.standard_webhooks import BadSecret, signing_key

API_KEY_LENGTH_MIN: Final = 16
BACKOFF_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
"""Between ten tries. Short, since people who try the sandbox do not wait three days."""
TRIES_MAX: Final = 20
IN_MEMORY: Final = ":memory:"


class SandboxMisconfigured(Exception):
    """A setting is missing or wrong. The message names it and the mend, and never a secret."""


@frozen
class SandboxSettings:
    """Everything that differs between two sandboxes. Raises SandboxMisconfigured, never starts half right."""

    database: str
    """A file, or IN_MEMORY."""
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str
    """Where browsers and our own server reach it."""
    account: str = "sandbox"
    faults: bool = False
    """Opens POST /v1/faults, with which tests make it misbehave."""
    webhook_backoff_s: tuple[float, ...] = BACKOFF_S

    def __attrs_post_init__(self) -> None:
        if len(self.api_key) < API_KEY_LENGTH_MIN or not self.api_key.isascii():
            raise SandboxMisconfigured(f"RELEX_SANDBOX_API_KEY: give {API_KEY_LENGTH_MIN} or more ASCII characters")
        try:
            signing_key(self.webhook_secret)
        except BadSecret as error:
            raise SandboxMisconfigured(f"RELEX_SANDBOX_WEBHOOK_SECRET: {error}") from None
        if not is_web_url(self.base_url) or self.base_url.endswith("/"):
            raise SandboxMisconfigured(
                "RELEX_SANDBOX_BASE_URL: give a URL such as http://127.0.0.1:8001, no / at its end"
            )
        if len(self.webhook_backoff_s) >= TRIES_MAX or not all(isfinite(s) and s >= 0 for s in self.webhook_backoff_s):
            raise SandboxMisconfigured(
                f"RELEX_SANDBOX_WEBHOOK_BACKOFF_S: give at most {TRIES_MAX - 1} pauses in seconds"
            )

    @property
    def tries_max(self) -> int:
        return len(self.webhook_backoff_s) + 1


def settings_from(environ: Mapping[str, str]) -> SandboxSettings:
    """The settings in RELEX_SANDBOX_*; only the two secrets have no default."""
    return SandboxSettings(
        database=environ.get("RELEX_SANDBOX_DATABASE", "var/sandbox.sqlite3"),
        api_key=environ.get("RELEX_SANDBOX_API_KEY", ""),
        webhook_secret=environ.get("RELEX_SANDBOX_WEBHOOK_SECRET", ""),
        base_url=environ.get("RELEX_SANDBOX_BASE_URL", "http://127.0.0.1:8001"),
        account=environ.get("RELEX_SANDBOX_ACCOUNT", "sandbox"),
        faults=_is_on(environ.get("RELEX_SANDBOX_FAULTS", "off")),
        webhook_backoff_s=_pauses(environ.get("RELEX_SANDBOX_WEBHOOK_BACKOFF_S", "")),
    )


def _is_on(text: str) -> bool:
    if text not in {"on", "off"}:
        raise SandboxMisconfigured("RELEX_SANDBOX_FAULTS: say on or off")
    return text == "on"


def _pauses(text: str) -> tuple[float, ...]:
    if not text:
        return BACKOFF_S
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise SandboxMisconfigured("RELEX_SANDBOX_WEBHOOK_BACKOFF_S: write seconds such as 1,2,4") from None
