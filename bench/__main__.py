"""Everything that the README states, measured side by side in one run: `make bench`."""

import asyncio
import json
import platform
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

import uvloop
from attrs import Factory, define, frozen

from adapters.randomness import SystemRandomness
from adapters.settings import Settings
from adapters.tickets import memory_key_ring, sealer
from bench.load import Load, MakeRequest, drive, http
from bench.stage import Stage, resident_mb, serving, set_up, wait_until_ready
from bench.store import BARE_SCHEMA, bare
from tests.build_tickets import EVENT, ticket_code
from tests.support.postgres_server import PostgresServer, running_postgres
from tests.support.sandbox_provider import free_port

CLIENTS: Final = 32
ROUNDS: Final = 3
SECONDS: Final = 4.0
TICKETS: Final = 12_000
SEALS: Final = 2_000


@define(eq=False)
class Table:
    """Medians of all rounds, and the ratio to what PostgreSQL does bare."""

    figures: dict[str, list[float]] = Factory(dict)
    units: dict[str, str] = Factory(dict)

    def note(self, what: str, figure: float, unit: str = "/s") -> None:
        self.figures.setdefault(what, []).append(figure)
        self.units[what] = unit
        print(f"  {what}: {figure:,.2f} {unit}", flush=True)

    def median(self, what: str) -> float:
        return median(self.figures[what])

    def markdown(self, floor: str) -> str:
        lines = ["| what | median | of bare PostgreSQL |", "|---|---|---|"]
        for what, unit in self.units.items():
            value = self.median(what)
            shown = f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
            ratio = f"{value / self.median(floor):.2f} times" if unit == "/s" and what.startswith("bookings") else ""
            lines.append(f"| {what} | {shown} {unit} | {ratio} |")
        return "\n".join(lines)


BARE: Final = "bare PostgreSQL: BEGIN, UPDATE, INSERT, COMMIT by pgbench, 32 clients"


@frozen
class Site:
    """A server under load, and what is in it."""

    port: int
    stage: Stage
    pid: int

    def drive(self, make: MakeRequest, *, seconds: float = SECONDS) -> Load:
        return uvloop.run(drive(self.port, make, clients=CLIENTS, seconds=seconds))

    def bookings(self) -> Load:
        """Every client signs in as another buyer; each booking has a key of its own."""
        run = uuid.uuid4().hex
        event = self.stage.event
        wanted = [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}]
        body = json.dumps({"event_id": event.id, "tickets": wanted}).encode()

        def request(client: int) -> bytes:
            headers = {"Authorization": f"Bearer {self.stage.buyers[client]}", "Idempotency-Key": f"{run}-{client}-%d"}
            return http("POST", "/api/v1/bookings", headers, body)

        requests = [request(client) for client in range(CLIENTS)]
        return _good(self.drive(lambda client, count: requests[client] % count), {201})

    def scans(self) -> Load:
        """Distinct tickets, scanned by one organizer at 32 gates."""
        path = f"/api/v1/events/{self.stage.open_event.id}/scans"
        headers = {"Authorization": f"Bearer {self.stage.organizer}"}

        def make(client: int, count: int) -> bytes:
            number = count * CLIENTS + client
            code = self.stage.codes[number % len(self.stage.codes)]
            scan = {"token": code, "gate": f"G{client}", "scan_id": f"scan-{number}"}
            return http("POST", path, headers, json.dumps(scan).encode())

        return _good(self.drive(make), {200})

    def page(self, path: str) -> Load:
        return _good(self.drive(lambda _client, _count: http("GET", path, {})), {200})


def _good(load: Load, statuses: set[int]) -> Load:
    assert set(load.statuses) == statuses, load.statuses
    return load


@contextmanager
def site(url: str, tickets: int = 0) -> Iterator[Site]:
    """One worker on an empty database of this url; empty: SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = Settings(data_dir=Path(folder), database_url=url, base_url=f"http://127.0.0.1:{port}")
        stage = uvloop.run(set_up(settings, tickets))
        with serving(settings, port, Path(folder)) as server:
            yield Site(port, stage, server.pid)


def bookings(table: Table, server: PostgresServer) -> None:
    """Bare PostgreSQL and ours take turns, so that both meet the same machine."""
    server.run("createdb", "relexbooking")
    server.run("psql", "-q", "-c", BARE_SCHEMA)
    with site(server.url("relexbooking"), TICKETS) as postgres, site("") as sqlite:
        for _ in range(ROUNDS):
            table.note(BARE, bare(server, CLIENTS, SECONDS).per_second)
            table.note("bookings over HTTP on PostgreSQL, one hot event, 32 clients", postgres.bookings().rate)
            table.note("bookings over HTTP on SQLite, one hot event, 32 clients", sqlite.bookings().rate)
        table.note("scans over HTTP on PostgreSQL, distinct tickets, 32 clients", postgres.scans().rate)
        for _ in range(ROUNDS):
            table.note("event pages over HTTP", postgres.page(f"/events/{postgres.stage.event.id}").rate)
            table.note("events over the API", postgres.page(f"/api/v1/events/{postgres.stage.event.id}").rate)
        table.note("memory of the server after that, one worker", resident_mb(postgres.pid), "MB")


def codes(table: Table) -> None:
    """Sealing and opening in this process."""
    randomness = SystemRandomness()
    ring = memory_key_ring.build(randomness, datetime.now(UTC))
    sealing = sealer.build(ring, randomness)
    token = sealing.seal(ticket_code())
    for what, work in (
        ("sealing a code", lambda: sealing.seal(ticket_code())),
        ("opening a code", lambda: sealing.open(token, EVENT)),
    ):
        table.note(what, _microseconds(work), "µs")


def _microseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(SEALS):
        work()
    return (time.perf_counter() - began) / SEALS * 1e6


def start_up(table: Table) -> None:
    """From nothing running to the first answer, on a database that is there."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = Settings(data_dir=Path(folder), base_url=f"http://127.0.0.1:{port}")
        asyncio.run(set_up(settings))
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with serving(settings, port, Path(folder)):
                wait_until_ready(port)
                table.note("start to first answer", time.perf_counter() - began, "s")


def machine() -> str:
    """What it ran on."""
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = cpu[0].partition(":")[2].strip() if cpu else platform.machine()
    return f"{len(cpu)} cores ({model}), Python {platform.python_version()}, {platform.system()}"


def main() -> None:
    table = Table()
    with running_postgres() as server:
        bookings(table, server)
        version = server.run("psql", "-At", "-c", "SHOW server_version").strip()
    codes(table)
    start_up(table)
    print(f"\n{machine()}, PostgreSQL {version} with fsync; server, database and load on the same cores.")
    print(f"Medians of {ROUNDS} rounds of {SECONDS:.0f} seconds, taken in turns.\n")
    print(table.markdown(BARE))


if __name__ == "__main__":
    main()
