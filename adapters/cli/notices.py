import json
from datetime import UTC, datetime

import click

from adapters.cli import money_views, views
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, verb
from application.queries.notices import NoticeFilter
from application.records import NoticeReceipt, NoticeState
from application.use_cases.replay_notices import UNSETTLED

STATE = click.Choice([str(state) for state in NoticeState])
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def notices() -> None:
    """What the payment providers told us, and what became of it."""


def _table(listed: list[NoticeReceipt]) -> Table:
    rows = [
        (n.id, n.gateway, n.kind, n.state, views.wall(n.received_at), n.payment_id or n.payment_reference, n.outcome)
        for n in listed
    ]
    return Table(("id", "gateway", "kind", "state", "received at", "payment", "outcome"), rows)


@verb(notices, "list", "relexbooking notices list --state quarantined --gateway stripe --all --json")
@click.option("--state", type=STATE, help="Those that wait, were applied, or were set apart.")
@click.option("--gateway", default="", help="Those of one payment provider.")
@click.option("--since", type=DAY, help="Received on that day, in UTC, or later.")
@click.option("--until", type=DAY, help="Received before that day, in UTC.")
@paged
async def list_(
    desk: Desk,
    *,
    state: str | None,
    gateway: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    cursor: str | None,
    everything: bool,
) -> Answer:
    """Notices, the newest first."""
    wanted = NoticeFilter(gateway, NoticeState(state) if state else None, _in_utc(since), _in_utc(until))
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.notices.list(desk.actor, wanted, after, count),
    )
    return Answer(listed.document(money_views.notice), (_table(listed.items), *listed.more))


def _in_utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


@verb(notices, "show", "relexbooking notices show ntc_… --json")
@click.argument("notice_id", metavar="ID")
async def show(desk: Desk, notice_id: str) -> Answer:
    """One notice with what the provider said, without its secrets."""
    full = await desk.deeds.notices.show(desk.actor, notice_id)
    document = money_views.notice_in_full(full)
    return Answer(document, (Facts([(name.replace("_", " "), _words(said)) for name, said in document.items()]),))


def _words(said: object) -> str:
    if isinstance(said, dict | list):
        return json.dumps(said, ensure_ascii=False)
    return "" if said is None else str(said)


@verb(
    notices,
    "replay",
    "relexbooking notices replay --all --state quarantined --dry-run\nrelexbooking notices replay ntc_…",
    changes=True,
)
@click.argument("notice_id", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Every notice that waits or was set apart.")
@click.option("--state", type=click.Choice([str(state) for state in UNSETTLED]), help="With --all: those in one state.")
@click.option("--gateway", default="", help="With --all: those of one payment provider.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
async def replay(
    desk: Desk, notice_id: str | None, *, everything: bool, state: str | None, gateway: str, dry_run: bool
) -> Answer:
    """Ask the provider anew about what a notice points to. What was applied already is not applied twice."""
    if (notice_id is None) is not everything or (notice_id and (state or gateway)):
        raise click.UsageError("say which: an ID alone, or --all with --state or --gateway")
    states = (NoticeState(state),) if state else UNSETTLED
    if dry_run:
        return await _foretold(desk, notice_id, states, gateway)
    if notice_id is not None:
        receipt = await desk.deeds.replay_notices.one(desk.actor, notice_id)
        return Answer(money_views.notice(receipt), (_table([receipt]),))
    count = await desk.deeds.replay_notices.unsettled(desk.actor, states, gateway)
    return Answer({"replayed": count}, (f"{count} notices are looked at again.",))


async def _foretold(desk: Desk, notice_id: str | None, states: tuple[NoticeState, ...], gateway: str) -> Answer:
    found: list[NoticeReceipt] = []
    if notice_id is not None:
        found.append((await desk.deeds.notices.show(desk.actor, notice_id)).receipt)
    else:
        for state in states:
            wanted = NoticeFilter(gateway, state)
            listed = await read(
                Wish(1, None, everything=True),
                lambda after, count, wanted=wanted: desk.deeds.notices.list(desk.actor, wanted, after, count),  # type: ignore[misc]  # mypy types no default of a lambda
            )
            found += listed.items
    document = {"dry_run": True, "would_replay": [money_views.notice(receipt) for receipt in found]}
    return Answer(document, (f"Would look at {len(found)} notices again.", _table(found)))


@verb(notices, "rotate-key", "relexbooking notices rotate-key")
async def rotate_key(desk: Desk) -> Answer:
    """Seal what providers say with a new key from now on. What was sealed before stays readable."""
    number = await desk.deeds.rotate_vault(desk.actor)
    return Answer({"key": number}, (f"Key {number} seals from now on: back up the notice keys.",))
