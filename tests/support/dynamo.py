"""DynamoDB for tests: one server for each worker, and for each test tables of its own name with nothing in them."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import frozen

from adapters.settings import Settings
from tests.support.dynamo_server import DynamoServer, has_local, running_dynamo
from tests.support.opening import url_of

if TYPE_CHECKING:
    from adapters.aws.dynamo_store import DynamoStore
    from adapters.aws.dynamo_tables import Tables

_DELETED_AT_ONCE: Final = 25
_numbers = count(1)


def pytest_report_header() -> str:
    """Which engine the tests of DynamoDB run on."""
    reason = "" if has_local() else ", for Java, npm or its package is missing, or RELEX_TEST_DYNAMO says so"
    return f"DynamoDB: {'DynamoDB Local' if has_local() else 'moto'}{reason}"


@frozen
class Dynamo:
    """An installation's tables, and how stores are opened on them."""

    settings: Settings
    client: Any

    @property
    def tables(self) -> "Tables":
        from adapters.aws.dynamo_tables import Tables

        return Tables(self.settings.aws_env)

    def store(self, shards: int = 1) -> "DynamoStore":
        """Another store on the same tables. They share a client, which takes longer to make than most tests."""
        from adapters.aws.dynamo_opening import dynamo_store

        return dynamo_store(self.client, self.tables, shards)

    def empty(self) -> None:
        """Delete what tests left: that is many times faster than to make the tables anew."""
        for name in self.tables.names:
            for page in self.client.get_paginator("scan").paginate(TableName=name, ProjectionExpression="id"):
                deletions = [{"DeleteRequest": {"Key": item}} for item in page["Items"]]
                for start in range(0, len(deletions), _DELETED_AT_ONCE):
                    some = deletions[start : start + _DELETED_AT_ONCE]
                    answer = self.client.batch_write_item(RequestItems={name: some})
                    assert not answer["UnprocessedItems"], "a server of our own throttles nobody"


@pytest.fixture(scope="session")
def dynamo_server() -> Iterator[DynamoServer]:
    """A server that all tests of this worker share."""
    with running_dynamo() as server:
        yield server


@pytest.fixture(scope="session")
def made_dynamo(dynamo_server: DynamoServer) -> Iterator[Dynamo]:
    """Only for `dynamo`: whoever writes here without emptying it is found in a test that comes later."""
    from adapters.aws.dynamo_opening import dynamo_client
    from adapters.aws.dynamo_tables import create_tables

    settings = Settings(store="dynamodb", dynamo_endpoint_url=dynamo_server.url, aws_region="us-east-1")
    made = Dynamo(settings, dynamo_client(settings))
    create_tables(made.client, made.tables)
    yield made
    made.client.close()


@pytest.fixture
def dynamo(made_dynamo: Dynamo) -> Iterator[Dynamo]:
    """Tables that hold nothing."""
    yield made_dynamo
    made_dynamo.empty()


@pytest.fixture
def dynamo_url(dynamo: Dynamo) -> str:
    """Where tables are that hold nothing, for `open_any`."""
    return url_of(dynamo.settings)


@pytest.fixture
def bare_dynamo(dynamo_server: DynamoServer) -> Iterator[Callable[[], Dynamo]]:
    """Installations without tables, each under a name of its own."""
    from adapters.aws.dynamo_opening import dynamo_client

    made: list[Dynamo] = []

    def make() -> Dynamo:
        settings = Settings(
            store="dynamodb",
            dynamo_endpoint_url=dynamo_server.url,
            aws_region="us-east-1",
            aws_env=f"bare{next(_numbers)}",
        )
        made.append(Dynamo(settings, dynamo_client(settings)))
        return made[-1]

    yield make
    for some in made:
        some.client.close()
