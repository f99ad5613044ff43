"""Which methods an address knows."""

from typing import Final

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.types import Method

_KNOWN: Final[tuple[Method, ...]] = ("DELETE", "GET", "PATCH", "POST", "PUT")


def methods_of(app: Litestar, path: str) -> str:
    """For an Allow header: HEAD comes with GET, and OPTIONS is answered everywhere."""
    known: list[str] = [method for method in _KNOWN if _is_routed(app, path, method)]
    return ", ".join(sorted([*known, "OPTIONS", *(["HEAD"] if "GET" in known else [])]))


def _is_routed(app: Litestar, path: str, method: Method) -> bool:
    try:
        app.asgi_router.handle_routing(path.rstrip("/") or "/", method)
    except HTTPException:
        return False
    return True
