"""Every statement on one id or many, made once for each table."""

from attrs import Factory, define, field
from sqlalchemy import Executable, Table, delete, select

from adapters.persistence.sql_wording import SqlWording
from adapters.persistence.tables import ALLOTMENTS, TABLES


@define(eq=False)
class TableStatements:
    """What is asked of one table."""

    _table: Table
    _wording: SqlWording
    read: Executable = field(init=False)
    """All that makes up a record or an allotment."""
    filed: Executable = field(init=False)
    """Whole rows, with the columns by which lists find a record."""
    look: Executable = field(init=False)
    """What is decided on: versions, or counts."""
    share: Executable = field(init=False)
    """The same, and nobody changes it until the transaction ends; in order of id, against deadlocks."""
    lock: Executable = field(init=False)
    """The same, and nobody shares it either."""
    insert: Executable = field(init=False)
    update: Executable = field(init=False)
    delete: Executable = field(init=False)

    def __attrs_post_init__(self) -> None:
        table, wording = self._table, self._wording
        among = wording.among(table.c.id)
        if table is ALLOTMENTS:
            read = look = select(table).where(among)
        else:
            read = select(table.c.id, table.c.version, table.c.body).where(among)
            look = select(table.c.id, table.c.version).where(among)
        self.read, self.look = read, look
        self.filed = select(table).where(among)
        self.share = look.order_by(table.c.id).with_for_update(read=True)
        self.lock = look.order_by(table.c.id).with_for_update()
        self.insert = wording.insert(table)
        self.update = wording.update(table)
        self.delete = delete(table).where(among)


@define(eq=False)
class Statements:
    """What is asked of a database, in its own words."""

    wording: SqlWording
    _made: dict[str, TableStatements] = Factory(dict)

    def of(self, kind: str) -> TableStatements:
        """The statements of a kind's table, or of the allotments'."""
        made = self._made.get(kind)
        if made is None:
            table = ALLOTMENTS if kind == ALLOTMENTS.name else TABLES[kind]
            made = self._made[kind] = TableStatements(table, self.wording)
        return made
