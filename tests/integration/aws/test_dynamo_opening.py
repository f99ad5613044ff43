"""A store that cannot be used stops the start, with the setting and the mend, and tells no secret."""

import socket
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import evolve
from botocore.exceptions import ClientError

from adapters.aws import dynamo_opening
from adapters.aws.dynamo_faults import fault
from adapters.aws.dynamo_items import GONE
from adapters.aws.dynamo_opening import dynamo_client, open_store
from adapters.aws.dynamo_table_settings import TablesNotReady
from adapters.aws.dynamo_tables import create_tables, missing_tables
from adapters.aws.session import open_client
from adapters.registry import STORES
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.kinds import key_of
from application.ports.store import ChangeSet, Committed
from tests import build
from tests.support.dynamo import Dynamo
from tests.support.failing_dynamo import refusal

pytestmark = pytest.mark.dynamo


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As on a machine on which nobody has set up AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


async def test_on_this_machine_the_tables_are_made_at_the_start(bare_dynamo: Callable[[], Dynamo]) -> None:
    installation = bare_dynamo()
    claim = build.claim()

    store = STORES.build("dynamodb", installation.settings)
    assert await store.commit([ChangeSet((claim,))]) == [Committed()]
    await store.close()

    again = STORES.build("dynamodb", installation.settings)
    assert set(await again.get([key_of(claim)])) == {key_of(claim)}
    await again.close()


def test_making_tables_again_changes_nothing_and_mends_what_is_missing(bare_dynamo: Callable[[], Dynamo]) -> None:
    installation = bare_dynamo()
    client, tables = installation.client, installation.tables
    told = create_tables(client, tables, is_dry=True)
    assert missing_tables(client, tables) == tables.names
    assert told[0] == f"table {tables.names[0]}"

    made = create_tables(client, tables)
    assert set(told) <= set(made)
    assert create_tables(client, tables) == []

    client.delete_table(TableName=tables.name("claim"))
    assert missing_tables(client, tables) == [tables.name("claim")]
    assert f"table {tables.name('claim')}" in create_tables(client, tables)
    removal = client.describe_time_to_live(TableName=tables.name("session"))["TimeToLiveDescription"]
    assert removal == {"TimeToLiveStatus": "ENABLED", "AttributeName": GONE}


def test_workers_that_start_at_the_same_time_make_the_tables_together(bare_dynamo: Callable[[], Dynamo]) -> None:
    installation = bare_dynamo()

    with ThreadPoolExecutor(3) as workers:
        done = [workers.submit(create_tables, installation.client, installation.tables) for _ in range(3)]

    assert all(one.exception() is None for one in done)
    assert missing_tables(installation.client, installation.tables) == []


def test_a_table_that_does_not_become_usable_is_told(dynamo: Dynamo) -> None:
    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamo.client, name)

        def describe_table(self, TableName: str) -> Any:  # noqa: N803 - AWS's own name
            answer = dynamo.client.describe_table(TableName=TableName)
            return {"Table": {**answer["Table"], "TableStatus": "CREATING"}}

    dynamo.client.delete_table(TableName=dynamo.tables.name("claim"))
    waits: list[float] = []

    with pytest.raises(TablesNotReady, match="not usable"):
        create_tables(Slow(), dynamo.tables, pause=waits.append)

    assert sum(waits) == pytest.approx(300)
    create_tables(dynamo.client, dynamo.tables)


def test_an_index_that_a_later_version_asks_for_is_added(bare_dynamo: Callable[[], Dynamo]) -> None:
    installation = bare_dynamo()
    tables = installation.tables
    definition = tables.definition("ticket")
    kept, later = definition["GlobalSecondaryIndexes"]
    used = {key["AttributeName"] for key in kept["KeySchema"]} | {"id"}
    attributes = [some for some in definition["AttributeDefinitions"] if some["AttributeName"] in used]
    earlier = {**definition, "GlobalSecondaryIndexes": [kept], "AttributeDefinitions": attributes}
    installation.client.create_table(**earlier)

    made = create_tables(installation.client, tables)

    assert f"index {later['IndexName']} of {tables.name('ticket')}" in made
    described = installation.client.describe_table(TableName=tables.name("ticket"))["Table"]
    assert {index["IndexName"] for index in described["GlobalSecondaryIndexes"]} == {"by_booking", "by_event"}


