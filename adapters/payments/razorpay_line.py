"""The line to Razorpay: its own client, held to our limits, and with one reading of what an answer means."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Generic, TypeVar

import msgspec
import razorpay
import requests
import urllib3.exceptions
from attrs import field, frozen
from msgspec import Struct
from requests.adapters import HTTPAdapter

from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable

T = TypeVar("T")

CONNECT_S: Final = 5.0
ANSWER_BYTES_MAX: Final = 2_000_000
"""A page of a hundred payments is a tenth of it."""
PART_BYTES: Final = 65_536
WORDS_MAX: Final = 300
PAGES_MAX: Final = 1_000

# Razorpay refuses us and not the deed (a wrong key), or not for good: the deed may well be done later.
_NOT_FOR_GOOD: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_VERDICT: Final = "BAD_REQUEST_ERROR"
_UNKNOWN_NAME: Final = "does not exist"
_EMPTY_PURSE: Final = "enough balance"
"""Money that comes in later can still go back: no refund has failed because the balance is low today."""


@frozen
class RazorpaySettings:
    """Which account at Razorpay, how it knows us, and how long we wait for it."""

    key_id: str
    key_secret: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    """All that are accepted: Razorpay goes on signing old messages with the old one after a change."""
    account: str = ""
    """`acc_…`: whose notices are believed; empty if any account's that knows a secret of ours."""
    api_base: str = "https://api.razorpay.com"
    timeout_s: float = 10.0
    """For one call, with its wait for a free thread."""
    threads: int = 8
    """How many calls are under way at once: the vendor's client blocks a thread for each."""
    page_size: int = 100
    """How much of a list is asked for at a time; Razorpay gives 100 at most."""

    def __attrs_post_init__(self) -> None:
        assert all(self.webhook_secrets), "an empty secret would let anybody sign"
        assert self.webhook_secrets, "without a secret no notice could ever be genuine"


class NeverHeardOf(GatewayRefused):
    """Razorpay itself says that it knows nothing of that name."""


class Collection(Struct, Generic[T], frozen=True):
    """A page of a list."""

    items: tuple[T, ...]


class _Problem(Struct, frozen=True):
    code: str = ""
    description: str = ""


class _ProblemAnswer(Struct, frozen=True):
    error: _Problem


@frozen
class _Answer:
    """As much of a response as the vendor's client looks at."""

    status_code: int
    content: Any

    def json(self) -> Any:
        return self.content


class BoundedSession(requests.Session):
    """What the vendor's client speaks through.

    It is left to pass on what went well: by itself it waits for ever, follows redirects, takes proxies from the
    environment, prints on standard output, trusts the certificate authorities of 2015, and tells a wrong key and a
    refused payment alike.
    """

    def __init__(self, read_s: float, connections: int) -> None:
        super().__init__()
        self.read_s = read_s
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter)

    def request(self, method: str, url: str, **options: Any) -> _Answer:  # type: ignore[override]  # see _Answer
        bounds = {
            "timeout": (min(CONNECT_S, self.read_s), self.read_s),
            "allow_redirects": False,
            "stream": True,
            "verify": True,  # By the authorities of today, and not by the list that came with the client.
        }
        try:
            with super().request(method, url, **(options | bounds)) as response:
                status, body = response.status_code, self._read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # Without the cause: it holds the request, and the request holds our key.
            raise GatewayUnavailable(f"Razorpay did not answer: {type(error).__name__}") from None
        return _Answer(status, _meaning(status, body))

    def _read(self, response: requests.Response) -> bytes:
        # The time-out of a socket is between bytes; this one is for a server that sends one byte at a time.
        deadline = time.monotonic() + self.read_s
        body = b""
        while part := response.raw.read1(PART_BYTES, decode_content=True):
            body += part
            if len(body) > ANSWER_BYTES_MAX or time.monotonic() > deadline:
                raise GatewayUnavailable("Razorpay's answer does not end")
        return body


def _meaning(status: int, body: bytes) -> dict[str, Any]:
    """The content of an answer that went well; otherwise what its failure says about the deed."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _decoded(dict[str, Any], body, status)
    if status == HTTPStatus.UNAUTHORIZED:
        raise GatewayUnavailable("Razorpay answered 401: it does not know our key")
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR or status in _NOT_FOR_GOOD:
        raise GatewayUnavailable(f"Razorpay answered {status}")
    problem = _decoded(_ProblemAnswer, body, status).error
    said = problem.description[:WORDS_MAX]
    if problem.code.upper() != _VERDICT or _EMPTY_PURSE in said.lower():
        raise GatewayUnavailable(f"Razorpay answered {status}: {said or problem.code or 'no reason'}")
    if _UNKNOWN_NAME in said.lower():
        raise NeverHeardOf(said)
    raise GatewayRefused(said)


def _decoded(kind: type[T], body: bytes, status: int) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A wrong address or a proxy knows nothing about our money, whatever status it answers.
        raise GatewayUnavailable(f"what answered {status} does not speak as Razorpay does") from None


@frozen
class RazorpayLine:
    """Asks Razorpay through the vendor's client, in threads of its own.

    Makes one attempt a call: whoever calls knows how long it is worth trying again.
    """

    settings: RazorpaySettings
    client: Any = field(repr=False)
    session: BoundedSession = field(repr=False)
    threads: ThreadPoolExecutor = field(repr=False)

    async def ask(self, kind: type[T], deed: Callable[[Any], Any]) -> T:
        """What the deed answers, read as `kind`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                answer = await loop.run_in_executor(self.threads, deed, self.client)
        except TimeoutError:
            raise GatewayUnavailable("Razorpay did not answer in time") from None
        try:
            return msgspec.convert(answer, kind)
        except (msgspec.ValidationError, RecursionError):
            raise GatewayUnavailable("Razorpay's answer makes no sense") from None

    async def every(self, kind: type[T], deed: Callable[[Any, dict[str, int]], Any]) -> AsyncIterator[T]:
        """All of a list, page by page; `deed` is given where the page begins and how long it is."""
        size = self.settings.page_size
        for number in range(PAGES_MAX):
            page = {"count": size, "skip": number * size}
            # mypy takes no type made at run time: https://github.com/python/mypy/issues/9773
            collection: type[Collection[T]] = Collection[kind]  # type: ignore[valid-type]  # a type made at run time
            items = (await self.ask(collection, lambda client, page=page: deed(client, page))).items  # type: ignore[misc]  # mypy types no default of a lambda
            for item in items:
                yield item
            if len(items) < size:
                return
        raise GatewayUnavailable("Razorpay's list does not end")

    async def aclose(self) -> None:
        """Let threads and connections go. The line is of no use afterwards."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.session.close()


def open_line(settings: RazorpaySettings) -> RazorpayLine:
    """A line with threads and connections of its own; close it with aclose()."""
    session = BoundedSession(settings.timeout_s, settings.threads)
    client = razorpay.Client(
        session=session, auth=(settings.key_id, settings.key_secret), base_url=settings.api_base.rstrip("/")
    )
    threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="razorpay")
    return RazorpayLine(settings, client, session, threads)
