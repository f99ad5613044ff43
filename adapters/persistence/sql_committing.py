"""A batch in one transaction: lock what it is decided on, decide, write what takes place."""

from collections.abc import Callable, Collection, Mapping, Sequence

from attrs import frozen
from sqlalchemy import Executable

from adapters.codec import encode
from adapters.persistence.deciding import Shelf, committed, decide, duplicate, last_states, touched
from adapters.persistence.sql_database import SqlSession
from adapters.persistence.sql_reading import by_kind
from adapters.persistence.sql_statements import Statements, TableStatements
from adapters.persistence.sql_wording import Row
from adapters.persistence.tables import ALLOTMENTS, TABLES
from application.kinds import ALLOTMENT, KINDS, key_of
from application.ports.store import ChangeSet, Committed, Duplicate, Key, Outcome, Record
from domain.allotment import Allotment
from domain.ids import AllotmentId


def commit(session: SqlSession, statements: Statements, batch: Sequence[ChangeSet], *, sure: bool) -> list[Outcome]:
    """Write the sets that take place; the caller commits. If there are none, everything is let go at once.

    What is inserted is taken to be new, and a collision breaks the transaction; when `sure`, it is looked up before.
    """
    reading = _Reading(session, statements, batch, *touched(batch))
    shelf = reading.locked()
    if sure:
        reading.look_up(batch, shelf)
    before = dict(shelf.allotments)
    outcomes = decide(batch, shelf)
    if not sure:
        outcomes = _duplicates_first(reading, outcomes)
    sets = committed(batch, outcomes)
    if sets:
        _write(session, statements, sets, _moved(before, shelf.allotments))
    else:
        session.rollback()
    return outcomes


@frozen
class _Reading:
    """What one transaction reads before it decides."""

    _session: SqlSession
    _statements: Statements
    batch: Sequence[ChangeSet]
    _keys: set[Key]
    """The records that are decided on."""
    _ids: set[AllotmentId]
    """The allotments that are decided on."""

    def locked(self) -> Shelf:
        """What the batch is decided on, held until the transaction ends.

        Everybody locks in one order (allotments, then kind by kind; by id in each), so that nobody waits in a circle.
        """
        changing = {key_of(r).kind for changes in self.batch for r in (*changes.saves, *changes.deletes)}
        # One lock for all of a kind: to share some and lock others takes two turns, and two turns can cross.
        return self._shelf(
            self._keys,
            self._ids,
            lambda made, name: made.lock if name in changing or name == ALLOTMENTS.name else made.share,
        )

    def look_up(self, sets: Sequence[ChangeSet], shelf: Shelf) -> None:
        """Put on the shelf what of the things to be inserted exists, unless it was looked at under lock."""
        inserts = {key_of(record) for changes in sets for record in changes.inserts} - self._keys
        opened = {allotment.id for changes in sets for allotment in changes.allotments} - self._ids
        stored = self._shelf(inserts, opened, lambda made, _: made.look)
        shelf.versions.update(stored.versions)
        shelf.allotments.update(stored.allotments)

    def _shelf(
        self, keys: Collection[Key], ids: Collection[AllotmentId], how: Callable[[TableStatements, str], Executable]
    ) -> Shelf:
        """What is stored of these: the allotments first, then kind by kind."""
        wanted: dict[str, Sequence[str]] = {**({ALLOTMENTS.name: sorted(ids)} if ids else {}), **by_kind(keys)}
        asked = [(how(self._statements.of(name), name), self._statements.wording.ids(i)) for name, i in wanted.items()]
        shelf = Shelf()
        for name, rows in zip(wanted, self._session.rows(asked), strict=True):
            if name == ALLOTMENTS.name:
                shelf.allotments = {row[0]: Allotment(*row) for row in rows}
            else:
                shelf.versions.update({Key(name, row[0]): row[1] for row in rows})
        return shelf


def _duplicates_first(reading: _Reading, outcomes: list[Outcome]) -> list[Outcome]:
    """Duplicate comes before every other refusal, and no insert of a refused set will ever collide to tell us.

    Somebody who asks again with the same idempotency key must hear that it was done, not that it is sold out by now.
    """
    refused = {
        at: changes
        for at, (changes, outcome) in enumerate(zip(reading.batch, outcomes, strict=True))
        if not isinstance(outcome, Committed) and (changes.inserts or changes.allotments)
    }
    if not refused:
        return outcomes
    stored = Shelf()
    reading.look_up(list(refused.values()), stored)
    return [_first_duplicate(refused[at], stored, o) if at in refused else o for at, o in enumerate(outcomes)]


def _first_duplicate(changes: ChangeSet, stored: Shelf, outcome: Outcome) -> Outcome:
    """The refusal of a set, now that it is known what else of its inserts is stored."""
    found = duplicate(changes, stored)
    if found is None or not isinstance(outcome, Duplicate):
        return found or outcome
    inserts = [*map(key_of, changes.inserts), *(Key(ALLOTMENT, allotment.id) for allotment in changes.allotments)]
    return min(found, outcome, key=lambda refusal: inserts.index(refusal.key))


def _moved(
    before: Mapping[AllotmentId, Allotment], after: Mapping[AllotmentId, Allotment]
) -> tuple[list[Allotment], list[Allotment]]:
    """The allotments that were opened, and those that changed; each by id."""
    moved = sorted((a for a in after.values() if before.get(a.id) != a), key=lambda a: a.id)
    return [a for a in moved if a.id not in before], [a for a in moved if a.id in before]


def _write(
    session: SqlSession,
    statements: Statements,
    sets: Sequence[ChangeSet],
    moved: tuple[Sequence[Allotment], Sequence[Allotment]],
) -> None:
    inserted, saved, deleted = last_states(sets)
    words = statements.wording
    # Apart, since another set of the same batch may insert what one deleted.
    session.write([(statements.of(kind).delete, words.ids(ids)) for kind, ids in by_kind(deleted).items()])
    opened, changed = ([(a.id, a.capacity, a.held, a.sold) for a in some] for some in moved)
    asked = statements.of(ALLOTMENTS.name)
    # Inserts go by id too: two transactions may wait for each other's new keys.
    writes = [
        *([(asked.insert, words.rows(ALLOTMENTS, opened))] if opened else []),
        *([(asked.update, words.rows(ALLOTMENTS, changed))] if changed else []),
        *((statements.of(kind).insert, words.rows(TABLES[kind], rows)) for kind, rows in _rows(inserted).items()),
        *((statements.of(kind).update, words.rows(TABLES[kind], rows)) for kind, rows in _rows(saved).items()),
    ]
    session.write(writes)


def _rows(records: Mapping[Key, Record]) -> dict[str, list[Row]]:
    """The rows of each kind, in order."""
    return {kind: [_row(kind, records[Key(kind, i)]) for i in ids] for kind, ids in by_kind(records).items()}


def _row(kind: str, record: Record) -> Row:
    values = (attribute.of(record) for attribute in KINDS[kind].attributes)
    return (record.id, record.version + 1, *values, encode(record))
