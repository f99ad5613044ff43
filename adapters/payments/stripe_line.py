"""The line to Stripe: its own client over a bounded transport, and what its answers and errors mean to us."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Generic, Protocol, TypeVar

import httpx
import msgspec
import stripe
from attrs import field, frozen

from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable

API_VERSION: Final = "2026-10-28.endive"
"""Pinned: the account's own default may be another one, and the answers would look different."""
ANSWER_BYTES_MAX: Final = 8_000_000
PAGES_MAX: Final = 1_000
REASON_LETTERS_MAX: Final = 500

_PAUSES_S: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""While the same request, sent a moment before, is still at work at Stripe's."""
_OTHER_MODE: Final = "a similar object exists in"


class NeverHeardOf(GatewayRefused):
    """Stripe itself says that it has nothing of that name."""


class SavedFailure(GatewayUnavailable):
    """Stripe failed once, and repeats that to whoever asks with the same key, whether or not it did what was asked."""


class _AtWork(GatewayUnavailable):
    """The same request is at work: its answer is worth waiting for."""


class Named(Protocol):
    """Whatever Stripe lists."""

    @property
    def id(self) -> str: ...


T = TypeVar("T")
N = TypeVar("N", bound=Named)


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list of Stripe's."""

    data: tuple[T, ...]
    has_more: bool


class BoundedTransport(stripe.HTTPClient):
    """httpx under Stripe's client, with an end to every answer, every wait and the number of connections.

    A failure keeps no cause: that holds the request, and the request holds the API key.
    """

    name = "httpx"

    def __init__(self, client: httpx.AsyncClient, timeout_s: float) -> None:
        super().__init__()
        self._client = client
        self._timeout_s = timeout_s

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        # httpx's time-outs are between bytes; the outer one is for an answer that comes one byte at a time.
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream(method, url, headers=dict(headers), content=post_data or None) as response,
            ):
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise _broken("the answer does not end")
                return body, response.status_code, response.headers
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            raise _broken(type(error).__name__) from None

    async def close_async(self) -> None:
        await self._client.aclose()


@frozen
class StripeLine:
    """Calls Stripe, and reads what it says as yes, no or unknown."""

    client: stripe.StripeClient = field(repr=False)
    transport: BoundedTransport = field(repr=False)
    page_size: int = 100

    @property
    def api(self) -> Any:
        # Its methods take and give typed dictionaries and objects; what is in them, our own answers check.
        return self.client.v1

    async def asked(self, kind: type[T], send: Callable[[], Awaitable[Any]]) -> T:
        """The answer. GatewayRefused is Stripe's own verdict; whatever else is wrong is GatewayUnavailable."""
        for pause_s in _PAUSES_S:
            try:
                return await self._once(kind, send)
            except _AtWork:
                await asyncio.sleep(pause_s)
        return await self._once(kind, send)

    async def each(
        self, kind: type[N], list_page: Callable[[Any], Awaitable[Any]], wanted: Mapping[str, Any]
    ) -> AsyncIterator[N]:
        """All of a list, a page at a time; an answer that is lost on the way is an error, and no end."""
        after: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            asked = {**wanted, "limit": self.page_size, **after}
            page: Page[N] = await self.asked(Page[kind], lambda asked=asked: list_page(asked))  # type: ignore[valid-type,misc]  # a type made at run time
            for one in page.data:
                yield one
            if not page.has_more:
                return
            if not page.data:
                break
            after = {"starting_after": page.data[-1].id}
        raise GatewayUnavailable("Stripe's list does not end")

    async def _once(self, kind: type[T], send: Callable[[], Awaitable[Any]]) -> T:
        try:
            plain = (await send()).to_dict()
            return msgspec.convert(plain, kind)
        except stripe.StripeError as error:
            raise _meaning(error) from None
        except (msgspec.ValidationError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
            # Stripe's client expects objects of its own, and trips over anything else.
            raise GatewayUnavailable("Stripe's answer makes no sense") from None


def _broken(reason: str) -> stripe.APIConnectionError:
    error: stripe.APIConnectionError = stripe.APIConnectionError(reason)  # type: ignore[no-untyped-call]  # Stripe's own
    return error


def _meaning(error: stripe.StripeError) -> GatewayRefused | GatewayUnavailable:
    reason = (error.user_message or "no reason given")[:REASON_LETTERS_MAX]
    match error:
        case stripe.APIConnectionError():
            return GatewayUnavailable(f"Stripe did not answer: {reason}")
        case stripe.AuthenticationError() | stripe.PermissionError():
            # It refuses us and not the deed. Its words are left out: they repeat a part of the key.
            return GatewayUnavailable("Stripe does not take our API key for this")
        case stripe.InvalidRequestError() if error.http_status == HTTPStatus.NOT_FOUND:
            return _not_found(error, reason)
        case stripe.InvalidRequestError() | stripe.IdempotencyError() | stripe.CardError():
            return GatewayRefused(reason)
    return _no_verdict(error)


def _not_found(error: stripe.StripeError, reason: str) -> GatewayRefused | GatewayUnavailable:
    # A key of the test mode is blind for live objects, and a wrong address knows nothing about our money.
    if error.code != "resource_missing" or _OTHER_MODE in reason:
        return GatewayUnavailable("Stripe answered 404, but not about what was asked for")
    return NeverHeardOf(reason)


def _no_verdict(error: stripe.StripeError) -> GatewayUnavailable:
    if error.http_status == HTTPStatus.CONFLICT:
        return _AtWork("Stripe is still at work on the same request")
    if dict(error.headers or {}).get("idempotent-replayed") == "true":
        return SavedFailure(f"Stripe failed with {error.http_status}, and says so again")
    return GatewayUnavailable(f"Stripe answered {error.http_status}")
