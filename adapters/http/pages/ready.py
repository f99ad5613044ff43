"""Answers that are finished when they are made: nothing of Litestar's has to look at them again."""

from collections.abc import Iterable
from typing import Any, Final

from litestar import Response
from litestar.datastructures import Cookie
from litestar.types import Receive, Scope, Send

Headers = Iterable[tuple[bytes, bytes]]

_SEE_OTHER: Final = 303


class Ready(Response[Any]):
    """Bytes and headers, sent as they are."""

    def __init__(self, status: int, body: bytes, headers: Headers) -> None:
        super().__init__(body, status_code=status)
        self.ready = (*headers, (b"content-length", str(len(body)).encode()))

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        status, headers, body = self.status_code or 200, list(self.ready), self.content

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - Litestar names them
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return answer


def cookie_header(cookie: Cookie) -> tuple[bytes, bytes]:
    return b"set-cookie", cookie.to_header(header="").encode()


def see_other(url: str, *cookies: Cookie) -> Ready:
    """After a form: go and look there."""
    set_cookies = map(cookie_header, cookies)
    return Ready(_SEE_OTHER, b"", [(b"location", url.encode("ascii")), *set_cookies])
