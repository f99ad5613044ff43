import click

from adapters.cli.operations import Operations, Schema, SchemaState
from adapters.cli.showing import Answer, Facts
from adapters.cli.verbs import standalone

_WORDS = {
    SchemaState.EMPTY: "there is no schema yet: `relexbooking db upgrade` or the first start makes it",
    SchemaState.BEHIND: "older than this program: run `relexbooking db upgrade`",
    SchemaState.CURRENT: "just what this program needs",
    SchemaState.NEWER: "newer than this program: start the version that made it",
}


@click.group()
def db() -> None:
    """The schema of the store."""


def _document(schema: Schema) -> dict[str, str | None]:
    return {"revision": schema.revision, "head": schema.head, "state": schema.state}


@standalone("status", "relexbooking db status --json")
def status(operations: Operations) -> Answer:
    """Which schema the store has, and which one this program needs. Changes nothing."""
    schema = operations.run(operations.schema())
    facts = [("revision", schema.revision or "none"), ("needed", schema.head), ("state", _WORDS[schema.state])]
    return Answer(_document(schema), (Facts(facts),))


@standalone("upgrade", "relexbooking db upgrade")
def upgrade(operations: Operations) -> Answer:
    """Bring the store to the schema that this program needs. Doing it twice is no error."""
    applied = operations.run(operations.upgrade())
    said = f"Applied {', '.join(applied)}." if applied else "Nothing to do: the schema is up to date."
    return Answer({"applied": applied}, (said,))


db.add_command(status)
db.add_command(upgrade)
