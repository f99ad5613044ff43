from pathlib import Path

import click

from adapters.cli import views
from adapters.cli.confirming import ask, destructive
from adapters.cli.new_files import write_new
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Part, Table
from adapters.cli.ticket_table import ticket_table
from adapters.cli.verbs import Desk, verb
from application.queries.bookings import BookingInFull
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.refund_booking import RefundCommand
from domain.booking import Booking, BookingStatus
from domain.payment import Payment, PaymentStatus
from domain.refund import RefundStatus

STATUS = click.Choice([str(status) for status in BookingStatus])


@click.group()
def bookings() -> None:
    """What people have booked."""


@verb(bookings, "list", "relexbooking bookings list --event evt_… --status confirmed --all --json")
@click.option("--event", "event_id", help="Those of one event.")
@click.option("--buyer", help="Those of one person, by address or id.")
@click.option("--status", type=STATUS, help="Those in one state.")
@paged
async def list_(
    desk: Desk,
    *,
    event_id: str | None,
    buyer: str | None,
    status: str | None,
    limit: int,
    cursor: str | None,
    everything: bool,
) -> Answer:
    """Bookings, newest first: of an event, of a buyer, or in one state."""
    if buyer and (event_id or status):
        raise click.UsageError("--buyer stands alone: leave --event and --status out")
    queries, wish = desk.deeds.bookings, Wish(limit, cursor, everything)
    if buyer:
        person = await desk.deeds.accounts.show(desk.actor, buyer)
        listed = await read(wish, lambda after, count: queries.of_buyer(desk.actor, person.id, after, count))
    elif event_id:
        listed = await read(
            wish, lambda after, count: queries.of_event(desk.actor, event_id, after, count, status or "")
        )
    elif status:
        listed = await read(
            wish, lambda after, count: queries.of_status(desk.actor, BookingStatus(status), after, count)
        )
    else:
        raise click.UsageError("say which: --event, --buyer or --status")
    zones = await _zones(desk, listed.items)
    table = Table(
        ("id", "event", "buyer", "tickets", "total", "status", "booked at"),
        [
            (
                b.id,
                b.event_id,
                b.buyer_email,
                str(b.ticket_count),
                str(b.price),
                _phase(desk, b),
                views.wall(b.created_at, zones[b.event_id]),
            )
            for b in listed.items
        ],
    )
    document = listed.document(lambda b: views.booking(b, _phase(desk, b), zones[b.event_id]))
    return Answer(document, (table, *listed.more))


async def _zones(desk: Desk, listed: list[Booking]) -> dict[str, str]:
    """The zone of each event, each asked for once."""
    ids = {booking.event_id for booking in listed}
    return {event_id: (await desk.deeds.events.show(desk.actor, event_id)).event.schedule.zone for event_id in ids}


def _phase(desk: Desk, booking: Booking) -> BookingStatus:
    return BookingStatus.EXPIRED if booking.has_lapsed(desk.deeds.clock.now()) else booking.status


@verb(bookings, "show", "relexbooking bookings show bkg_…")
@click.argument("booking_id")
async def show(desk: Desk, booking_id: str) -> Answer:
    """One booking with its tickets, payments and refunds."""
    full = await desk.deeds.bookings.show(desk.actor, booking_id)
    return Answer(views.booking_in_full(full), _parts(full))


def _parts(full: BookingInFull) -> list[Part]:
    booking, zone = full.booking, full.event.schedule.zone
    facts = [
        ("id", booking.id),
        ("event", f"{full.event.title} ({full.event.id})"),
        ("buyer", f"{booking.buyer_name} <{booking.buyer_email}>"),
        ("total", str(booking.price)),
        *([("promotion code", f"{booking.promo_code}: {booking.discount} off")] if booking.promo_code else []),
        *([("tax included", str(booking.tax_included))] if booking.tax_included else []),
        ("status", full.status + (f": {booking.ended_reason}" if booking.ended_reason else "")),
        ("booked at", views.wall(booking.created_at, zone)),
    ]
    parts: list[Part] = [Facts(facts)]
    if full.tickets:
        parts.append(ticket_table(full.tickets, zone))
    if full.payments:
        rows = [(p.id, p.gateway, str(p.amount), _status(p), views.wall(p.created_at, zone)) for p in full.payments]
        parts.append(Table(("payment", "gateway", "amount", "status", "at"), rows))
    if full.refunds:
        given_back = [(r.id, r.reason, str(r.amount), r.status, views.wall(r.created_at, zone)) for r in full.refunds]
        parts.append(Table(("refund", "reason", "amount", "status", "at"), given_back))
    return parts


