"""Whether it works, and how much of it."""

import asyncio
from typing import ClassVar, Final

from litestar import Response, get

from adapters.http.call import Call
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import View
from adapters.monitoring import metrics
from adapters.monitoring.stocktaking import take_stock

_PATIENCE_S: Final = 3.0


class HealthView(View, frozen=True):
    EXAMPLE: ClassVar = {"status": "ok"}

    status: str


@get("/health/live", tags=("Operation",), **route(Policy.ANYONE, "Whether the process answers"))
async def live() -> HealthView:
    """A process that does not answer this should be started anew."""
    return HealthView("ok")


@get("/health/ready", tags=("Operation",), **route(Policy.ANYONE, "Whether it can work"))
async def ready(request: Call) -> HealthView:
    """503 while the store does not answer: send requests elsewhere until it does."""
    async with asyncio.timeout(_PATIENCE_S):
        await request.deeds.health.check()
    return HealthView("ok")


@get(
    "/metrics",
    tags=("Operation",),
    media_type=metrics.CONTENT_TYPE,
    **route(Policy.MONITOR, "Counts for Prometheus"),
)
async def measure(request: Call) -> Response[bytes]:
    """With the token from the settings or, where there is none, from this machine only."""
    await take_stock(request.deeds)
    return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)
