"""Who is calling: by a bearer token, or by the session cookie, which only our own pages may use to change things."""

from dataclasses import replace as evolved
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from adapters.http.call import header
from application.access import Actor
from application.deeds import Deeds
from application.errors import NotFound
from application.guess_guard import DeviceKept
from application.key_format import looks_like_key
from domain.errors import DomainError

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SECRET_LENGTH_MAX: Final = 120
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})


class CrossSite(DomainError):
    """Another site's page tried to act in the name of somebody who is signed in here."""

    code = "cross_site"


def cookie_name(base_url: str) -> str:
    """`__Host-` binds the cookie to this host over https; browsers refuse it over plain http."""
    return "__Host-relex" if base_url.startswith("https://") else "relex"


def session_cookie(base_url: str, secret: str, max_age_s: int) -> Cookie:
    """The cookie that carries a session; with age 0 it ends one."""
    return Cookie(
        key=cookie_name(base_url),
        value=secret,
        path="/",
        max_age=max_age_s,
        httponly=True,
        samesite="lax",
        secure=base_url.startswith("https://"),
    )


def device_cookie(base_url: str, device: DeviceKept, at: datetime) -> Cookie:
    """The cookie by which a browser is known the next time somebody signs in there."""
    seconds = int((device.expires_at - at).total_seconds())
    return evolved(session_cookie(base_url, device.secret, seconds), key=_device_cookie_name(base_url))


def device_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """What the browser keeps; empty if it is not known."""
    return connection.cookies.get(_device_cookie_name(connection.app.state.base_url), "")[:SECRET_LENGTH_MAX]


def _device_cookie_name(base_url: str) -> str:
    return f"{cookie_name(base_url)}-device"


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, token = header(connection.scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def check_monitor(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """NotFound for all but who has the token of the settings or, without one, who calls from this machine."""
    wanted: str = connection.app.state.metrics_token
    if wanted:
        if compare_digest(_bearer(connection).encode(), wanted.encode()):
            return
    else:
        client = connection.scope.get("client")
        # A proxy on this machine calls from here too, for whoever; it says so.
        if client and client[0] in _LOOPBACK and not _FORWARDED & set(connection.headers):
            return
    raise NotFound("only for monitoring")


def session_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The secret that the caller presents, if any. A bearer token goes before a cookie."""
    token = _bearer(connection)
    if token:
        return token[:SECRET_LENGTH_MAX]
    base_url = connection.app.state.base_url
    cookie = connection.cookies.get(cookie_name(base_url))
    if cookie and connection.scope.get("method", "GET") not in _SAFE_METHODS:
        check_same_site(connection, base_url)
    # A key is a header's: no browser carries one along.
    return cookie[:SECRET_LENGTH_MAX] if cookie and not looks_like_key(cookie) else None


def check_same_site(connection: ASGIConnection[Any, Any, Any, Any], base_url: str) -> None:
    """CrossSite unless the browser says that the request comes from one of our own pages."""
    origin = connection.headers.get("origin")
    if origin is not None:
        if _host(origin) == _host(base_url):
            return
    elif connection.headers.get("sec-fetch-site") in {"same-origin", "none"}:
        return
    raise CrossSite("this request did not come from our own page")


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


async def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """The person who signed in, a program with a key, or nobody."""
    secret = session_secret(connection)
    deeds: Deeds = connection.app.state.deeds
    actor = await deeds.authenticate(secret) if secret else None
    return actor or Actor.anonymous()
