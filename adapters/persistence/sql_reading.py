"""What the SQL stores read: a statement for each kind, and one for a page."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from adapters.codec import decode
from adapters.persistence.sql_database import SqlSession
from adapters.persistence.sql_statements import Statements
from adapters.persistence.sql_wording import SqlWording
from adapters.persistence.storable import can_be_stored
from adapters.persistence.tables import ALLOTMENTS, TABLES
from application.cursor import decode_cursor, encode_cursor
from application.kinds import KINDS
from application.ports.store import Key, Listing, Page, Record
from domain.allotment import Allotment
from domain.ids import AllotmentId


def by_kind(keys: Iterable[Key]) -> dict[str, list[str]]:
    """The ids of each kind: kinds and ids in the one order in which everybody locks."""
    ids: dict[str, set[str]] = {}
    for key in keys:
        ids.setdefault(key.kind, set()).add(key.id)
    return {kind: sorted(ids[kind]) for kind in sorted(ids)}


def records(session: SqlSession, statements: Statements, keys: Sequence[Key]) -> dict[Key, Record]:
    """The records of these keys that exist."""
    wanted = by_kind(key for key in keys if can_be_stored(key.id))
    found = session.rows([(statements.of(kind).read, statements.wording.ids(ids)) for kind, ids in wanted.items()])
    return {
        Key(kind, record_id): decode(kind, body, version)
        for kind, rows in zip(wanted, found, strict=True)
        for record_id, version, body in rows
    }


def misfiled(session: SqlSession, statements: Statements, keys: Sequence[Key]) -> list[Key]:
    """Those of these records whose columns are not what the record itself says."""
    wanted = by_kind(key for key in keys if can_be_stored(key.id))
    return [key for kind, ids in wanted.items() for key in _misfiled(session, statements, kind, ids)]


def _misfiled(session: SqlSession, statements: Statements, kind: str, ids: Sequence[str]) -> Iterator[Key]:
    """Each kind by itself: whole rows of different tables cannot be asked for in one question."""
    [rows] = session.rows([(statements.of(kind).filed, statements.wording.ids(ids))])
    for record_id, version, *columns, body in rows:
        said = KINDS[kind].attributes_of(decode(kind, body, version))
        if columns != list(said.values()):
            yield Key(kind, record_id)


def allotments(session: SqlSession, statements: Statements, ids: Sequence[AllotmentId]) -> dict[AllotmentId, Allotment]:
    """The allotments of these ids that exist."""
    asked = sorted({allotment_id for allotment_id in ids if can_be_stored(allotment_id)})
    [rows] = session.rows([(statements.of(ALLOTMENTS.name).read, statements.wording.ids(asked))])
    return {row[0]: Allotment(*row) for row in rows}


def page(connection: Connection, wording: SqlWording, listing: Listing) -> Page[Record]:
    """One page of an index."""
    texts = (listing.partition, *listing.equal.values(), *(w for words in listing.containing.values() for w in words))
    if not all(can_be_stored(text) for text in texts if isinstance(text, str)):
        return Page(())
    rows = connection.execute(_listed(wording, listing)).all()
    shown = rows[: listing.limit]
    more = len(rows) > listing.limit
    return Page(
        tuple(decode(listing.kind, row.body, row.version) for row in shown),
        encode_cursor(shown[-1].position, shown[-1].id) if more else None,
    )


def _listed(wording: SqlWording, listing: Listing) -> Select[tuple[int, str, int, str]]:
    table = TABLES[listing.kind]
    index = KINDS[listing.kind].index(listing.index)
    sort: ColumnElement[int] = table.c[index.sort]
    record_id: ColumnElement[str] = table.c.id
    # `sort IS NOT NULL` lets the database see that its partial index has all that is asked for.
    where = [table.c[index.partition] == listing.partition, sort.is_not(None)]
    if listing.least is not None:
        where.append(sort >= listing.least)
    if listing.below is not None:
        where.append(sort < listing.below)
    if listing.after is not None:
        here, end = tuple_(sort, record_id), tuple_(*decode_cursor(listing.after))
        where.append(here < end if listing.descending else here > end)
    where += [table.c[name] == value for name, value in listing.equal.items()]
    where += [wording.contains(table.c[name], word) for name, words in listing.containing.items() for word in words]
    order = (sort.desc(), record_id.desc()) if listing.descending else (sort, record_id)
    columns = select(sort.label("position"), record_id, table.c.version, table.c.body)
    return columns.where(*where).order_by(*order).limit(listing.limit + 1)
