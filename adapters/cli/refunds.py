import click

from adapters.cli import views
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb
from domain.dispute import Dispute, DisputeStatus
from domain.refund import Refund, RefundStatus

STATUS = click.Choice([str(status) for status in RefundStatus])
STATE = click.Choice([str(status) for status in DisputeStatus])


@click.group()
def refunds() -> None:
    """Money on its way back, and what waits for a second person's word."""


def _table(listed: list[Refund]) -> Table:
    rows = [
        (r.id, r.booking_id, str(r.amount), r.status, r.proposed_by, r.failure or r.reason, views.wall(r.created_at))
        for r in listed
    ]
    return Table(("id", "booking", "amount", "status", "asked by", "why", "at"), rows)


@verb(refunds, "list", "relexbooking refunds list --status awaiting_approval --json")
@click.option("--status", type=STATUS, default="awaiting_approval", show_default=True, help="Those in one state.")
@paged
async def list_(desk: Desk, *, status: str, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Refunds of one state, newest first."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.money.refunds(desk.actor, RefundStatus(status), after, count),
    )
    return Answer(listed.document(views.refund), (_table(listed.items), *listed.more))


@verb(refunds, "show", "relexbooking refunds show rfd_…")
@click.argument("refund_id")
async def show(desk: Desk, refund_id: str) -> Answer:
    """One refund."""
    refund = await desk.deeds.money.refund(desk.actor, refund_id)
    return Answer(views.refund(refund), (_table([refund]),))


@verb(refunds, "approve", "relexbooking refunds approve rfd_…", changes=True)
@click.argument("refund_id")
async def approve(desk: Desk, refund_id: str) -> Answer:
    """Agree to a refund that somebody else asked for: it is sent, and its tickets are withdrawn."""
    refund = await desk.deeds.approve_refund.approve(desk.actor, refund_id)
    return Answer(views.refund(refund), (f"Approved: {refund.amount} goes back.", _table([refund])))


@verb(refunds, "reject", "relexbooking refunds reject rfd_… --reason 'the tickets were used'")
@click.argument("refund_id")
@click.option("--reason", required=True, help="Told to whoever asked for it.")
async def reject(desk: Desk, refund_id: str, reason: str) -> Answer:
    """Do not let a refund be sent; its amount may be refunded again."""
    refund = await desk.deeds.approve_refund.reject(desk.actor, refund_id, reason)
    return Answer(views.refund(refund), (f"Rejected: {refund.amount} stays.",))


@click.group()
def disputes() -> None:
    """Payments that buyers contest at their bank."""


@verb(disputes, "list", "relexbooking disputes list --status open --json")
@click.option("--status", type=STATE, help="Those in one state.")
@paged
async def list_disputes(desk: Desk, *, status: str | None, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Disputes, newest first."""
    state = DisputeStatus(status) if status else None
    listed = await read(
        Wish(limit, cursor, everything), lambda after, count: desk.deeds.money.disputes(desk.actor, state, after, count)
    )
    return Answer(listed.document(views.dispute), (_disputes(listed.items), *listed.more))


def _disputes(listed: list[Dispute]) -> Table:
    rows = [
        (d.id, d.booking_id, str(d.amount), d.status, d.gateway, d.gateway_reference, d.reason, views.wall(d.opened_at))
        for d in listed
    ]
    return Table(("id", "booking", "amount", "status", "gateway", "its name there", "reason", "opened at"), rows)
