"""Any store that we ship and that outlives a process, by its url; that of DynamoDB is only for tests.

boto3 is imported only here and now: every test's start would wait for it.
"""

from typing import Final
from urllib.parse import urlsplit

from adapters.persistence.sql_store import open_sql_store
from adapters.settings import Settings
from application.ports.store import Store

DYNAMO: Final = "dynamodb"


def url_of(settings: Settings) -> str:
    """dynamodb://dev@127.0.0.1:8000 for the tables of an environment at an endpoint."""
    return f"{DYNAMO}://{settings.aws_env}@{urlsplit(settings.dynamo_endpoint_url).netloc}"


async def open_any(url: str) -> Store:
    parts = urlsplit(url)
    if parts.scheme != DYNAMO:
        return await open_sql_store(url)
    from adapters.aws.dynamo_opening import dynamo_client, dynamo_store
    from adapters.aws.dynamo_tables import Tables

    endpoint = f"http://{parts.hostname}:{parts.port}"
    return dynamo_store(dynamo_client(Settings(dynamo_endpoint_url=endpoint)), Tables(parts.username or ""))
