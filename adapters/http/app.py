"""The HTTP application, put together from its parts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from attrs import frozen
from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig

from adapters.http.api.bookings import BookingController
from adapters.http.policy import check_every_route_has_a_policy, check_policy
from adapters.http.problems import EXCEPTION_HANDLERS
from adapters.http.strict_json import StrictJson
from application.access import Actor
from application.deeds import Deeds

BODY_BYTES_MAX: Final = 1_000_000
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Hook = Callable[[], Awaitable[None]]


@frozen
class HttpConfig:
    """What the application needs to know of the world outside."""

    base_url: str
    open_docs: bool = True


def _actor(request: Request[Any, Any, Any]) -> Actor:
    """Who was recognised by the guard before the route."""
    actor = request.scope["user"]
    assert isinstance(actor, Actor), "the guard runs first"
    return actor


def _deeds(state: State) -> Deeds:
    deeds = state.deeds
    assert isinstance(deeds, Deeds), "put there when the application is made"
    return deeds


def create_app(
    deeds: Deeds, config: HttpConfig, *, on_startup: Sequence[Hook] = (), on_shutdown: Sequence[Hook] = ()
) -> Litestar:
    """Every route, behind the guard that asks for its policy; PolicyMissing if one has none."""
    api = Router("/api/v1", route_handlers=[BookingController], dto=StrictJson, return_dto=None)
    app = Litestar(
        route_handlers=[api],
        guards=[check_policy],
        dependencies={
            "actor": Provide(_actor, sync_to_thread=False),
            "deeds": Provide(_deeds, sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=BODY_BYTES_MAX,
        response_headers=SECURITY_HEADERS,
        state=State({"deeds": deeds, "base_url": config.base_url}),
        openapi_config=OpenAPIConfig("RelexBooking", "1") if config.open_docs else None,
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
    )
    check_every_route_has_a_policy(app.routes)
    return app