def test_missing_tables_elsewhere_are_not_made_unasked(
    bare_dynamo: Callable[[], Dynamo], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = bare_dynamo()
    monkeypatch.setattr(dynamo_opening, "is_loopback", lambda _: False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")

    with pytest.raises(WrongSetting, match=r"RELEX_AWS_ENV=bare.*RELEX_DYNAMO_CREATE_TABLES=true") as told:
        open_store(installation.settings)

    assert "secret" not in str(told.value)
    assert missing_tables(installation.client, installation.tables) == installation.tables.names


def test_a_server_that_is_not_there_is_told_by_its_setting() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        with pytest.raises(WrongSetting, match=rf"RELEX_DYNAMO_ENDPOINT_URL={url}: DynamoDB does not answer"):
            open_store(Settings(dynamo_endpoint_url=url))


def test_without_a_region_nothing_is_asked(aws_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSetting, match="RELEX_AWS_REGION is not set"):
        open_store(Settings())


def test_without_credentials_the_mend_is_said(aws_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSetting, match=r"RELEX_AWS_REGION=eu-central-1: .*AWS_ACCESS_KEY_ID"):
        open_store(Settings(aws_region="eu-central-1"))


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "AccessDeniedException", "ExpiredTokenException"])
def test_credentials_that_are_refused_are_told_without_their_secret(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse(_client: Any, _tables: Any) -> list[str]:
        raise refusal(code)

    monkeypatch.setattr(dynamo_opening, "missing_tables", refuse)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")

    with pytest.raises(WrongSetting, match=r"AWS does not let us in.*AWS_ACCESS_KEY_ID") as told:
        open_store(dynamo.settings)

    assert "very secret" not in str(told.value)


TOKEN = "x-amz-security-token:FwoGZXIvYXdzEXAMPLE"
"""AWS tells what it signed, with every header, when a signature is wrong."""


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidSignatureException", 400),
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 400),
        ("ValidationException", 400),
        ("ThrottlingException", 400),
        ("InternalServerError", 500),
    ],
)
def test_of_aws_own_words_only_the_code_is_told(
    dynamo: Dynamo, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    error = {"Error": {"Code": code, "Message": TOKEN}, "ResponseMetadata": {"HTTPStatusCode": status}}
    refused = ClientError(error, "ListTables")
    assert TOKEN in str(refused)

    def refuse(_client: Any, _tables: Any) -> list[str]:
        raise refused

    monkeypatch.setattr(dynamo_opening, "missing_tables", refuse)

    with pytest.raises(WrongSetting, match=code) as told:
        open_store(dynamo.settings)

    assert TOKEN not in "".join(traceback.format_exception(told.value))
    assert TOKEN not in str(fault(refused)) or code == "ValidationException"


WITHOUT_A_CLIENT = [
    ("mars 1", {}, "RELEX_AWS_REGION=mars 1: no region"),
    ("eu-central-1", {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE"}, "PartialCredentialsError.*AWS_ACCESS_KEY_ID and its secret"),
    ("eu-central-1", {"AWS_PROFILE": "nobody"}, "AWS_PROFILE: "),
]


@pytest.mark.parametrize(("region", "variables", "said"), WITHOUT_A_CLIENT)
@pytest.mark.parametrize("opened", [open_store, lambda settings: open_client(settings, "s3")])
def test_what_no_client_can_be_made_of_is_told_by_its_setting(
    aws_environment: pytest.MonkeyPatch,
    opened: Callable[[Settings], object],
    region: str,
    variables: dict[str, str],
    said: str,
) -> None:
    for name, value in variables.items():
        aws_environment.setenv(name, value)

    with pytest.raises(WrongSetting, match=said) as told:
        opened(Settings(aws_region=region))

    assert "AKIAEXAMPLE" not in str(told.value)


def test_the_client_repeats_nothing_by_itself_and_waits_for_seconds_at_most(dynamo: Dynamo) -> None:
    client = dynamo_client(evolve(dynamo.settings, aws_region="eu-central-1"))

    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.connect_timeout <= 2
    assert client.meta.config.read_timeout <= 5
    assert client.meta.region_name == "eu-central-1"
    client.close()
