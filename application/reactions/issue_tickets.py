from typing import ClassVar

from attrs import evolve, frozen

from application.delivery import Delivery
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.ticket_codes import TicketSealer
from application.use_cases.settle_dispute import as_disputed
from application.work import Begin
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.facts import BookingConfirmed, Fact, TicketsIssued
from domain.ids import TicketId
from domain.ticket import Ticket, group_code


@frozen
class IssueTickets:
    """Give a confirmed booking its tickets, each with a code, and one code for the whole party."""

    name: ClassVar[str] = "issue_tickets"
    reacts_to: ClassVar[type[Fact]] = BookingConfirmed

    begin: Begin
    clock: Clock
    ids: Ids
    sealer: TicketSealer

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, BookingConfirmed), "the relay keeps to `reacts_to`"
        async with self.begin() as work:
            booking = await work.bookings.get(fact.booking_id)
            if booking.status is BookingStatus.CONFIRMED and not booking.ticket_ids:
                event = await work.events.get(booking.event_id)
                tickets = await as_disputed(work, booking, self._tickets(booking, event))
                for ticket in tickets:
                    work.tickets.add(ticket)
                group = len(tickets) > 1
                issued = evolve(
                    booking,
                    ticket_ids=tuple(ticket.id for ticket in tickets),
                    group_generation=1 if group else 0,
                    group_token=self.sealer.seal(group_code(booking, event, 1)) if group else "",
                )
                work.bookings.save(issued.telling(TicketsIssued(self.clock.now(), booking.id)))
            delivery.settle(work)
            await work.commit()

    def _tickets(self, booking: Booking, event: Event) -> list[Ticket]:
        tickets: list[Ticket] = []
        for line in booking.lines:
            for _ in range(line.quantity):
                unsealed = Ticket(
                    id=TicketId(self.ids.new("tkt")),
                    booking_id=booking.id,
                    event_id=event.id,
                    organizer_id=event.organizer_id,
                    buyer_id=booking.buyer_id,
                    ticket_type_id=line.ticket_type_id,
                    ticket_type=line.name,
                    holder_name=booking.buyer_name,
                    number=len(tickets) + 1,
                    token="",
                    valid_from=event.schedule.doors_open_at,
                    valid_until=event.schedule.closes_at,
                )
                tickets.append(evolve(unsealed, token=self.sealer.seal(unsealed.code())))
        return tickets
