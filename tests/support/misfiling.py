"""The hand of somebody who leaves every record as it is, and changes by what lists find it."""

from typing import Any, Protocol

from attrs import frozen
from sqlalchemy import Connection, text

from adapters.persistence.sql_store import SqlStore
from tests.support.meddling import set_guards_aside


class Misfiler(Protocol):
    """Reaches past every promise of the store."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it can change of an audit record."""

    async def change(self, record_id: str, name: str) -> None: ...


@frozen
class SqlMisfiler:
    store: SqlStore
    names: tuple[str, ...] = ("subject", "actor", "action", "at", "everything")

    async def change(self, record_id: str, name: str) -> None:
        def unguarded(connection: Connection) -> None:
            set_guards_aside(connection)
            other = f"{name} + 1" if name == "at" else f"'not ' || {name}"
            changed = connection.execute(
                text(f"UPDATE audit SET {name} = {other} WHERE id = :id"),  # noqa: S608 - of our own words
                {"id": record_id},
            )
            assert changed.rowcount == 1

        await self.store._database.write(unguarded)


@frozen
class DynamoMisfiler:
    """By its client: the store's own line sends what we ask for in the same way."""

    client: Any
    table: str
    names: tuple[str, ...] = ("subject", "action", "by_actor_key", "by_subject_sort", "everything_key")

    async def change(self, record_id: str, name: str) -> None:
        self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": record_id}},
            ConditionExpression="attribute_exists(#name)",
            UpdateExpression="SET #name = :other",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":other": {"S": "another"}},
        )
