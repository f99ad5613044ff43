"""A server under load: real processes on a real database, filled through the use cases."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from attrs import frozen

from adapters.settings import Settings
from application.access import Actor
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.create_event import EventPlan, TicketTypePlan
from application.use_cases.sign_in import SignInCommand
from domain.account import Role
from domain.event import Event, Venue
from wiring import build, close

PASSWORD = "correct horse battery staple"  # noqa: S105 - of made-up people
BUYERS = 64
PATIENCE_S = 30


@frozen
class Stage:
    """What the load needs to know."""

    event: Event
    free_event: Event
    organizer: str
    """A session's secret, as are those of the buyers."""
    buyers: tuple[str, ...]


async def set_up(settings: Settings) -> Stage:
    """An organizer, buyers, and two events without end of places: one that costs, one that is free and open now."""
    container = build(settings)
    deeds = container.deeds()
    operator = Actor.operator("bench")

    async def sign_in(name: str, role: Role) -> str:
        command = CreateAccountCommand(f"{name}@example.com", name, PASSWORD, role, approved=role is Role.ORGANIZER)
        await deeds.create_account(operator, command)
        return (await deeds.sign_in(SignInCommand(command.email, PASSWORD))).secret

    organizer = await sign_in("organizer", Role.ORGANIZER)
    actor = await deeds.authenticate(organizer)
    assert actor is not None, "signed in a moment ago"
    buyers = [await sign_in(f"buyer{n}", Role.USER) for n in range(BUYERS)]

    async def event(price: str, days: int) -> Event:
        starts_at = deeds.clock.now() + timedelta(days=days)
        plan = EventPlan(
            title="Concert",
            description="An evening of music. " * 40,
            venue=Venue("Hall", "1 Street", "Pune"),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            zone="Asia/Kolkata",
            currency="INR",
            ticket_types=(TicketTypePlan("Standard", price, 1_000_000),),
        )
        return await deeds.move_event.publish(actor, (await deeds.create_event(actor, plan)).id)

    stage = Stage(await event("499.00", 3), await event("0", 3), organizer, tuple(buyers))
    await close(container)
    return stage


@contextmanager
def serving(settings: Settings, port: int, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One worker of the real server; the seconds to its first answer are in `first_answer_s`."""
    environment = {
        **os.environ,
        "RELEX_DATA_DIR": str(settings.data_dir),
        "RELEX_DATABASE_URL": settings.database_url,
        "RELEX_BASE_URL": settings.base_url,
        "RELEX_LOG_LEVEL": "warning",
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
    """Seconds until the first answer."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_S:
        try:
            httpx.get(f"http://127.0.0.1:{port}{path}", timeout=1)
            break
        except httpx.TransportError:
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
