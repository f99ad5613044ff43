from typing import Any

import pytest

from adapters.aws.dynamo_table_settings import TablesNotReady
from adapters.aws.dynamo_tables import INDEXES_MAX, Tables, create_tables
from application.kinds import ALLOTMENT, KINDS
from tests.support.failing_dynamo import refusal

TABLES = Tables("dev")


class YoungTables:
    """Tables that were just made: their backups are not ready for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.recovered: list[str] = []

    def describe_table(self, TableName: str) -> Any:  # noqa: N803 - AWS's own name
        indexes = next(
            TABLES.definition(kind).get("GlobalSecondaryIndexes", [])
            for kind in (*KINDS, ALLOTMENT)
            if TABLES.name(kind) == TableName
        )
        described = [{"IndexName": index["IndexName"], "IndexStatus": "ACTIVE"} for index in indexes]
        return {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": described}}

    def describe_time_to_live(self, TableName: str) -> Any:  # noqa: N803 - AWS's own name
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}}

    def describe_continuous_backups(self, TableName: str) -> Any:  # noqa: N803 - AWS's own name
        status = "ENABLED" if TableName in self.recovered else "DISABLED"
        return {
            "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}
        }

    def update_continuous_backups(self, TableName: str, **_wanted: Any) -> None:  # noqa: N803 - AWS's own name
        if self.refusals:
            self.refusals -= 1
            raise refusal("ContinuousBackupsUnavailableException")
        self.recovered.append(TableName)


def test_every_table_can_be_recovered_as_soon_as_its_backups_are_ready() -> None:
    young = YoungTables(refusals=3)
    waits: list[float] = []

    told = create_tables(young, TABLES, pause=waits.append)

    assert young.recovered == TABLES.names
    assert told == [f"recovery of {name} to any point in time" for name in TABLES.names]
    assert len(waits) == 3
    assert create_tables(young, TABLES) == []


def test_backups_that_never_become_ready_are_told() -> None:
    with pytest.raises(TablesNotReady, match="backups are not ready"):
        create_tables(YoungTables(refusals=10**9), TABLES, pause=lambda _: None)


def test_a_dry_run_changes_nothing_of_what_it_tells() -> None:
    young = YoungTables(refusals=0)

    assert len(create_tables(young, TABLES, is_dry=True)) == len(TABLES.names)
    assert young.recovered == []


@pytest.mark.parametrize("kind", [*KINDS, ALLOTMENT])
def test_every_kind_has_a_table_with_an_index_for_each_of_its_own(kind: str) -> None:
    definition = TABLES.definition(kind)
    indexes = definition.get("GlobalSecondaryIndexes", [])

    assert definition["BillingMode"] == "PAY_PER_REQUEST"
    expected = [index.name for index in KINDS[kind].indexes] if kind in KINDS else []
    assert [index["IndexName"] for index in indexes] == expected
    assert len(indexes) <= INDEXES_MAX
    used = {key["AttributeName"] for index in indexes for key in index["KeySchema"]} | {"id"}
    assert {attribute["AttributeName"] for attribute in definition["AttributeDefinitions"]} == used


def test_tables_are_called_as_the_guide_calls_them_within_their_environment() -> None:
    names = {kind: TABLES.name(kind) for kind in ("account", "event", "booking", "kyc_request", "one_time_token")}

    assert names == {
        "account": "relexbooking-dev-User",
        "event": "relexbooking-dev-Event",
        "booking": "relexbooking-dev-Booking",
        "kyc_request": "relexbooking-dev-KYCRequest",
        "one_time_token": "relexbooking-dev-OneTimeToken",
    }
    assert len(set(TABLES.names)) == len(KINDS) + 1
    assert not set(TABLES.names) & set(Tables("prod").names)
