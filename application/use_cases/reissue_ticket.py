from attrs import evolve, frozen

from application.access import Actor
from application.event_access import booking_for
from application.ports.clock import Clock
from application.ports.ticket_codes import TicketSealer
from application.work import Begin, Work, retrying
from domain.booking import Booking, BookingStatus
from domain.errors import NotAllowedNow
from domain.ticket import Ticket, TicketStatus, TicketVoid, group_code
from domain.ticket_code import GENERATION_MAX


@frozen
class ReissueTicket:
    """Give a ticket, or all of a booking, new codes: every earlier one is dead from this commit, the new is mailed."""

    begin: Begin
    clock: Clock
    sealer: TicketSealer

    async def __call__(self, actor: Actor, subject: str) -> list[Ticket]:
        """`subject` is a ticket's id or a booking's."""
        return await retrying(lambda: self._once(actor, subject))

    async def _once(self, actor: Actor, subject: str) -> list[Ticket]:
        now = self.clock.now()
        async with self.begin() as work:
            whole = subject.startswith("bkg_")
            first = None if whole else await work.tickets.get(subject)
            booking, _ = await booking_for(work, actor, first.booking_id if first else subject)
            if booking.status is not BookingStatus.CONFIRMED:
                raise TicketVoid("the booking is not confirmed: it has no codes")
            old = [first] if first else await self._alive(work, booking)
            reissued = [self._sealed(ticket.next_generation(now)) for ticket in old]
            for ticket in reissued:
                work.tickets.save(ticket)
            if booking.group_token:
                await self._reissue_group(work, booking)
            work.audit(actor, "ticket.reissue", subject)
            await work.commit()
        return [evolve(ticket, version=ticket.version + 1) for ticket in reissued]

    async def _alive(self, work: Work, booking: Booking) -> list[Ticket]:
        """The tickets that were not withdrawn."""
        tickets = await work.tickets.get_all(booking.ticket_ids)
        return [ticket for ticket in tickets if ticket.status is not TicketStatus.VOID]

    def _sealed(self, ticket: Ticket) -> Ticket:
        return evolve(ticket, token=self.sealer.seal(ticket.code()))

    async def _reissue_group(self, work: Work, booking: Booking) -> None:
        """A group's code opens for any of its tickets, so it dies with each of theirs."""
        if booking.group_generation == GENERATION_MAX:
            raise NotAllowedNow("this booking's codes were replaced too often: cancel and book again")
        event = await work.events.get(booking.event_id)
        generation = booking.group_generation + 1
        token = self.sealer.seal(group_code(booking, event, generation))
        work.bookings.save(evolve(booking, group_generation=generation, group_token=token))