def _status(payment: Payment) -> str:
    """With what keeps its tickets shut or its money from going back."""
    if payment.disputed:
        return f"{payment.status}, disputed"
    if payment.charged_back:
        return f"{payment.status}, {payment.charged_back} taken back by the bank"
    return payment.status


@verb(bookings, "receipt", "relexbooking bookings receipt bkg_… --output receipt.pdf")
@click.argument("booking_id")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
async def receipt(desk: Desk, booking_id: str, output: Path) -> Answer:
    """Write the receipt of a booking that is or was confirmed to a new file."""
    made = await desk.deeds.receipts.show(desk.actor, booking_id)
    write_new(output, await desk.deeds.receipt_drawer.pdf(made))
    document = {
        "booking_id": made.booking.id,
        "output": str(output),
        "total": views.money(made.booking.price),
        "refunded": views.money(made.refunded),
        "net": views.money(made.net),
    }
    return Answer(document, (f"Wrote {output}.",))


@verb(bookings, "cancel", "relexbooking bookings cancel bkg_… --reason 'asked by telephone'", changes=True)
@click.argument("booking_id")
@click.option("--reason", default="cancelled by the organizer", show_default=True, help="Told to the buyer.")
@destructive
async def cancel(desk: Desk, booking_id: str, reason: str, *, dry_run: bool, yes: bool) -> Answer:
    """End a booking: places return, codes die, and all that was paid goes back."""
    full = await desk.deeds.bookings.show(desk.actor, booking_id)
    booking = full.booking
    would = booking.cancel(reason, desk.deeds.clock.now())  # Refuses as the deed itself would.
    captured = [p for p in full.payments if p.id == booking.payment_id and p.status is PaymentStatus.CAPTURED]
    for payment in captured:
        if payment.remaining:
            payment.check_undisputed()
    back = ", ".join(str(p.refundable) for p in captured if p.refundable) or "nothing"
    said = f"{booking.ticket_count} tickets of {booking.buyer_email} for {full.event.title}; {back} goes back"
    if dry_run:
        document = {
            "dry_run": True,
            "would_change": would is not booking,
            "booking": views.booking(booking, full.status, full.event.schedule.zone),
            "would_refund": [views.money(p.refundable) for p in captured if p.refundable],
        }
        return Answer(document, (f"Would cancel {said}.",))
    ask(f"Cancel {said}?", yes=yes)
    cancelled = await desk.deeds.cancel_booking(desk.actor, CancelBookingCommand(booking.id, reason))
    document = views.booking(cancelled, cancelled.status, full.event.schedule.zone)
    return Answer(document, (f"Cancelled: {said}.",))


@verb(
    bookings,
    "refund",
    "relexbooking bookings refund bkg_… --amount 100.00 --reason 'a broken seat'\n"
    "relexbooking bookings refund bkg_… --ticket tkt_… --dry-run",
    changes=True,
)
@click.argument("booking_id")
@click.option("--amount", help="This much, such as 100.00; the tickets stay valid.")
@click.option("--ticket", "ticket_ids", multiple=True, help="The price of this ticket, which is withdrawn; repeatable.")
@click.option("--reason", default="refunded by the organizer", show_default=True, help="Told to the buyer.")
@destructive
async def refund(
    desk: Desk,
    booking_id: str,
    *,
    amount: str | None,
    ticket_ids: tuple[str, ...],
    reason: str,
    dry_run: bool,
    yes: bool,
) -> Answer:
    """Give money back: an amount, the price of some tickets or, without either, all that is left."""
    command = RefundCommand(booking_id, reason, amount, ticket_ids)
    quote = await desk.deeds.refund_booking.quote(desk.actor, command)
    said = f"{quote.amount} of booking {booking_id}" + (f"; {len(quote.tickets)} tickets end" if quote.tickets else "")
    if dry_run:
        document = {
            "dry_run": True,
            "would_refund": views.money(quote.amount),
            "kept": views.money(quote.kept),
            "would_withdraw": [ticket.id for ticket in quote.tickets],
            "would_end_booking": quote.ends_booking,
            "needs_approval": quote.needs_approval,
        }
        return Answer(document, (f"Would refund {said}.",))
    ask(f"Refund {said}?", yes=yes)
    made = await desk.deeds.refund_booking(desk.actor, command)
    if made.status is RefundStatus.AWAITING_APPROVAL:
        words = f"{made.amount} waits for a second administrator: relexbooking refunds approve {made.id}"
    else:
        words = f"{made.amount} goes back: refund {made.id}."
    return Answer(views.refund(made), (words,))
