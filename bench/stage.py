"""A server under load: real processes on a real database, filled through the use cases."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from attrs import frozen

from adapters.settings import Settings
from application.access import Actor
from application.reactions.issue_tickets import IssueTickets
from application.relay import News, Reactions, Relay
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.create_event import EventPlan, TicketTypePlan
from application.use_cases.sign_in import SignInCommand
from domain.account import Role
from domain.event import TICKETS_PER_BOOKING_MAX, Event, Venue
from wiring.container import Container, build, close

PASSWORD = "correct horse battery staple"  # noqa: S105 - of made-up people
BUYERS = 64
PATIENCE_S = 30


@frozen
class Stage:
    """What the load needs to know."""

    event: Event
    """On sale, with places without end."""
    open_event: Event
    """Its doors are open."""
    organizer: str
    """A session's secret, as are those of the buyers."""
    buyers: tuple[str, ...]
    codes: tuple[str, ...]
    """What the QR codes of the open event's tickets say."""


async def set_up(settings: Settings, tickets: int = 0) -> Stage:
    """An organizer, buyers, an event that costs and is on sale, and a free one whose doors are open."""
    container = build(settings)
    deeds = container.deeds()
    operator = Actor.operator("bench")

    async def sign_in(name: str, role: Role) -> str:
        command = CreateAccountCommand(f"{name}@example.com", name, PASSWORD, role, approved=role is Role.ORGANIZER)
        await deeds.create_account(operator, command)
        return (await deeds.sign_in(SignInCommand(command.email, PASSWORD))).secret

    organizer = await sign_in("organizer", Role.ORGANIZER)
    buyers = [await sign_in(f"buyer{n}", Role.USER) for n in range(BUYERS)]
    actor = await deeds.authenticate(organizer)
    assert actor is not None, "signed in a moment ago"

    async def event(price: str, begins: timedelta) -> Event:
        starts_at = deeds.clock.now() + begins
        kind = TicketTypePlan("Standard", price, 1_000_000, per_order_max=TICKETS_PER_BOOKING_MAX)
        plan = EventPlan(
            title="Concert",
            description="An evening of music. " * 40,
            venue=Venue("Hall", "1 Street", "Pune"),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            zone="Asia/Kolkata",
            currency="INR",
            ticket_types=(kind,),
            door_sales=True,
        )
        return await deeds.move_event.publish(operator, (await deeds.create_event(actor, plan)).id)

    on_sale, is_open = await event("499.00", timedelta(days=3)), await event("0", timedelta(minutes=30))
    codes = await _codes(container, actor, is_open, tickets)
    await close(container)
    return Stage(on_sale, is_open, organizer, tuple(buyers), codes)


async def _codes(container: Container, buyer: Actor, event: Event, count: int) -> tuple[str, ...]:
    """The codes of tickets that are bought now. The mails about them are not sent: drawing them takes long."""
    deeds = container.deeds()
    wanted = ((event.ticket_types[0].id, TICKETS_PER_BOOKING_MAX),)
    bookings = [
        await deeds.book_places(buyer, BookPlacesCommand(event.id, wanted))
        for _ in range(count // TICKETS_PER_BOOKING_MAX)
    ]
    begin, clock = container.begin(), container.clock()
    issue = IssueTickets(begin, clock, container.ids(), container.sealer())
    await Relay(begin, clock, container.store(), Reactions.of([issue]), News()).drain()
    shown = [await deeds.bookings.show(buyer, booking.id) for booking in bookings]
    return tuple(ticket.token for full in shown for ticket in full.tickets)


def as_installed() -> dict[str, str]:
    """The variables of a process that keeps the bytecode of what it imports, as Python does unless told otherwise."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def serving(settings: Settings, port: int, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One worker of the real server; the seconds to its first answer are in `first_answer_s`."""
    environment = {
        **as_installed(),
        "RELEX_DATA_DIR": str(settings.data_dir),
        "RELEX_DATABASE_URL": settings.database_url,
        "RELEX_BASE_URL": settings.base_url,
        "RELEX_LOG_LEVEL": "warning",
        "RELEX_LIMITS": "hold=off,check_in=off",
        # Counted as always, and never reached.
        "RELEX_HOLD_LIVE_MAX": "1000000",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", "1"]
    command += ["--port", str(port), "--no-access-log", "bootstrap:http_app"]
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready(port)
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def wait_until_ready(port: int, path: str = "/health/live") -> float:
    """Seconds until the first answer. Asked as cheaply as can be, for who is asked starts on the same cores."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_S:
        line = HTTPConnection("127.0.0.1", port, timeout=1)
        with closing(line), suppress(OSError, HTTPException):
            line.request("GET", path)
            line.getresponse().read()
            break
        time.sleep(0.01)
    return time.perf_counter() - began


def resident_mb(pid: int) -> float:
    """The memory of a process and its children that is in RAM, shared pages counted once for each."""
    pids = [pid]
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) in pids:
            pids.append(int(status.parent.name))
    total = 0.0
    for each in pids:
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) / 1024
    return total
