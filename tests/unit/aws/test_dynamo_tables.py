import pytest

from adapters.aws.dynamo_tables import INDEXES_MAX, Tables
from application.kinds import ALLOTMENT, KINDS

TABLES = Tables("dev")


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
