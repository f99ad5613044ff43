"""What the command line needs of the wiring. bootstrap.py fills it; tests fill it with a world in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from attrs import frozen

from adapters.cli.exits import Exit

if TYPE_CHECKING:
    from adapters.cli.cloud_site import CloudSite
    from adapters.settings import Settings
    from application.deeds import Deeds

T = TypeVar("T")


class Verdict(StrEnum):
    """What doctor thinks of one thing."""

    OK = "ok"
    NOTE = "note"
    """Works, and somebody should know."""
    WRONG = "wrong"


@frozen
class Finding:
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    said: str
    mend: str = ""
    """What to do about it; empty where all is well."""


class SchemaState(StrEnum):
    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


@frozen
class Schema:
    """Which revision a database is at, and which one this program needs. None: there is no schema yet."""

    revision: str | None
    head: str
    state: SchemaState


@frozen
class DemoStage:
    """An installation whose clock can be put back, so that a demonstration has a past."""

    deeds: "Deeds"
    put_clock: Callable[[timedelta], None]
    """So much before the machine's own time; zero for now."""
    pay: Callable[[str], Awaitable[None]]
    """Do on the sandbox's payment page of that address what a buyer does who pays."""


@frozen
class Charge:
    """What one service of the cloud cost in one month."""

    month: str
    service: str
    amount: str
    """As it is told, with many digits."""
    currency: str
    is_estimate: bool


@frozen
class Happening:
    """One deed in the cloud account, for whoever looks into an incident."""

    at: datetime
    name: str
    by: str
    source_ip: str
    resources: tuple[str, ...]
    id: str


class CloudUnavailable(Exception):
    """The cloud did not answer, or did not let us look."""


class Cloud(Protocol):
    """What the cloud account tells of itself. CloudUnavailable if it does not."""

    def charges(self, start: date, end: date) -> list[Charge]:
        """From the month of `start` to the day before `end`, the dearest of each month first."""

    def happenings(self, name: str, since: datetime, until: datetime, count_max: int) -> list[Happening]:
        """The newest first; all names if `name` is empty."""


class Operations(Protocol):
    """Everything beside the use cases that commands call. Each method imports what it needs when it is called."""

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, on an event loop of our own."""

    def settings(self) -> "Settings":
        """WrongSetting, with the mend, if they cannot be right."""

    def open(self) -> AbstractAsyncContextManager["Deeds"]:
        """The use cases of this installation, until the end of the block."""

    def failures(self) -> Mapping[type[Exception], Exit]:
        """The errors of adapters that are expected, and how a command ends with each."""

    def check_port(self) -> None:
        """WrongSetting if somebody listens already where the server is to listen."""

    def share_counts(self) -> None:
        """Let the server's processes add up what they count. To be called before anything is opened."""

    def serve(self, workers: int) -> None:
        """Run the server until told to stop."""

    def beside_sandbox(self) -> AbstractContextManager[Callable[[], None]]:
        """Run the sandbox provider until the end of the block, where it is chosen, local and missing.

        What the block gets waits until it answers; WrongSetting if it does not.
        """

    async def work(self) -> None:
        """Work through the outbox and the jobs until cancelled."""

    def sandbox(self) -> None:
        """Run the sandbox payment provider alone, until told to stop."""

    def cloud(self) -> Cloud:
        """The account at AWS; WrongSetting if none is set."""

    def site(self, environment: str) -> "CloudSite":
        """What this installation has at AWS; WrongSetting if the settings are those of another one."""

    def site_template(self, environment: str, *, is_billing: bool) -> dict[str, Any]:
        """The same as a template of CloudFormation; of costs alone, for the region that knows them, if asked."""

    async def schema(self) -> Schema:
        """Look, and change nothing."""

    async def upgrade(self) -> list[str]:
        """Bring the store to the schema that this program needs; the revisions that were applied, oldest first."""

    def diagnose(self) -> AsyncIterator[Finding]:
        """Look at every part that this installation stands on, and change nothing."""

    def demo(self) -> AbstractAsyncContextManager[DemoStage]:
        """The stage of a demonstration, until the end of the block."""
