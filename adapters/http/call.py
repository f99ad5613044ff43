"""A request as our handlers get it."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from application.access import Actor
from application.deeds import Deeds


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

    @property
    def deeds(self) -> Deeds:
        deeds = self.app.state.deeds
        assert isinstance(deeds, Deeds), "put there when the application is made"
        return deeds

    @property
    def base_url_of_ours(self) -> str:
        """What people type, from the settings: never what a request says of itself."""
        url: str = self.app.state.base_url
        return url
