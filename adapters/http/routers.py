"""Routers that cost Litestar little."""

from typing import Any, Self

from litestar import Router


class OnlyHere(Router):
    """Made for one application, which alone may take it in.

    Litestar copies a router with every route and handler in it before it takes it in, since another application may
    hold it too. That took a twentieth of the start.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        assert self.owner is None, "an application has it already"
        return self
