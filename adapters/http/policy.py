"""Who may call what. Every route declares a policy; one that does not stops the application from starting."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

from attrs import define
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import ASGIApp, Receive, Send

from adapters.http.authentication import actor_of, check_monitor
from adapters.http.key_scope import admit_key
from adapters.http.limited import LIMIT, check_limit_of_program
from application.access import Actor
from domain.account import Role


class Policy(StrEnum):
    """The least that a caller must be. Whose things they may touch is decided by the use case behind the route."""

    ANYONE = "anyone"
    PASSWORD_GIVEN = "password_given"  # noqa: S105 - a policy
    """Who gave at least the password: the second step of a sign-in, and what must be set up for it."""
    SIGNED_IN = "signed_in"
    BUYER = "buyer"
    """A guest, whose link or booking opened this session, or somebody signed in. What a guest needs, and no more."""
    TEAM = "team"
    """Somebody signed in, for whom the use case asks for a role at this very event: its organizer, an administrator, or
    whom the organizer let.
    """
    ORGANIZER = "organizer"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"
    GATEWAY = "gateway"
    """A payment gateway, which proves itself by its signature on the body."""
    MONITOR = "monitor"
    """What watches over the installation: it knows the token from the settings, or runs on this machine."""


_ROLE: Final = {
    Policy.SIGNED_IN: Role.USER,
    Policy.TEAM: Role.USER,
    Policy.ORGANIZER: Role.ORGANIZER,
    Policy.ADMIN: Role.ADMIN,
    Policy.SUPERADMIN: Role.SUPERADMIN,
}


NEEDS_FRESH: Final = "needs_fresh"
"""Of a route that asks for a password or a factor given in the last minutes."""


class PolicyMissing(Exception):
    """A route says nothing about who may call it."""


@define(eq=False)
class Policed:
    """In front of every route: who is calling, whether they may, and whether not too often. Deny by default.

    A middleware and no guard of Litestar's, which copies the route's handler for each request.
    """

    _app: ASGIApp

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        handler: BaseRouteHandler = scope["route_handler"]
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope, receive, send)
        actor = scope["user"] = await _admitted(connection, handler)
        if handler.opt.get(NEEDS_FRESH):
            actor.check_fresh(connection.app.state.deeds.clock.now())
        limit = handler.opt.get(LIMIT)
        if limit is not None:
            await check_limit_of_program(connection, actor, limit)
        await self._app(scope, receive, send)


async def _admitted(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> Actor:
    """Who is calling; SignInRequired or NotAllowed of those who may not."""
    policy: Policy = handler.opt["policy"]
    if policy is Policy.GATEWAY:
        return Actor.anonymous()
    if policy is Policy.MONITOR:
        check_monitor(connection)
        return Actor.anonymous()
    actor = await actor_of(connection)
    if actor.key is not None:
        await admit_key(connection, handler, actor.key)
    if policy is Policy.ANYONE:
        return Actor.anonymous() if actor.halfway else actor
    if policy is Policy.PASSWORD_GIVEN:
        actor.gave_password()
        return actor
    if policy is Policy.BUYER:
        actor.check_buyer()
        return actor
    role = _ROLE.get(policy)
    if role is not None:
        actor.check(role)
    return actor


def check_every_route_has_a_policy(routes: Iterable[BaseRoute]) -> None:
    """PolicyMissing if any route of the application declares none."""
    for path, handler in route_handlers(routes):
        if not isinstance(handler.opt.get("policy"), Policy):
            raise PolicyMissing(f"{path} ({handler.handler_name}) declares no policy")


def route_handlers(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, HTTPRouteHandler]]:
    """Every path and handler, without those that Litestar makes itself for OPTIONS, which the edge answers."""
    for route in routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route.path, handler
