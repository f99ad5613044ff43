from attrs import frozen

from application.access import Actor, EventDeed
from application.event_access import at_event
from application.ids import Ids
from application.ports.clock import Clock
from application.use_cases.settle_dispute import as_disputed
from application.work import Begin, Work, retrying
from domain.admission import Admission, AdmissionOutcome
from domain.booking import Booking
from domain.errors import NotAllowedNow
from domain.ids import AccountId, AdmissionId
from domain.ticket import Ticket, TicketStatus


class NothingToUndo(NotAllowedNow):
    """Nobody has entered on that ticket or booking."""

    code = "nothing_to_undo"


@frozen
class UndoAdmissionCommand:
    """A ticket's id undoes one entry, a booking's id all of its entries."""

    subject: str
    reason: str
    gate: str = "office"


@frozen
class UndoAdmission:
    """Take an entry back, by name and with a reason. The log keeps both."""

    begin: Begin
    clock: Clock
    ids: Ids

    async def __call__(self, actor: Actor, command: UndoAdmissionCommand) -> Admission:
        return await retrying(lambda: self._once(actor, command))

    async def _once(self, actor: Actor, command: UndoAdmissionCommand) -> Admission:
        async with self.begin() as work:
            booking, tickets = await self._subject(work, command.subject)
            event = await work.events.get(booking.event_id)
            (await at_event(work, actor, event)).check_may(EventDeed.SCAN, event)
            used = [ticket for ticket in tickets if ticket.status is TicketStatus.USED]
            if not used:
                raise NothingToUndo("nobody has entered on it")
            for ticket in await as_disputed(work, booking, [ticket.undo_entry() for ticket in used]):
                work.tickets.save(ticket)
            undone = Admission(
                id=AdmissionId(self.ids.new("adm")),
                event_id=event.id,
                at=self.clock.now(),
                gate=command.gate,
                by=AccountId(actor.name),
                outcome=AdmissionOutcome.UNDONE,
                reason=command.reason,
                booking_id=booking.id,
                ticket_ids=tuple(ticket.id for ticket in used),
                holder_name=used[0].holder_name,
            )
            work.admissions.add(undone)
            work.audit(actor, "admission.undo", command.subject, reason=command.reason)
            await work.commit()
        return undone

    async def _subject(self, work: Work, subject: str) -> tuple[Booking, list[Ticket]]:
        if subject.startswith("bkg_"):
            booking = await work.bookings.get(subject)
            return booking, await work.tickets.get_all(booking.ticket_ids)
        ticket = await work.tickets.get(subject)
        return await work.bookings.get(ticket.booking_id), [ticket]
