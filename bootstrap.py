"""The one place that knows every part, and the ways in: http_app(), cli(), worker().

Everything heavy is imported by the way in that needs it, so that `relexbooking --help` is quick.
"""

import asyncio
import functools
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import frozen

from adapters.cli.cloud_site import CloudSite, SiteRefused
from adapters.cli.exits import Exit
from adapters.cli.operations import Cloud, CloudUnavailable, DemoStage, Finding, Schema

if TYPE_CHECKING:
    from litestar import Litestar

    from adapters.aws.lambda_entry import LambdaContext, LambdaEntry
    from adapters.settings import Settings
    from application.deeds import Deeds
    from wiring.container import Container, build, close

__all__ = ["Container", "Installation", "build", "cli", "close", "http_app", "lambda_handler", "worker"]

T = TypeVar("T")

_OF_THE_WIRING: Final = frozenset({"Container", "build", "close"})

# ruff: noqa: PLC0415 - each way in imports what it needs and no more


def __getattr__(name: str) -> Any:
    """The wiring's own names, without importing it for those who do not ask."""
    if name not in _OF_THE_WIRING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from wiring import container

    return getattr(container, name)


def _collect_less() -> None:
    """Look for garbage less often than Python does on its own, from before the first import on.

    Nearly all that a request makes goes with its last reference, and nearly all that a start makes stays. Collecting
    took a quarter to a third of the time of a booking, and a seventh of a start.
    """
    gc.set_threshold(50_000, 20, 100)


def _share_with_workers() -> None:
    """Import what every worker needs before they are forked: none has to do it again, and all of them share its pages.

    A collection writes into every object that it looks at, which would copy the page: what is there is left out.
    """
    for name in ("adapters.http.app", "adapters.monitoring.watching", "application.background"):
        import_module(name)
    gc.freeze()


def http_app(container: "Container | None" = None) -> "Litestar":
    """The server's application; granian calls this in each worker."""
    _collect_less()
    from adapters.http.app import HttpConfig, create_app
    from adapters.monitoring.logs import start_log
    from adapters.monitoring.watching import watching
    from application.background import Background
    from wiring.container import build, close

    container = container or build()
    settings = container.settings()
    start_log(settings.log_level, settings.log_format)
    background = Background(container.deeds(), watching(settings, container.deeds()), relays=settings.relay)

    async def stop() -> None:
        await background.stop()
        await close(container)

    app = create_app(
        container.deeds(),
        HttpConfig(settings.base_url, settings.open_docs, settings.metrics_token, settings.trusted_proxies),
        on_startup=[background.start],
        on_shutdown=[stop],
    )
    # What was made at start lives as long as the process: it is left out of every collection from now on. Next to
    # nothing of it is garbage, and to look for that first would take a tenth of the start.
    gc.freeze()
    return app


@functools.cache
def _lambda_entry() -> "LambdaEntry":
    _collect_less()
    from adapters.aws.lambda_entry import LambdaEntry
    from wiring.container import build

    container = build()
    return LambdaEntry(http_app(container), container.deeds())


def lambda_handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """What Lambda calls. All is made at the first event, and kept for those that follow."""
    return _lambda_entry()(event, context)


async def worker() -> None:
    """The relay and the jobs without a server, until cancelled."""
    from adapters.monitoring.logs import start_log
    from adapters.monitoring.watching import watching
    from application.background import Background
    from wiring.container import build, close

    container = build()
    start_log(container.settings().log_level, container.settings().log_format)
    try:
        watchers = watching(container.settings(), container.deeds())
        await Background(container.deeds(), watchers).run()
    finally:
        await close(container)


def cli() -> None:
    """The command line; the console script `relexbooking` calls this."""
    from adapters.cli.app import main
    from adapters.monitoring.logs import start_log

    _collect_less()
    start_log("warning")
    main(Installation())


