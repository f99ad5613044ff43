"""The command line on a world in memory, typed as a person types it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeVar

import pytest
from attrs import Factory, define
from click.testing import CliRunner, Result

from adapters.cli.app import relexbooking
from adapters.cli.cloud_site import CloudSite, SiteRefused
from adapters.cli.exits import Exit
from adapters.cli.operations import Cloud, CloudUnavailable, DemoStage, Finding, Schema, SchemaState, Verdict
from adapters.settings import Settings
from application.deeds import Deeds
from application.ports.payment_gateway import ChargeState
from application.ports.store import StoreUnavailable
from domain.ids import PaymentId
from tests.support.world import World

T = TypeVar("T")


@define(eq=False)
class WorldOperations:
    """Operations on a world. `failing` is raised where the store would be opened."""

    world: World
    runner: asyncio.Runner
    given_settings: Settings
    failing: Exception | None = None
    port_taken: Exception | None = None
    served: int = 0
    given_cloud: Cloud | None = None
    given_site: CloudSite | None = None
    findings: tuple[Finding, ...] = (Finding("python", Verdict.OK, "3.11"),)

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(deed)

    def settings(self) -> Settings:
        return self.given_settings

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Deeds]:
        if self.failing is not None:
            raise self.failing
        yield self.world.deeds

    def failures(self) -> Mapping[type[Exception], Exit]:
        return dict.fromkeys((StoreUnavailable, CloudUnavailable), Exit.UNAVAILABLE) | {SiteRefused: Exit.REFUSED}

    def check_port(self) -> None:
        if self.port_taken is not None:
            raise self.port_taken

    def share_counts(self) -> None:
        return

    def serve(self, workers: int) -> None:
        self.served += workers

    async def work(self) -> None:
        return

    def sandbox(self) -> None:
        return

    def beside_sandbox(self) -> AbstractContextManager[Callable[[], None]]:
        return nullcontext(lambda: None)

    def cloud(self) -> Cloud:
        if self.given_cloud is None:
            raise CloudUnavailable("AWS says AccessDenied")
        return self.given_cloud

    def site(self, environment: str) -> CloudSite:
        if self.given_site is None:
            raise CloudUnavailable("who we are at AWS: AWS says NoCredentialsError")
        return self.given_site

    def site_template(self, environment: str, *, is_billing: bool) -> dict[str, Any]:
        return {"Description": environment, "Resources": {"Billing": {}} if is_billing else {}}

    async def schema(self) -> Schema:
        return Schema("0001", "0002", SchemaState.BEHIND)

    async def upgrade(self) -> list[str]:
        return ["0002"]

    async def diagnose(self) -> AsyncIterator[Finding]:
        for finding in self.findings:
            yield finding

    @asynccontextmanager
    async def demo(self) -> AsyncIterator[DemoStage]:
        began = self.world.clock.now()

        async def pay(page_url: str) -> None:
            self.world.bank.becomes(PaymentId(page_url.rsplit("/", 1)[1]), ChargeState.CAPTURED)

        yield DemoStage(self.world.deeds, lambda by: self.world.clock.set(began - by), pay)


@define(eq=False)
class CommandLine:
    """Types commands and reads what they answer."""

    operations: WorldOperations
    terminal: CliRunner = Factory(CliRunner)

    @property
    def world(self) -> World:
        return self.operations.world

    def do(self, deed: Coroutine[Any, Any, T]) -> T:
        """Something in the world, beside the command line."""
        return self.operations.run(deed)

    def type(self, *words: str, typed: str = "") -> Result:
        return self.terminal.invoke(relexbooking, list(words), obj=self.operations, input=typed)

    def ok(self, *words: str, typed: str = "") -> str:
        """What a command that goes well says."""
        result = self.type(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str, typed: str = "", exit_code: int = 0) -> Any:
        """The one document on standard output."""
        result = self.type(*words, "--json", typed=typed)
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def line(tmp_path: Any) -> Iterator[CommandLine]:
    with asyncio.Runner() as runner:
        operations = WorldOperations(World.of(tmp_path), runner, Settings(data_dir=tmp_path))
        yield CommandLine(operations)
