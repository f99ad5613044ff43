import click

from adapters.cli import money_views, views
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, verb
from domain.reconciliation import Finding, FindingStatus

STATUS = click.Choice([str(status) for status in FindingStatus])


@click.group()
def findings() -> None:
    """Differences between our books and the payment providers'."""


def finding_table(found: list[Finding]) -> Table:
    rows = [
        (f.id, f.kind, f.gateway, f.subject, f.status, views.wall(f.found_at), f.decision or f.detail) for f in found
    ]
    return Table(("id", "kind", "gateway", "about", "status", "found at", "what"), rows)


@verb(findings, "list", "relexbooking payments findings list --status open --all --json")
@click.option("--status", type=STATUS, default="open", show_default=True, help="To be decided, put right, or decided.")
@paged
async def list_(desk: Desk, *, status: str, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Differences in one state, the oldest first."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.reconciliations.findings(desk.actor, FindingStatus(status), after, count),
    )
    return Answer(listed.document(money_views.finding), (finding_table(listed.items), *listed.more))


@verb(findings, "show", "relexbooking payments findings show fnd_…")
@click.argument("finding_id", metavar="ID")
async def show(desk: Desk, finding_id: str) -> Answer:
    """One difference, and what became of it."""
    return _shown(await desk.deeds.reconciliations.finding(desk.actor, finding_id))


@verb(findings, "decide", "relexbooking payments findings decide fnd_… --decision 'sold at the desk, by card'")
@click.argument("finding_id", metavar="ID")
@click.option("--decision", required=True, help="What is to be thought of it, for those who look at it later.")
async def decide(desk: Desk, finding_id: str, *, decision: str) -> Answer:
    """Say by name what is to be thought of a difference. It moves no money."""
    return _shown(await desk.deeds.decide_finding(desk.actor, finding_id, decision))


def _shown(found: Finding) -> Answer:
    document = money_views.finding(found)
    return Answer(document, (Facts([(name.replace("_", " "), str(said or "")) for name, said in document.items()]),))
