"""Who may call what. Every route declares a policy; one that does not stops the application from starting."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import BaseRoute, HTTPRoute

from adapters.http.authentication import actor_of, check_monitor
from application.access import Actor
from domain.account import Role


class Policy(StrEnum):
    """The least that a caller must be. Whose things they may touch is decided by the use case behind the route."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    ORGANIZER = "organizer"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"
    GATEWAY = "gateway"
    """A payment gateway, which proves itself by its signature on the body."""
    MONITOR = "monitor"
    """What watches over the installation: it knows the token from the settings, or runs on this machine."""


_ROLE: Final = {
    Policy.SIGNED_IN: Role.USER,
    Policy.ORGANIZER: Role.ORGANIZER,
    Policy.ADMIN: Role.ADMIN,
    Policy.SUPERADMIN: Role.SUPERADMIN,
}


class PolicyMissing(Exception):
    """A route says nothing about who may call it."""


async def check_policy(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard before every route: who is calling, and whether they may. Deny by default."""
    if not _is_ours(handler):
        connection.scope["user"] = Actor.anonymous()
        return
    policy = handler.opt["policy"]
    if policy is Policy.GATEWAY:
        connection.scope["user"] = Actor.anonymous()
        return
    if policy is Policy.MONITOR:
        connection.scope["user"] = Actor.anonymous()
        check_monitor(connection)
        return
    actor = await actor_of(connection)
    connection.scope["user"] = actor
    role = _ROLE.get(policy)
    if role is not None:
        actor.check(role)


def check_every_route_has_a_policy(routes: Iterable[BaseRoute]) -> None:
    """PolicyMissing if any route of the application declares none."""
    for path, handler in route_handlers(routes):
        if not isinstance(handler.opt.get("policy"), Policy):
            raise PolicyMissing(f"{path} ({handler.handler_name}) declares no policy")


def route_handlers(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, HTTPRouteHandler]]:
    """Every path and handler, without those that Litestar makes itself to answer OPTIONS."""
    for route in routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if _is_ours(handler):
                    yield route.path, handler


def _is_ours(handler: BaseRouteHandler) -> bool:
    """Litestar answers OPTIONS by itself."""
    return not isinstance(handler, HTTPRouteHandler) or handler.http_methods != {"OPTIONS"}
