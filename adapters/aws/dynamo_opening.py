"""Opens the store on DynamoDB: the client, the tables, and what is wrong in terms of our settings."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.dynamo_committing import Spreads
from adapters.aws.dynamo_faults import Passing, fault
from adapters.aws.dynamo_line import DynamoLine
from adapters.aws.dynamo_store import DynamoStore
from adapters.aws.dynamo_table_settings import TablesNotReady
from adapters.aws.dynamo_tables import Tables, create_tables, missing_tables
from adapters.aws.session import fault_of, unopened
from adapters.persistence.gathering import GatheringStore
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, is_loopback
from application.ports.store import Store, StoreUnavailable

THREADS: Final = 16
"""How many requests to DynamoDB one process has under way at most; the rest wait."""
CONNECT_TIMEOUT_S: Final = 2.0
ANSWER_TIMEOUT_S: Final = 5.0


def open_store(settings: Settings) -> Store:
    """The store on DynamoDB; WrongSetting if it cannot be reached, or its tables are not there.

    On this machine, where DynamoDB Local runs, missing tables are made; at AWS only if the settings say so.
    """
    client = dynamo_client(settings)
    tables = Tables(settings.aws_env)
    try:
        _prepare(client, tables, settings)
    except (ClientError, BotoCoreError) as error:
        client.close()
        raise _wrong(error, settings) from None
    except TablesNotReady as error:
        client.close()
        raise WrongSetting(f"RELEX_AWS_ENV={settings.aws_env}: {error}: start again in a while") from error
    except WrongSetting:
        client.close()
        raise
    return GatheringStore(dynamo_store(client, tables, settings.dynamo_shards))


def dynamo_store(client: Any, tables: Tables, shards: int = 1, threads: int = THREADS) -> DynamoStore:
    """A store on tables that are there."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="dynamodb")
    return DynamoStore(DynamoLine(client, pool), tables, Spreads(shards))


def dynamo_client(settings: Settings) -> Any:
    """Repeats nothing by itself: what was asked, and how often, is for the line to know."""
    is_local = bool(settings.dynamo_endpoint_url) and is_loopback(settings.dynamo_endpoint_url)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=ANSWER_TIMEOUT_S,
        retries={"total_max_attempts": 1},
        max_pool_connections=THREADS,
        tcp_keepalive=True,
    )
    try:
        session = boto3.Session(region_name=settings.aws_region or None)
        if session.region_name is None and not is_local:
            raise WrongSetting("RELEX_AWS_REGION is not set: name the region of the tables, such as eu-central-1")
        # DynamoDB Local wants a key and looks at none.
        nobody = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return session.client(
            "dynamodb",
            region_name=session.region_name or "us-east-1",
            endpoint_url=settings.dynamo_endpoint_url or None,
            config=config,
            **(nobody if is_local and session.get_credentials() is None else {}),
        )
    except BotoCoreError as error:
        raise unopened(error, settings) from None


def _prepare(client: Any, tables: Tables, settings: Settings) -> None:
    missing = missing_tables(client, tables)
    if not missing:
        return
    if not (settings.dynamo_create_tables or is_loopback(settings.dynamo_endpoint_url)):
        raise WrongSetting(
            f"RELEX_AWS_ENV={settings.aws_env}: there is no table {missing[0]}"
            + (f", nor {len(missing) - 1} others" if len(missing) > 1 else "")
            + f" in {client.meta.region_name}: choose the environment and RELEX_AWS_REGION in which they are, or make "
            "them by `relexbooking aws provision` or RELEX_DYNAMO_CREATE_TABLES=true"
        )
    create_tables(client, tables)


def _wrong(error: ClientError | BotoCoreError, settings: Settings) -> WrongSetting:
    """Why DynamoDB cannot be used, by the setting that mends it. No key is ever in it."""
    where = _where(settings)
    told = fault(error)
    if isinstance(told, Passing):
        return WrongSetting(f"{where}: DynamoDB does not answer: {told}: see that it is right, and that it runs")
    if isinstance(told, StoreUnavailable):
        return WrongSetting(f"{where}: {told}")
    return WrongSetting(f"{where}: {fault_of(error)}: see that it is right")


def _where(settings: Settings) -> str:
    """The setting by which DynamoDB is found."""
    return (
        f"RELEX_DYNAMO_ENDPOINT_URL={settings.dynamo_endpoint_url}"
        if settings.dynamo_endpoint_url
        else f"RELEX_AWS_REGION={settings.aws_region or '(that of AWS itself)'}"
    )
