"""The line to the sandbox: HTTP, with a limit on all that may come back."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from adapters.payments.standard_webhooks import signing_key
from application.ports.payment_gateway import GatewayUnavailable

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES_MAX: Final = 1_000_000
"""A page of its list has a hundred payments with their refunds."""


@frozen
class SandboxGatewaySettings:
    """Where the sandbox is, and the secrets that we share with it."""

    base_url: str
    api_key: str = field(repr=False)
    webhook_url: str
    """Where our own server takes the sandbox's notices."""
    webhook_secrets: tuple[str, ...] = field(repr=False)
    """All that are accepted: during a rotation the old one too."""
    account: str = "sandbox"
    timeout_s: float = 10.0
    """For a whole call, from its first byte to its last."""
    connections_max: int = 20
    statement_lines_max: int = 100
    """Asked for at a time; the sandbox gives no more than 100."""

    def __attrs_post_init__(self) -> None:
        assert self.webhook_secrets, "without a secret no notice could ever be genuine"
        for secret in self.webhook_secrets:
            signing_key(secret)  # A wrong secret stops the boot, and not the first notice.


@define(eq=False)
class SandboxLine:
    """A pool of connections, opened at the first call: until somebody pays, a server does without an HTTP client."""

    _settings: SandboxGatewaySettings
    _client: "httpx.AsyncClient | None" = field(default=None, repr=False)

    async def aclose(self) -> None:
        """Let the connections go. The line is of no use afterwards."""
        if self._client is not None:
            await self._client.aclose()

    async def exchange(self, method: str, path: str, content: Mapping[str, Any] | None) -> tuple[int, bytes]:
        """The status and the body of its answer; GatewayUnavailable if there is none, or no end to it."""
        import httpx  # noqa: PLC0415 - with the certificates that it loads, a twentieth of a start

        if self._client is None:
            self._client = self._opened(httpx.AsyncClient, httpx.Limits)
        # httpx's time-outs are between bytes; the outer one is for a gateway that answers one byte at a time.
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                self._client.stream(method, path, json=content) as response,
            ):
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise GatewayUnavailable("the sandbox's answer does not end")
                return response.status_code, body
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            # Without the cause: it holds the request, and the request holds the API key.
            raise GatewayUnavailable(f"the sandbox did not answer: {type(error).__name__}") from None

    def _opened(self, client: "type[httpx.AsyncClient]", limits: "type[httpx.Limits]") -> "httpx.AsyncClient":
        return client(
            base_url=self._settings.base_url,
            headers={"authorization": f"Bearer {self._settings.api_key}"},
            timeout=self._settings.timeout_s,
            limits=limits(max_connections=self._settings.connections_max),
            follow_redirects=False,
            trust_env=False,
        )
