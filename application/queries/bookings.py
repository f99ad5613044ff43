"""Bookings, tickets and the door log, each within what the actor may see."""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from application.access import Actor, EventDeed
from application.errors import NotFound
from application.event_access import booking_for, event_for
from application.ports.clock import Clock
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.admission import Admission
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.payment import Payment
from domain.refund import Refund
from domain.ticket import Ticket, TicketStatus, TicketVoid


@frozen
class BookingInFull:
    """A booking with all that belongs to it."""

    booking: Booking
    status: BookingStatus
    """EXPIRED as soon as the deadline has passed, whether or not that is stored."""
    event: Event
    tickets: Sequence[Ticket]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]


@frozen
class BookingOfEvent:
    """A booking in a list, and what it is for."""

    booking: Booking
    event: Event


@frozen
class ShownCode:
    """What a QR code is drawn from. The same subject and generation always have the same token."""

    subject: str
    generation: int
    token: str = field(repr=False)


@frozen
class Bookings:
    begin: Begin
    clock: Clock
    store: Store

    async def show(self, actor: Actor, booking_id: str) -> BookingInFull:
        """For its buyer, its organizer and administrators."""
        work = self.begin()
        booking, _ = await booking_for(work, actor, booking_id)
        payments: Page[Any] = await self.store.list(Listing("payment", "by_booking", booking.id))
        refunds: Page[Any] = await self.store.list(Listing("refund", "by_booking", booking.id))
        return BookingInFull(
            booking=booking,
            status=BookingStatus.EXPIRED if booking.has_lapsed(self.clock.now()) else booking.status,
            event=await work.events.get(booking.event_id),
            tickets=await work.tickets.get_all(booking.ticket_ids),
            payments=payments.items,
            refunds=refunds.items,
        )

    async def mine(self, actor: Actor, cursor: str | None, limit: int) -> Page[Booking]:
        """The actor's own, newest first; of a guest whose session opens one booking, that one."""
        buyer_id = actor.buyer().id
        if actor.guest is not None and actor.session is not None and actor.session.booking_id is not None:
            booking, _ = await booking_for(self.begin(), actor, actor.session.booking_id)
            return Page((booking,), None)
        return await self._page(Listing("booking", "by_buyer", buyer_id, descending=True, limit=limit, after=cursor))

    async def mine_with_events(self, actor: Actor, cursor: str | None, limit: int) -> Page[BookingOfEvent]:
        """The same with what they are for, which is read together for the whole page."""
        page = await self.mine(actor, cursor, limit)
        wanted = list(dict.fromkeys(booking.event_id for booking in page.items))
        events = {event.id: event for event in await self.begin().events.get_all(wanted)}
        return Page(
            tuple(BookingOfEvent(booking, events[booking.event_id]) for booking in page.items), page.next_cursor
        )

    async def of_buyer(self, actor: Actor, buyer_id: str, cursor: str | None, limit: int) -> Page[Booking]:
        """Anybody's, for administrators."""
        actor.check(Role.ADMIN)
        return await self._page(Listing("booking", "by_buyer", buyer_id, descending=True, limit=limit, after=cursor))

    async def of_event(
        self, actor: Actor, event_id: str, cursor: str | None, limit: int, status: str = ""
    ) -> Page[Booking]:
        """For whoever manages the event."""
        event = await event_for(self.begin(), actor, event_id)
        equal = {"status": status} if status else {}
        return await self._page(
            Listing("booking", "by_event", event.id, descending=True, equal=equal, limit=limit, after=cursor)
        )

    async def of_status(self, actor: Actor, status: BookingStatus, cursor: str | None, limit: int) -> Page[Booking]:
        """Everybody's in one state, for administrators."""
        actor.check(Role.ADMIN)
        return await self._page(Listing("booking", "by_status", status, descending=True, limit=limit, after=cursor))

    async def ticket(self, actor: Actor, ticket_id: str) -> Ticket:
        """For its buyer, its organizer and administrators."""
        work = self.begin()
        ticket = await work.tickets.find(ticket_id)
        if ticket is None:
            actor.check_buyer()
            raise NotFound("no such ticket")
        await booking_for(work, actor, ticket.booking_id)
        return ticket

    async def ticket_code(self, actor: Actor, ticket_id: str) -> ShownCode:
        """The code of a ticket; TicketVoid if it was withdrawn."""
        ticket = await self.ticket(actor, ticket_id)
        if ticket.status is TicketStatus.VOID:
            raise TicketVoid("the ticket was withdrawn: its code opens nothing")
        return ShownCode(ticket.id, ticket.generation, ticket.token)

    async def group_code(self, actor: Actor, booking_id: str) -> ShownCode:
        """The code of a whole party; TicketVoid if it has none, or none any more."""
        booking, _ = await booking_for(self.begin(), actor, booking_id)
        if booking.status is not BookingStatus.CONFIRMED or not booking.group_token:
            raise TicketVoid("the booking has no group code: it is not confirmed, or its tickets are being made")
        return ShownCode(booking.id, booking.group_generation, booking.group_token)

    async def latest_payment(self, actor: Actor, booking_id: str) -> Payment:
        """The attempt that is or was under way; NotFound before the first."""
        work = self.begin()
        booking, _ = await booking_for(work, actor, booking_id)
        payment = await work.payments.find(booking.payment_id) if booking.payment_id else None
        if payment is None:
            raise NotFound("nobody has tried to pay for it")
        return payment

    async def door_log(self, actor: Actor, event_id: str, cursor: str | None, limit: int) -> Page[Admission]:
        """Every scan of an event, newest first, for those who may scan there."""
        work = self.begin()
        event = await event_for(work, actor, event_id, EventDeed.SCAN)
        page: Page[Any] = await self.store.list(
            Listing("admission", "by_event", event.id, descending=True, limit=limit, after=cursor)
        )
        return page

    async def history(self, actor: Actor, booking_id: str) -> Page[Admission]:
        """Every scan of one booking's tickets, for those who may see it."""
        booking, _ = await booking_for(self.begin(), actor, booking_id)
        page: Page[Any] = await self.store.list(Listing("admission", "by_booking", booking.id))
        return page

    async def _page(self, listing: Listing) -> Page[Booking]:
        page: Page[Any] = await self.store.list(listing)
        return page
