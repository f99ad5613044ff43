import click

from adapters.cli import views
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb
from application.records import DeliveryState, OutboxEntry

STATE = click.Choice([str(state) for state in DeliveryState])


@click.group()
def outbox() -> None:
    """Mails, refunds and other things to do that wait or were given up."""


def _table(entries: list[OutboxEntry]) -> Table:
    rows = [
        (e.id, type(e.fact).__name__, e.state, str(e.attempts), views.wall(e.created_at), e.last_error) for e in entries
    ]
    return Table(("id", "fact", "state", "attempts", "happened at", "last error"), rows)


@verb(outbox, "list", "relexbooking outbox list --state dead --all --json")
@click.option("--state", type=STATE, default="dead", show_default=True, help="Given up, or still tried.")
@paged
async def list_(desk: Desk, *, state: str, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Facts that were given up after many attempts, or are still tried."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.outbox.list(desk.actor, DeliveryState(state), after, count),
    )
    return Answer(listed.document(views.outbox_entry), (_table(listed.items), *listed.more))


@verb(outbox, "replay", "relexbooking outbox replay --all --dry-run\nrelexbooking outbox replay out_…", changes=True)
@click.argument("entry_id", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Every fact that was given up.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
async def replay(desk: Desk, entry_id: str | None, *, everything: bool, dry_run: bool) -> Answer:
    """Try again what was given up. What was done already is not done twice."""
    if (entry_id is None) is not everything:
        raise click.UsageError("say which: an ID, or --all")
    if dry_run:
        return await _foretold(desk, entry_id)
    if entry_id is not None:
        entry = await desk.deeds.replay_facts.one(desk.actor, entry_id)
        return Answer(views.outbox_entry(entry), (_table([entry]),))
    count = await desk.deeds.replay_facts.all_dead(desk.actor)
    return Answer({"replayed": count}, (f"{count} facts are tried again.",))


async def _foretold(desk: Desk, entry_id: str | None) -> Answer:
    if entry_id is not None:
        dead = [
            entry for entry in [await desk.deeds.outbox.show(desk.actor, entry_id)] if entry.state is DeliveryState.DEAD
        ]
    else:
        wish = Wish(1, None, everything=True)
        listed = await read(
            wish, lambda after, count: desk.deeds.outbox.list(desk.actor, DeliveryState.DEAD, after, count)
        )
        dead = listed.items
    document = {"dry_run": True, "would_replay": [views.outbox_entry(entry) for entry in dead]}
    return Answer(document, (f"Would try {len(dead)} facts again.", _table(dead)))
