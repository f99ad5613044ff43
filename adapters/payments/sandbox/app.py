"""The sandbox as one ASGI application. It runs in a process of its own: see server.py."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.di import Provide
from litestar.exceptions import HTTPException

from adapters.payments.sandbox.api import (
    FaultController,
    PaymentController,
    RefundController,
    Sandbox,
    StatementController,
    seller_only,
)
from adapters.payments.sandbox.bank import Bank
from adapters.payments.sandbox.courier import Courier, courier_client, work_forever
from adapters.payments.sandbox.dashboard import dashboard
from adapters.payments.sandbox.desk import Desk
from adapters.payments.sandbox.faults import Faults, FaultyLine
from adapters.payments.sandbox.html import problem_page, style
from adapters.payments.sandbox.messages import ProblemView
from adapters.payments.sandbox.pages import PayPage
from adapters.payments.sandbox.refusals import Conflict, Refused, Unknown
from adapters.payments.sandbox.settings import SandboxSettings
from adapters.payments.sandbox.storage import Storage
from application.ports.clock import Clock

_log = logging.getLogger(__name__)

BODY_BYTES_MAX: Final = 16_384

_STATUS: Final[Mapping[type[Refused], int]] = {Unknown: 404, Conflict: 409, Refused: 422}


def create_app(settings: SandboxSettings, clock: Clock) -> Litestar:
    """A sandbox on its own storage. Its background work runs from the application's start to its end."""
    storage, desk, faults = Storage(settings.database), Desk(), Faults()
    sandbox = Sandbox(settings, Bank(storage, settings.account), desk, clock, faults)

    @asynccontextmanager
    async def working(_app: Litestar) -> AsyncIterator[None]:
        async with courier_client() as client:
            courier = Courier(settings, storage, desk, clock, faults, client)
            work = asyncio.create_task(work_forever(sandbox.bank, courier))
            try:
                yield
            finally:
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
                desk.close()
                storage.close()

    guards = [seller_only(settings.api_key)]
    money = Router("/", route_handlers=[PaymentController, RefundController, StatementController], guards=guards)
    breaking = [Router("/", route_handlers=[FaultController], guards=guards)] if settings.faults else []
    return Litestar(
        route_handlers=[money, *breaking, PayPage, *dashboard(settings.api_key, clock), style, health],
        dependencies={"sandbox": Provide(lambda: sandbox, sync_to_thread=False)},
        exception_handlers={Refused: _refused, HTTPException: _refused_by_framework, Exception: _stumbled},
        # Here and not on the router: Litestar deep-copies routers, and the copy would break by other faults.
        middleware=[FaultyLine(faults, clock)] if settings.faults else [],
        lifespan=[working],
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


@get("/health", media_type=MediaType.TEXT, sync_to_thread=False)
def health() -> str:
    """Says that the sandbox answers."""
    return "ok"


def _refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    return _problem(request, _STATUS[type(error)], error.code, str(error))


def _refused_by_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    # What a schema refused says which field; everything else gets the words that its status has anyway.
    extra = error.extra if isinstance(error.extra, list) else []
    fields = "; ".join(f"{item.get('key', '')}: {item.get('message', '')}" for item in extra)
    return _problem(request, error.status_code, f"http_{error.status_code}", fields or error.detail)


def _stumbled(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _log.error("the sandbox stumbled", extra={"route": request.scope.get("path_template", "")}, exc_info=error)
    return _problem(request, 500, "http_500", "the sandbox stumbled; nobody knows what happened")


def _problem(request: Request[Any, Any, Any], status: int, code: str, message: str) -> Response[Any]:
    if request.url.path.startswith("/v1/"):
        return Response(ProblemView(code, message), status_code=status, media_type=MediaType.JSON)
    return problem_page(message, status)