@frozen
class Installation:
    """The Operations of the installation that the settings describe."""

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """See Operations."""
        return asyncio.run(deed)

    def settings(self) -> "Settings":
        """See Operations."""
        from adapters.settings import load_settings

        return load_settings()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Deeds"]:
        """See Operations."""
        from wiring.container import build, close

        container = build(self.settings())
        try:
            yield container.deeds()
        finally:
            await close(container)

    def failures(self) -> Mapping[type[Exception], Exit]:
        """See Operations."""
        from adapters.identity.password_list import PasswordListUnusable
        from adapters.persistence.migrating import SchemaTooNew
        from adapters.persistence.sql_database import UrlNotUnderstood
        from adapters.secret_folder import SecretsUnusable
        from application.ports.audit_witness import WitnessUnavailable
        from application.ports.mailer import MailFailed
        from application.ports.object_store import ObjectStoreUnavailable
        from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable
        from application.ports.store import StoreUnavailable

        unavailable = (StoreUnavailable, ObjectStoreUnavailable, GatewayUnavailable, MailFailed, WitnessUnavailable)
        to_be_mended = (SchemaTooNew, UrlNotUnderstood, SecretsUnusable, PasswordListUnusable)
        return (
            dict.fromkeys(unavailable, Exit.UNAVAILABLE)
            | dict.fromkeys(to_be_mended, Exit.WRONG_SETTING)
            | {GatewayRefused: Exit.REFUSED, CloudUnavailable: Exit.UNAVAILABLE, SiteRefused: Exit.REFUSED}
        )

    def check_port(self) -> None:
        """See Operations."""
        from adapters.processes.ports import check_is_free

        settings = self.settings()
        check_is_free(settings.host, settings.port, "stop what listens there, or choose another with --port")

    def share_counts(self) -> None:
        """See Operations."""
        from adapters.monitoring.sharing import share_counts

        share_counts(self.settings().data_dir / "metrics")

    def serve(self, workers: int) -> None:
        """See Operations."""
        from adapters.processes.server import is_forking, serve

        if is_forking():
            _share_with_workers()
        serve("bootstrap:http_app", self.settings(), workers)

    async def work(self) -> None:
        """See Operations."""
        await worker()

    def sandbox(self) -> None:
        """See Operations."""
        from adapters.processes.sandbox import become_sandbox

        become_sandbox(self.settings())

    def beside_sandbox(self) -> AbstractContextManager[Callable[[], None]]:
        """See Operations."""
        from adapters.processes.sandbox import sandbox_beside

        return sandbox_beside(self.settings())

    def cloud(self) -> Cloud:
        """See Operations."""
        from adapters.aws.account_reports import AwsAccount

        return AwsAccount.of(self.settings())

    def site(self, environment: str) -> CloudSite:
        """See Operations."""
        from adapters.aws.site.making import AwsSite

        return AwsSite.of(self.settings(), environment)

    def site_template(self, environment: str, *, is_billing: bool) -> dict[str, Any]:
        """See Operations."""
        from adapters.aws.site.making import template_of

        return template_of(self.settings(), environment, is_billing=is_billing)

    async def schema(self) -> Schema:
        """See Operations."""
        from adapters.diagnosis.schema import schema_of

        return await schema_of(self.settings())

    async def upgrade(self) -> list[str]:
        """See Operations."""
        from adapters.persistence.migrating import upgrade

        settings = self.settings()
        return await upgrade(settings.store_url) if settings.store == "sql" else []

    def diagnose(self) -> AsyncIterator[Finding]:
        """See Operations."""
        from adapters.diagnosis.examination import examine

        return examine(self.settings)

    @asynccontextmanager
    async def demo(self) -> AsyncIterator[DemoStage]:
        """See Operations."""
        from dependency_injector import providers

        from adapters.clock import ShiftedClock
        from adapters.payments.sandbox_buyer import pay
        from wiring.container import Container, close

        clock = ShiftedClock()
        container = Container(settings=self.settings())
        container.clock.override(providers.Object(clock))
        try:
            yield DemoStage(container.deeds(), clock.put_back, pay)
        finally:
            await close(container)


if __name__ == "__main__":
    cli()
