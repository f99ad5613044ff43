from pathlib import Path
from typing import Final

from adapters.cli.operations import Schema, SchemaState
from adapters.persistence.migrating import current, head
from adapters.settings import Settings

_SQLITE: Final = "sqlite:///"


async def schema_of(settings: Settings) -> Schema:
    """Which schema the store has. It is only looked at: a database that is missing is not made."""
    if settings.store != "sql":
        return Schema("none", "none", SchemaState.CURRENT)
    if _is_missing(settings.store_url):
        return Schema(None, head(), SchemaState.EMPTY)
    revision = await current(settings.store_url)
    return Schema(revision, head(), _state(revision))


def _is_missing(url: str) -> bool:
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists()


def _state(revision: str | None) -> SchemaState:
    if revision is None:
        return SchemaState.EMPTY
    if revision == head():
        return SchemaState.CURRENT
    # Revisions are numbered: 0001, 0002, …
    return SchemaState.BEHIND if revision < head() else SchemaState.NEWER
