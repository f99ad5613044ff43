"""Where SQLite and PostgreSQL want other words for the same thing.

Lists of any length go out in a statement of one shape, so that it is compiled and prepared once.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Executable,
    FromClause,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    insert,
    select,
    update,
)

Row = tuple[Any, ...]
"""Values in the order of a table's columns; its id first."""
Given = dict[str, Any] | list[dict[str, Any]]
Asked = tuple[Executable, Given]
"""A statement and its parameters."""


class SqlWording(Protocol):
    """What one database understands."""

    def among(self, element: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a text is one of those given as `ids`."""

    def ids(self, ids: Sequence[str]) -> Given:
        """The parameters of a statement with `among`."""

    def contains(self, element: ColumnElement[str], word: str) -> ColumnElement[bool]:
        """Whether a text has a word in it: letter by letter, and nothing in the word is a wildcard."""

    def insert(self, table: Table) -> Executable: ...

    def update(self, table: Table) -> Executable:
        """Put whole rows in the place of those with their ids."""

    def rows(self, table: Table, rows: Sequence[Row]) -> Given:
        """The parameters of `insert` and `update`."""


class SqliteWording:
    def among(self, element: ColumnElement[str]) -> ColumnElement[bool]:
        listed = func.json_each(bindparam("ids", type_=Text)).table_valued(column("value", Text))
        return element.in_(select(listed.c.value))

    def ids(self, ids: Sequence[str]) -> Given:
        return {"ids": json.dumps(ids)}

    def contains(self, element: ColumnElement[str], word: str) -> ColumnElement[bool]:
        return func.instr(element, word) > 0

    def insert(self, table: Table) -> Executable:
        return insert(table).values({c.name: bindparam(_given(c.name)) for c in table.c})

    def update(self, table: Table) -> Executable:
        changed: dict[str, Any] = {c.name: bindparam(_given(c.name)) for c in table.c if not c.primary_key}
        return update(table).values(changed).where(table.c.id == bindparam(_given("id")))

    def rows(self, table: Table, rows: Sequence[Row]) -> Given:
        names = [_given(c.name) for c in table.c]
        return [dict(zip(names, row, strict=True)) for row in rows]


class PostgresWording:
    def among(self, element: ColumnElement[str]) -> ColumnElement[bool]:
        return element == any_(bindparam("ids", type_=ARRAY(Text)))

    def ids(self, ids: Sequence[str]) -> Given:
        return {"ids": ids}

    def contains(self, element: ColumnElement[str], word: str) -> ColumnElement[bool]:
        return func.strpos(element, word) > 0

    def insert(self, table: Table) -> Executable:
        given = _unnested(table)
        return insert(table).from_select([c.name for c in table.c], select(*given.c))

    def update(self, table: Table) -> Executable:
        given = _unnested(table)
        changed = {c.name: given.c[c.name] for c in table.c if not c.primary_key}
        return update(table).values(changed).where(table.c.id == given.c.id)

    def rows(self, table: Table, rows: Sequence[Row]) -> Given:
        columns = zip(*rows, strict=True)
        return {_given(c.name): list(values) for c, values in zip(table.c, columns, strict=True)}


def _unnested(table: Table) -> FromClause:
    """Rows sent as one array for each column: a statement, and a round trip, for any number of them."""
    types = {c.name: Text() if issubclass(c.type.python_type, str) else BigInteger() for c in table.c}
    arrays = [bindparam(_given(name), type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def _given(name: str) -> str:
    # SQLAlchemy keeps the plain names of columns for itself.
    return f"given_{name}"
