from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import click
from attrs import asdict

from adapters.cli.aws_estimate import estimate
from adapters.cli.aws_site import destroy, provision, template, verify
from adapters.cli.operations import Charge, Happening, Operations
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import standalone

DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
TRAIL_DAYS = 90
"""So long CloudTrail keeps what it tells without a trail of one's own."""


@click.group()
def aws() -> None:
    """What an installation has at AWS, what it costs, and what happened in the account."""


@standalone("costs", "relexbooking aws costs\nrelexbooking aws costs --start 2026-10-01 --end 2026-11-01 --json")
@click.option("--start", type=DAY, help="First day; this month's first without it.")
@click.option("--end", type=DAY, help="The day after the last; tomorrow without it.")
def costs(operations: Operations, start: datetime | None, end: datetime | None) -> Answer:
    """What each service cost in each month. Each question to Cost Explorer costs a cent."""
    today = datetime.now(UTC).date()
    first = start.date() if start else today.replace(day=1)
    after = end.date() if end else today + timedelta(days=1)
    if first >= after:
        raise click.UsageError("--start is not before --end")
    charges = operations.cloud().charges(first, after)
    totals = _totals(charges)
    rows = [(charge.month, charge.service, _money(charge.amount, charge.currency)) for charge in charges]
    rows += [(month, "all", _money(str(total), currency)) for (month, currency), total in totals.items()]
    document = {
        "items": [asdict(charge) for charge in charges],
        "totals": [{"month": month, "currency": of, "amount": str(total)} for (month, of), total in totals.items()],
    }
    return Answer(document, (Table(("month", "service", "cost"), rows),))


@standalone(
    "trail",
    "relexbooking aws trail --since 2026-11-20\n"
    "relexbooking aws trail --event-name Decrypt --since 2026-11-20T08:00:00 --json",
)
@click.option("--event-name", default="", help="Only deeds of this name, as CloudTrail calls it: PutBucketPolicy.")
@click.option("--since", type=MOMENT, help="In UTC; a day ago without it, 90 days at most.")
@click.option("--until", type=MOMENT, help="In UTC; now without it.")
@click.option("--limit", type=click.IntRange(1, 5_000), default=50, show_default=True, help="How many at most.")
def trail(
    operations: Operations, event_name: str, since: datetime | None, until: datetime | None, limit: int
) -> Answer:
    """Deeds in the account, the newest first: who, from where, on what."""
    now = datetime.now(UTC)
    start = since.replace(tzinfo=UTC) if since else now - timedelta(days=1)
    end = until.replace(tzinfo=UTC) if until else now
    if start >= end:
        raise click.UsageError("--since is not before --until")
    if start < now - timedelta(days=TRAIL_DAYS):
        raise click.UsageError(f"CloudTrail tells of {TRAIL_DAYS} days only: look into a trail of your own in S3")
    found = operations.cloud().happenings(event_name, start, end, limit)
    rows = [(each.at.isoformat(), each.name, each.by, each.source_ip, " ".join(each.resources)) for each in found]
    table = Table(("at", "deed", "by", "from", "on"), rows)
    return Answer({"items": [_document(each) for each in found]}, (table,) if found else ("Nothing of that kind.",))


def _totals(charges: list[Charge]) -> dict[tuple[str, str], Decimal]:
    totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for charge in charges:
        totals[charge.month, charge.currency] += Decimal(charge.amount)
    return dict(totals)


def _money(amount: str, currency: str) -> str:
    return f"{Decimal(amount):.2f} {currency}"


def _document(happening: Happening) -> dict[str, object]:
    return asdict(happening) | {"at": happening.at.isoformat(), "resources": list(happening.resources)}


aws.add_command(costs)
aws.add_command(trail)
for command in (provision, verify, destroy, template, estimate):
    aws.add_command(command)
