import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from adapters.cli import money_views, views
from adapters.cli.exits import Exit
from adapters.cli.findings import finding_table, findings
from adapters.cli.notices import DAY
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Part, Table
from adapters.cli.verbs import Desk, verb
from application.queries.announcements import Announced
from application.use_cases.reconcile import Compared, ReconcileCommand
from domain.payment import Payment, PaymentStatus
from domain.reconciliation import FindingStatus, Reconciliation

STATUS = click.Choice([str(status) for status in PaymentStatus])


@click.group()
def payments() -> None:
    """Attempts to pay, and whether our books agree with the payment providers'."""


payments.add_command(findings)


def _table(listed: list[Payment]) -> Table:
    rows = [
        (p.id, p.booking_id, p.gateway, str(p.amount), p.status, views.wall(p.created_at), p.quarantined)
        for p in listed
    ]
    return Table(("id", "booking", "gateway", "amount", "status", "at", "set apart"), rows)


@verb(payments, "list", "relexbooking payments list --status unknown --all --json")
@click.option("--status", type=STATUS, help="Those in one state.")
@click.option("--quarantined", is_flag=True, help="Those of which the provider says what cannot be.")
@paged
async def list_(
    desk: Desk, *, status: str | None, quarantined: bool, limit: int, cursor: str | None, everything: bool
) -> Answer:
    """Payments, the newest first."""
    if status and quarantined:
        raise click.UsageError("--quarantined stands alone: leave --status out")
    queries, wanted = desk.deeds.payments, PaymentStatus(status) if status else None
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: (
            queries.quarantined(desk.actor, after, count)
            if quarantined
            else queries.list(desk.actor, wanted, after, count)
        ),
    )
    return Answer(listed.document(money_views.payment), (_table(listed.items), *listed.more))


@verb(payments, "show", "relexbooking payments show pay_…")
@click.argument("payment_id", metavar="ID")
async def show(desk: Desk, payment_id: str) -> Answer:
    """One payment with its refunds."""
    full = await desk.deeds.payments.show(desk.actor, payment_id)
    document = money_views.payment(full.payment) | {"refunds": [views.refund(made) for made in full.refunds]}
    rows = [(r.id, r.reason, str(r.amount), r.status, views.wall(r.created_at)) for r in full.refunds]
    refunds = Table(("refund", "reason", "amount", "status", "at"), rows)
    return Answer(document, (_table([full.payment]), *([refunds] if rows else [])))


@verb(payments, "poll", "relexbooking payments poll pay_…", changes=True)
@click.argument("payment_id", metavar="ID")
async def poll(desk: Desk, payment_id: str) -> Answer:
    """Ask the provider about one payment now, and follow what it says."""
    learned = await desk.deeds.ask_about_payment(desk.actor, payment_id)
    said = money_views.charge(learned.charge)
    words = "never heard of it" if said is None else f"says {said['state']}, {said['amount']['amount']}"
    document = money_views.payment(learned.payment) | {"gateway_says": said}
    return Answer(document, (f"{learned.payment.gateway} {words}.", _table([learned.payment])))


@verb(
    payments,
    "reconcile",
    "relexbooking payments reconcile --from 2026-11-01 --to 2026-11-07\nrelexbooking payments reconcile --dry-run",
    changes=True,
)
@click.option("--from", "first", type=DAY, help="The first day, in UTC; without it, yesterday.")
@click.option("--to", "last", type=DAY, help="The last day, included; without it, the first one.")
@click.option("--gateway", default="", help="With one payment provider alone.")
@click.option("--dry-run", is_flag=True, help="Say what would be found, and change nothing.")
async def reconcile(
    desk: Desk, *, first: datetime | None, last: datetime | None, gateway: str, dry_run: bool
) -> Answer:
    """Compare our books with the providers' own lists, and put right what can be.

    Ends with exit code 1 while findings are open, and with 6 if a provider did not answer to the end.
    """
    command = _command(desk, first, last, gateway)
    if dry_run:
        return _foretold(await desk.deeds.reconcile.foretell(desk.actor, command))
    compared = await desk.deeds.reconcile(desk.actor, command, watch=_progress)
    wish = Wish(1, None, everything=True)
    listed = await read(
        wish,
        lambda after, count: desk.deeds.reconciliations.findings(desk.actor, FindingStatus.OPEN, after, count),
    )
    heard = await desk.deeds.announcements()
    parts: list[Part] = [_days(compared), *_silences(heard)]
    parts += [finding_table(listed.items)] if listed.items else ["Nothing is open."]
    document = {
        "days": [money_views.reconciliation(day) for day in compared.days],
        "open_findings": [money_views.finding(found) for found in listed.items],
        "announced": [money_views.announced(one) for one in heard],
    }
    return Answer(document, parts, _exit(compared, found=bool(listed.items)))


def _command(desk: Desk, first: datetime | None, last: datetime | None, gateway: str) -> ReconcileCommand:
    if last is not None and first is None:
        raise click.UsageError("--to needs --from")
    start = (first or desk.deeds.clock.now() - timedelta(days=1)).date()
    return ReconcileCommand(start, start if last is None else last.date(), gateway)


def _exit(compared: Compared, *, found: bool) -> Exit:
    if not compared.is_finished:
        return Exit.UNAVAILABLE
    return Exit.UNEXPECTED if found else Exit.OK


def _foretold(compared: Compared) -> Answer:
    rows = [(d.kind, d.gateway, d.subject, d.detail) for d in compared.differences]
    document = {
        "dry_run": True,
        "days": [money_views.reconciliation(day) for day in compared.days],
        "would_find": [money_views.difference(found) for found in compared.differences],
    }
    table = Table(("kind", "gateway", "about", "what"), rows)
    return Answer(document, (_days(compared), table), _exit(compared, found=bool(rows)))


def _days(compared: Compared) -> Table:
    rows = [(day.id, str(day.matched), str(day.findings), str(day.healed), day.trouble) for day in compared.days]
    return Table(("day", "agree", "differ", "put right", "trouble"), rows)


def _silences(heard: Sequence[Announced]) -> list[str]:
    return [silence(one) for one in heard if one.silent_since is not None]


def silence(heard: Announced) -> str:
    """What to look at when a provider's notices do not come."""
    since = views.wall(heard.silent_since)
    return (
        f"No notice of {heard.gateway} reached us about its latest {heard.in_a_row} payments, since {since}: "
        "look at the endpoint in its dashboard, it may be disabled."
    )


def _progress(day: Reconciliation) -> None:
    if sys.stderr.isatty():
        click.echo(f"{day.id}: {day.matched} agree, {day.findings} differ", err=True)
