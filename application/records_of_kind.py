"""The records of one kind, inside a unit of work."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import define, frozen

from application.changes import Changes
from application.errors import NotFound
from application.kinds import kind_of_type
from application.ports.store import Expect, Key, Record, Store
from domain.facts import Aggregate

if TYPE_CHECKING:
    from application.work import Work

R = TypeVar("R", bound=Record)


@define(eq=False)
class Records(Generic[R]):
    """The records of one kind, inside a unit of work."""

    _store: Store
    _type: type[R]
    _changes: Changes

    def key(self, record_id: str) -> Key:
        """The name under which the store knows one."""
        return Key(kind_of_type(self._type).name, record_id)

    async def find(self, record_id: str) -> R | None:
        key = self.key(record_id)
        record = (await self._store.get([key])).get(key)
        if record is not None:
            self._changes.read[record_id] = record
        return record  # type: ignore[return-value]  # a key's kind gives its type

    async def get(self, record_id: str) -> R:
        """NotFound if there is none of that id."""
        record = await self.find(record_id)
        if record is None:
            raise NotFound(f"no such {kind_of_type(self._type).name.replace('_', ' ')}")
        return record

    async def get_all(self, record_ids: Iterable[str]) -> list[R]:
        """Those of these ids that exist, in the order of the ids."""
        keys = [self.key(record_id) for record_id in record_ids]
        found: Any = await self._store.get(keys) if keys else {}
        return [found[key] for key in keys if key in found]

    def add(self, record: R) -> None:
        """Store a new one; AlreadyExists at commit if there is one of its id."""
        self._changes.inserts.append(record)
        self._note_facts(record)

    def save(self, record: R) -> None:
        """Store a changed one; StaleVersion at commit if somebody else changed it since it was read."""
        self._changes.saves.append(record)
        self._note_facts(record)

    def delete(self, record: R) -> None:
        """Remove one; StaleVersion at commit if somebody else changed or removed it since it was read."""
        self._changes.deletes.append(record)

    def expect(self, record: R) -> None:
        """StaleVersion at commit if somebody else changed it since it was read."""
        self._changes.expects.append(Expect(kind_of_type(self._type).name, record.id, record.version))

    def _note_facts(self, record: object) -> None:
        if isinstance(record, Aggregate):
            self._changes.facts.extend(record.facts)


@frozen
class RecordsOf(Generic[R]):
    """Makes the records of one kind when a unit of work is asked for them: most need two or three of all kinds."""

    _type: type[R]

    def __get__(self, work: "Work", _owner: type["Work"]) -> Records[R]:
        return Records(work._store, self._type, work._changes)  # noqa: SLF001 - one mechanism in two classes
