"""The tables: one for each kind, made from the table of kinds."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import differing
from adapters.aws.dynamo_items import partition_key, sort_key
from adapters.aws.dynamo_table_settings import POLL_S, READY_S, TablesNotReady, code_of, table_settings
from application.kinds import ALLOTMENT, KINDS

INDEXES_MAX: Final = 20
"""The most global secondary indexes of one table."""
_NAMED_IN_THE_GUIDE: Final = {"account": "User", "kyc_request": "KYCRequest"}


@frozen
class Tables:
    """How tables are called in one environment."""

    environment: str

    def name(self, kind: str) -> str:
        return f"relexbooking-{self.environment}-{_NAMED_IN_THE_GUIDE.get(kind) or _in_capitals(kind)}"

    @property
    def names(self) -> list[str]:
        return [self.name(kind) for kind in (*KINDS, ALLOTMENT)]

    def definition(self, kind: str) -> dict[str, Any]:
        """What CreateTable is asked for. Keys alone are in an index: a save that moves nothing costs no index."""
        indexes = KINDS[kind].indexes if kind in KINDS else ()
        keys = [key for index in indexes for key in (partition_key(index), sort_key(index))]
        definition: dict[str, Any] = {
            "TableName": self.name(kind),
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", *keys)],
        }
        if indexes:
            definition["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index.name,
                    "KeySchema": [
                        {"AttributeName": partition_key(index), "KeyType": "HASH"},
                        {"AttributeName": sort_key(index), "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
                for index in indexes
            ]
        return definition


def _in_capitals(kind: str) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def missing_tables(client: Any, tables: Tables) -> list[str]:
    """Which of the tables do not exist."""
    pages = client.get_paginator("list_tables").paginate()
    there = {name for page in pages for name in page["TableNames"]}
    return [name for name in tables.names if name not in there]


def create_tables(
    client: Any, tables: Tables, *, is_dry: bool = False, pause: Callable[[float], None] = time.sleep
) -> list[str]:
    """Make what is missing of all tables and their settings; what that was, in words. Repeated, it does nothing.

    On-demand capacity, recovery to any point in time, and removal of what has passed. With `is_dry` it only tells.
    """
    provisioning = _Provisioning(client, tables, is_dry, pause)
    made = [words for kind in (*KINDS, ALLOTMENT) for words in provisioning.table(kind)]
    if made and not is_dry:
        for kind in (*KINDS, ALLOTMENT):
            provisioning.wait_for(tables.name(kind))
    return made + [words for kind in (*KINDS, ALLOTMENT) for words in provisioning.settings(kind)]


@frozen
class _Provisioning:
    _client: Any
    _tables: Tables
    _is_dry: bool
    _pause: Callable[[float], None]

    def table(self, kind: str) -> list[str]:
        name, definition = self._tables.name(kind), self._tables.definition(kind)
        described = self._described(name)
        if described is None:
            if not self._is_dry:
                self._create(definition)
            return [f"table {name}"]
        there = {index["IndexName"] for index in described.get("GlobalSecondaryIndexes", ())}
        missing = [i for i in definition.get("GlobalSecondaryIndexes", ()) if i["IndexName"] not in there]
        for index in missing if not self._is_dry else ():
            # One at a time is all that DynamoDB takes.
            self._client.update_table(
                TableName=name,
                AttributeDefinitions=definition["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
            self.wait_for(name)
        return [f"index {index['IndexName']} of {name}" for index in missing]

    def _create(self, definition: Mapping[str, Any]) -> None:
        try:
            self._client.create_table(**definition)
        except ClientError as error:
            # Workers start at the same time, and each finds it missing.
            if code_of(error) != "ResourceInUseException":
                raise

    def settings(self, kind: str) -> list[str]:
        name = self._tables.name(kind)
        if self._is_dry and self._described(name) is None:
            return []
        wrong = differing(table_settings(self._client, name, kind, self._pause))
        for aspect in wrong if not self._is_dry else ():
            aspect.write()
        return [aspect.name for aspect in wrong]

    def wait_for(self, name: str) -> None:
        """Return when a table and its indexes can be used."""
        for _ in range(int(READY_S / POLL_S)):
            described = self._described(name)
            if described is not None and is_ready(described):
                return
            self._pause(POLL_S)
        raise TablesNotReady(f"{name} was made and is not usable after {READY_S:.0f} s")

    def _described(self, name: str) -> Mapping[str, Any] | None:
        try:
            described: Mapping[str, Any] = self._client.describe_table(TableName=name)["Table"]
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return described


def is_ready(described: Mapping[str, Any]) -> bool:
    states = [described["TableStatus"], *(i["IndexStatus"] for i in described.get("GlobalSecondaryIndexes", ()))]
    return set(states) == {"ACTIVE"}
