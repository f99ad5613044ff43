"""A request as our handlers get it."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Empty, Receive

from adapters.http.device_words import device_words
from adapters.http.source import neighbourhood, source_of
from application.access import Actor
from application.deeds import Deeds
from application.opening import Origin


def header(scope: Any, name: bytes) -> str:
    """The first header of a name in small letters; empty if there is none.

    Read from what the server handed over: Litestar's own headers are a mapping that is made for each request.
    """
    for given, value in scope["headers"]:
        if given == name:
            text: str = value.decode("latin-1")
            return text
    return ""


class Call(Request[Actor, Any, State]):
    """A request, who makes it, and all that can be done about it.

    Attributes and no injected dependencies: Litestar opens a task group to inject two of those, which costs twice
    as much as the rest of a small request.
    """

    __slots__ = ()

    @property
    def actor(self) -> Actor:
        """Who was recognised before the route was reached."""
        actor = self.scope["user"]
        assert isinstance(actor, Actor), "the policy is asked first"
        return actor

    async def body(self) -> bytes:
        """The whole body; RequestEntityTooLarge if it is larger than the route takes.

        It nearly always comes in one piece, for which Litestar's stream is long-winded.
        """
        if self._body is Empty:
            most = self.route_handler.resolve_request_max_body_size()
            self._body = await _read(self.scope, self.receive, most)
        return self._body

    @property
    def deeds(self) -> Deeds:
        deeds = self.app.state.deeds
        assert isinstance(deeds, Deeds), "put there when the application is made"
        return deeds

    @property
    def source(self) -> str:
        """The network from which it comes."""
        return source_of(self.scope, self.app.state.trusted_proxies)

    @property
    def origin(self) -> Origin:
        """The same, as its owner will be shown it in the list of sessions."""
        return Origin(device_words(header(self.scope, b"user-agent")), neighbourhood(self.source))

    @property
    def base_url_of_ours(self) -> str:
        """What people type, from the settings: never what a request says of itself."""
        url: str = self.app.state.base_url
        return url


async def _read(scope: Any, receive: Receive, most: int | None) -> bytes:
    length = header(scope, b"content-length")
    _check_size(int(length) if length.isdecimal() else 0, most)
    pieces: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise InternalServerException("client disconnected prematurely")
        pieces.append(message["body"])
        size += len(message["body"])
        _check_size(size, most)
        if not message.get("more_body"):
            # Put together once: a scan of ten megabytes comes in hundreds of pieces.
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _check_size(size: int, most: int | None) -> None:
    if most is not None and size > most:
        raise RequestEntityTooLarge
