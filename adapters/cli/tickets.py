import secrets
import sys
from pathlib import Path

import click

from adapters.cli import views
from adapters.cli.exits import Exit
from adapters.cli.new_files import write_new
from adapters.cli.paging import Listed, Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.ticket_table import ticket_table
from adapters.cli.verbs import Desk, verb
from application.use_cases.scan_ticket import ScanCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.admission import Admission, AdmissionOutcome

_BOOKING = "bkg_"


@click.group()
def tickets() -> None:
    """Tickets, their codes, and the door."""


@verb(tickets, "show", "relexbooking tickets show tkt_… --qr ticket.png")
@click.argument("ticket_or_booking")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR code to this PNG file.")
@click.option("--token", is_flag=True, help="Print the text of the QR code and nothing else. It opens the door.")
async def show(desk: Desk, ticket_or_booking: str, qr: Path | None, *, token: bool) -> Answer:
    """One ticket, or all of a booking."""
    if ticket_or_booking.startswith(_BOOKING):
        if qr or token:
            raise click.UsageError("--qr and --token take one ticket: name it")
        full = await desk.deeds.bookings.show(desk.actor, ticket_or_booking)
        zone = full.event.schedule.zone
        return Answer({"items": views.tickets(full.tickets, zone)}, (ticket_table(full.tickets, zone),))
    ticket = await desk.deeds.bookings.ticket(desk.actor, ticket_or_booking)
    zone = (await desk.deeds.events.show(desk.actor, ticket.event_id)).event.schedule.zone
    document = views.ticket(ticket, zone)
    if token:
        return Answer(document | {"token": ticket.token}, (ticket.token,))
    if qr is not None:
        write_new(qr, desk.deeds.drawer.png(ticket.token))
        document["qr"] = str(qr)
    return Answer(document, (Facts([(name, str(value or "")) for name, value in document.items()]),))


@verb(tickets, "regenerate", "relexbooking tickets regenerate tkt_…", changes=True)
@click.argument("ticket_or_booking")
async def regenerate(desk: Desk, ticket_or_booking: str) -> Answer:
    """Give new codes and mail them. Every earlier code is dead at once."""
    reissued = await desk.deeds.reissue_ticket(desk.actor, ticket_or_booking)
    zone = (await desk.deeds.events.show(desk.actor, reissued[0].event_id)).event.schedule.zone if reissued else "UTC"
    return Answer({"items": views.tickets(reissued, zone)}, (ticket_table(reissued, zone), "New codes were mailed."))


@verb(tickets, "scan", "relexbooking tickets show tkt_… --token | relexbooking tickets scan evt_… - --gate North")
@click.argument("event_id")
@click.argument("token")
@click.option("--gate", default="office", show_default=True, help="Where it is scanned.")
@click.option("--count", type=click.IntRange(1), help="How many of a group to admit; all that remain if not said.")
@click.option("--scan-id", help="Names the scan: the same one again gets the same answer and admits nobody twice.")
async def scan(desk: Desk, *, event_id: str, token: str, gate: str, count: int | None, scan_id: str | None) -> Answer:
    """Admit whoever holds a code, given as text or by `-` from standard input. Refused: exit code 4."""
    if token == "-":  # noqa: S105 - the usual word for standard input
        # Spaces are letters of a code: only the line's end goes.
        token = sys.stdin.readline().rstrip("\r\n")
    command = ScanCommand(event_id, token, gate, scan_id or secrets.token_hex(16), count)
    admission = await desk.deeds.scan_ticket(desk.actor, command)
    shown = await desk.deeds.events.show(desk.actor, event_id)
    document = views.admission(admission, shown.event.schedule.zone)
    if admission.outcome is not AdmissionOutcome.ADMITTED:
        return Answer(document, (f"REFUSED: {admission.message} ({admission.reason})",), Exit.REFUSED)
    many = f"{len(admission.ticket_ids)} tickets" if len(admission.ticket_ids) > 1 else "1 ticket"
    left = f", {admission.remaining} of the group remain" if admission.remaining else ""
    return Answer(document, (f"ADMITTED: {admission.holder_name}, {many}{left}",))


@verb(tickets, "undo", "relexbooking tickets undo tkt_… --reason 'scanned by mistake'", changes=True)
@click.argument("ticket_or_booking")
@click.option("--reason", required=True, help="Kept in the door log.")
@click.option("--gate", default="office", show_default=True)
async def undo(desk: Desk, ticket_or_booking: str, reason: str, gate: str) -> Answer:
    """Take an entry back: one ticket's, or all of a booking's."""
    undone = await desk.deeds.undo_admission(desk.actor, UndoAdmissionCommand(ticket_or_booking, reason, gate))
    said = f"Undone: {undone.holder_name}, {len(undone.ticket_ids)} tickets are good again."
    return Answer(views.admission(undone, await _zone(desk, undone.event_id)), (said,))


@verb(tickets, "history", "relexbooking tickets history evt_… --all")
@click.argument("event_or_booking")
@paged
async def history(desk: Desk, event_or_booking: str, *, limit: int, cursor: str | None, everything: bool) -> Answer:
    """The door log: of an event newest first, of a booking oldest first."""
    if event_or_booking.startswith(_BOOKING):
        page = await desk.deeds.bookings.history(desk.actor, event_or_booking)
        event_id: str = (await desk.deeds.bookings.show(desk.actor, event_or_booking)).event.id
        listed: Listed[Admission] = Listed(list(page.items), None)
    else:
        event_id = event_or_booking
        listed = await read(
            Wish(limit, cursor, everything),
            lambda after, count: desk.deeds.bookings.door_log(desk.actor, event_or_booking, after, count),
        )
    zone = await _zone(desk, event_id)
    rows = [
        (views.wall(a.at, zone), a.gate, a.outcome, a.holder_name, str(len(a.ticket_ids) or ""), a.reason, a.by)
        for a in listed.items
    ]
    table = Table(("at", "gate", "outcome", "holder", "tickets", "reason", "by"), rows)
    return Answer(listed.document(lambda a: views.admission(a, zone)), (table, *listed.more))


async def _zone(desk: Desk, event_id: str) -> str:
    return (await desk.deeds.events.show(desk.actor, event_id)).event.schedule.zone
