"""How many bookings a second a store takes on one hot event, beside what bare PostgreSQL does in the same run.

A booking here is one ChangeSet, as the application makes it: the booking, the answer to its idempotency key,
one allotment's places, and the event's version. Run it with `python -m bench.store`.
"""

import asyncio
import gc
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
from attrs import evolve, frozen
from sqlalchemy import Executable

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from adapters.persistence.sqlite_session import MadeStatements
from application.ports.store import ChangeSet, Committed, Expect, Store
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build
from tests.support.postgres_server import PostgresServer, running_postgres

CALLERS: Final = (1, 32, 64)
SECONDS: Final = 5.0
_HOT: Final = AllotmentId("alt_hot")
BARE_SCHEMA: Final = """
CREATE TABLE bare_allotment (id int PRIMARY KEY, held int NOT NULL);
CREATE TABLE bare_booking (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id int NOT NULL, body text);
INSERT INTO bare_allotment VALUES (1, 0);
"""
_BARE_TRANSACTION: Final = """
BEGIN;
UPDATE bare_allotment SET held = held + 1 WHERE id = 1;
INSERT INTO bare_booking (event_id, body) VALUES (1, repeat('x', 600));
COMMIT;
"""


@frozen
class Result:
    """What one measurement found; only `per_second` is known of bare PostgreSQL."""

    what: str
    callers: int
    per_second: float
    cpu_us: float | None = None
    """Microseconds of our own process, for each booking."""
    statements: float | None = None
    """For each batch."""
    batch: float | None = None
    """Bookings in a batch."""

    def row(self) -> str:
        cells = (self.cpu_us, self.statements, self.batch)
        numbers = "".join(f"{'' if cell is None else round(cell, 1):>12}" for cell in cells)
        return f"{self.what:<12}{self.callers:>8}{self.per_second:>12.0f}{numbers}"


HEADER: Final = f"{'what':<12}{'callers':>8}{'bookings/s':>12}{'CPU us':>12}{'statements':>12}{'batch':>12}"


@contextmanager
def _statements() -> Iterator[list[str]]:
    """The statements that are sent to either database meanwhile, without BEGIN and COMMIT."""
    seen: list[str] = []

    fetch, of = asyncpg.Connection.fetch, MadeStatements.of

    def noted(connection: Any, query: str, *arguments: Any) -> Any:
        seen.append(query)
        return fetch(connection, query, *arguments)

    def made(statements: MadeStatements, statement: Executable) -> Any:
        found = of(statements, statement)
        seen.append(found.words)
        return found

    asyncpg.Connection.fetch, MadeStatements.of = noted, made  # type: ignore[assignment, method-assign]  # put back below
    try:
        yield seen
    finally:
        asyncpg.Connection.fetch, MadeStatements.of = fetch, of  # type: ignore[method-assign]  # as it was


async def rate(what: str, url: str, callers: int, seconds: float = SECONDS) -> Result:
    """Bookings a second of this many callers, each of whom books again as soon as they are answered."""
    inner = await open_sql_store(url)
    store: Store = GatheringStore(inner)
    occasion = build.event()
    opening = () if await store.allotments([_HOT]) else (Allotment(_HOT, CAPACITY_MAX),)
    await store.commit([ChangeSet((occasion,), allotments=opening)])
    booking, answer = build.booking(event_id=occasion.id), build.answer(body=b"x" * 300)
    booked = 0
    ends = 0.0

    async def caller() -> None:
        nonlocal booked
        while time.perf_counter() < ends:
            sale = ChangeSet(
                inserts=(evolve(booking, id=build.new_id("bkg")), evolve(answer, id=build.new_id("key"))),
                expects=(Expect("event", occasion.id, 1),),
                changes=(AllotmentChange(_HOT, held=1),),
            )
            outcomes = await store.commit([sale])
            assert outcomes == [Committed()]
            booked += 1

    async def all_callers(for_s: float) -> None:
        nonlocal ends
        ends = time.perf_counter() + for_s
        await asyncio.gather(*(caller() for _ in range(callers)))

    await all_callers(1.0)
    gc.collect()
    booked = 0
    started, cpu = time.perf_counter(), time.process_time()
    with _statements() as seen:
        await all_callers(seconds)
    passed, cpu = time.perf_counter() - started, time.process_time() - cpu
    await store.close()
    batches = sum("UPDATE allotment" in statement for statement in seen)
    return Result(what, callers, booked / passed, cpu / booked * 1e6, len(seen) / batches, booked / batches)


def bare(server: PostgresServer, callers: int, seconds: float = SECONDS) -> Result:
    """The least transaction that books a place, by PostgreSQL's own driver of loads."""
    script = server.folder / "bare.sql"
    script.write_text(_BARE_TRANSACTION)
    options = ("-n", "-M", "prepared", "-c", str(callers), "-j", "2", "-T", str(round(seconds)))
    report = server.run("pgbench", *options, "-f", str(script), "postgres")
    found = re.search(r"tps = ([0-9.]+)", report)
    assert found is not None, report
    return Result("bare pg", callers, float(found[1]))


def main(seconds: float = SECONDS) -> list[Result]:
    """Measure everything side by side, and print it as a table."""
    print(HEADER)
    results: list[Result] = []

    def note(result: Result) -> None:
        results.append(result)
        print(result.row(), flush=True)

    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        server.run("psql", "-q", "-c", BARE_SCHEMA)
        for callers in CALLERS:
            note(bare(server, callers, seconds))
            note(asyncio.run(rate("postgres", server.url(), callers, seconds)))
            note(asyncio.run(rate("sqlite", f"sqlite:///{Path(folder) / 'store.db'}", callers, seconds)))
            floor, ours = results[-3], results[-2]
            print(f"postgres is {ours.per_second / floor.per_second:.2f} times bare", flush=True)
    return results


if __name__ == "__main__":
    main()
