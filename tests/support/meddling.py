"""A sealed chain in a world, and the hand of somebody who can write whatever they like to its store."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from attrs import define, frozen
from sqlalchemy import Connection, text

from adapters.codec import decode, encode
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from adapters.persistence.sql_store import SqlStore, open_sql_store
from application.audit_chain import AuditHead, AuditLink
from application.chain_walk import Verdict
from application.kinds import KINDS, key_of
from application.ports.store import Record
from application.records import AuditRecord
from tests import build
from tests.support.world import World

BATCH = 40


class Hand(Protocol):
    """Reads and writes records past every promise of the store."""

    async def all(self, kind: str) -> list[Any]: ...

    async def put(self, *records: Record) -> None:
        """Write them, over those of the same ids."""

    async def remove(self, *records: Record) -> None: ...


@frozen
class MemoryHand:
    store: MemoryStore

    async def all(self, kind: str) -> list[Any]:
        return [record for key, record in self.store._records.items() if key.kind == kind]

    async def put(self, *records: Record) -> None:
        for record in records:
            self.store._records[key_of(record)] = record

    async def remove(self, *records: Record) -> None:
        for record in records:
            del self.store._records[key_of(record)]


@frozen
class SqlHand:
    store: SqlStore

    async def all(self, kind: str) -> list[Any]:
        rows = await self.store._database.read(
            lambda connection: connection.execute(text(f"SELECT body, version FROM {kind}")).all()  # noqa: S608
        )
        return [decode(kind, row.body, row.version) for row in rows]

    async def put(self, *records: Record) -> None:
        await self._change(_put, records)

    async def remove(self, *records: Record) -> None:
        await self._change(_remove, records)

    async def _change(self, change: Callable[[Connection, Record], None], records: Sequence[Record]) -> None:
        def unguarded(connection: Connection) -> None:
            set_guards_aside(connection)
            for record in records:
                change(connection, record)

        await self.store._database.write(unguarded)


def set_guards_aside(connection: Connection) -> None:
    """As somebody does who owns the database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for name in names:
        connection.execute(text(f"DROP TRIGGER {name}"))


def _remove(connection: Connection, record: Record) -> None:
    connection.execute(text(f"DELETE FROM {key_of(record).kind} WHERE id = :id"), {"id": record.id})  # noqa: S608


def _put(connection: Connection, record: Record) -> None:
    kind = KINDS[key_of(record).kind]
    values = kind.attributes_of(record) | {"id": record.id, "version": record.version, "body": encode(record)}
    _remove(connection, record)
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {kind.name} ({names}) VALUES ({places})"), values)  # noqa: S608


@define(eq=False)
class Sealed:
    """An installation with a chain of records, and somebody's hand in its store."""

    world: World
    hand: Hand
    folder: Path

    @property
    def witness(self) -> Path:
        return self.folder / "audit" / "checkpoints.ndjson"

    async def record(self, count: int) -> None:
        """So many deeds, each with a record of its own."""
        begin = self.world.container.begin()
        for start in range(0, count, BATCH):
            async with begin() as work:
                for number in range(start, min(start + BATCH, count)):
                    work.audit(self.world.operator, "event.edit", build.new_id("evt"), f"{number}")
                await work.commit()

    async def grow(self, count: int) -> None:
        """So many records more, sealed, and under a checkpoint."""
        await self.record(count)
        await self.world.deeds.seal_audit()
        self.world.clock.advance(300)
        assert await self.world.deeds.sign_checkpoint() == 1

    async def verify(self) -> Verdict:
        return await self.world.deeds.audit_trail.verify(self.world.operator)

    async def links(self) -> list[AuditLink]:
        return sorted(await self.hand.all("audit_link"), key=lambda link: link.sequence)

    async def record_of(self, link: AuditLink) -> AuditRecord:
        [record] = [record for record in await self.hand.all("audit") if record.id == link.id]
        assert isinstance(record, AuditRecord)
        return record

    async def head(self) -> AuditHead:
        [head] = await self.hand.all("audit_head")
        assert isinstance(head, AuditHead)
        return head


@asynccontextmanager
async def sealed_on(url: str, folder: Path) -> AsyncIterator[Sealed]:
    """An empty chain on memory (for no url), or on the database of that url."""
    if not url:
        memory = MemoryStore()
        yield Sealed(World.of(folder, GatheringStore(memory)), MemoryHand(memory), folder)
        return
    store = await open_sql_store(url)
    yield Sealed(World.of(folder, GatheringStore(store)), SqlHand(store), folder)
    await store.close()
