from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from attrs import evolve, field, frozen

from application.access import Actor, EventDeed
from application.errors import AlreadyExists, NotFound
from application.event_access import at_event
from application.ports.clock import Clock
from application.ports.ticket_codes import TicketSealer
from application.work import Begin, Work, retrying
from domain.admission import Admission, AdmissionOutcome, ScanNumberReused
from domain.booking import BookingStatus
from domain.errors import DomainError
from domain.event import Event
from domain.ids import ID_BYTES, AccountId, AdmissionId, BookingId, make_id
from domain.ticket import (
    CodeSuperseded,
    Entry,
    Ticket,
    TicketBlocked,
    TicketStatus,
    TicketUsed,
    TicketVoid,
    check_doors,
    used_words,
)
from domain.ticket_code import CodeKind, TicketCode

GATE_MAX = 60


@frozen
class ScanCommand:
    """`scan_id` is made by the device: the same scan sent twice is one scan, with one answer."""

    event_id: str
    token: str = field(repr=False)
    gate: str
    scan_id: str
    count: int | None = None
    """How many of a group to admit; all that remain if not said."""


@frozen
class _Admitting:
    booking_id: BookingId
    tickets: Sequence[Ticket]
    remaining: int


@frozen
class ScanTicket:
    """Admit who holds a good code, once, and write down every attempt.

    A refusal is an answer and not an error: its `reason` is the code of the rule that refused.
    """

    begin: Begin
    clock: Clock
    sealer: TicketSealer

    async def __call__(self, actor: Actor, command: ScanCommand) -> Admission:
        return await retrying(lambda: self._once(actor, command))

    async def _once(self, actor: Actor, command: ScanCommand) -> Admission:
        now = self.clock.now()
        async with self.begin() as work:
            admission_id = _admission_id(command)
            event, earlier = await work.find_both(work.events, command.event_id, work.admissions, admission_id)
            if event is None:
                raise NotFound("no such event")
            (await at_event(work, actor, event)).check_may(EventDeed.SCAN, event)
            if earlier is not None:
                return _same_scan(earlier, command)
            blank = Admission(
                id=admission_id,
                event_id=event.id,
                at=now,
                gate=command.gate,
                by=AccountId(actor.name),
                outcome=AdmissionOutcome.REFUSED,
                code_hash=_code_hash(command),
            )
            admission = await self._decide(work, event, command, blank)
            work.admissions.add(admission)
            try:
                await work.commit()
            except AlreadyExists:
                return _same_scan(await self.begin().admissions.get(admission_id), command)
        return admission

    async def _decide(self, work: Work, event: Event, command: ScanCommand, blank: Admission) -> Admission:
        try:
            code = self.sealer.open(command.token, event.id)
        except DomainError as error:
            return evolve(blank, reason=error.code, message=str(error))
        known = evolve(blank, booking_id=code.booking_id)
        try:
            admitting = await self._check(work, event, code, command.count, blank.at)
        except DomainError as error:
            first = error.entry if isinstance(error, TicketUsed) else None
            return evolve(known, reason=error.code, message=str(error), first_entry=first)
        entry = Entry(blank.at, command.gate, blank.by)
        for ticket in admitting.tickets:
            work.tickets.save(ticket.admit(entry))
        return evolve(
            known,
            outcome=AdmissionOutcome.ADMITTED,
            ticket_ids=tuple(ticket.id for ticket in admitting.tickets),
            holder_name=admitting.tickets[0].holder_name,
            remaining=admitting.remaining,
        )

    async def _check(self, work: Work, event: Event, code: TicketCode, count: int | None, at: datetime) -> _Admitting:
        check_doors(event, code.valid_from, code.valid_until, at)
        if code.kind is CodeKind.GROUP:
            return await self._check_group(work, event, code, count)
        ticket = await work.tickets.find(code.subject)
        if ticket is None or ticket.event_id != event.id:
            raise TicketVoid("no such ticket is on record")
        ticket.check_admits(code.generation)
        return _Admitting(ticket.booking_id, [ticket], 0)

    async def _check_group(self, work: Work, event: Event, code: TicketCode, count: int | None) -> _Admitting:
        booking = await work.bookings.find(code.subject)
        if booking is None or booking.event_id != event.id or booking.status is not BookingStatus.CONFIRMED:
            raise TicketVoid("the booking was cancelled")
        if code.generation != booking.group_generation:
            raise CodeSuperseded("a newer code was issued for this group")
        tickets = await work.tickets.get_all(booking.ticket_ids)
        left = [ticket for ticket in tickets if ticket.status is TicketStatus.VALID]
        if not left:
            if any(ticket.status is TicketStatus.BLOCKED for ticket in tickets):
                raise TicketBlocked("the payment for these tickets is disputed: ask the organizer")
            last = max((t.entry for t in tickets if t.entry), key=lambda entry: entry.at, default=None)
            raise (
                TicketUsed(f"all were used, the last {used_words(last)}", last) if last else TicketVoid("all withdrawn")
            )
        wanted = len(left) if count is None else count
        if wanted > len(left):
            raise TicketUsed(f"only {len(left)} of this group remain")
        return _Admitting(booking.id, left[:wanted], len(left) - wanted)


def _code_hash(command: ScanCommand) -> str:
    return sha256(command.token.encode(errors="surrogatepass")).hexdigest()[:32]


def _same_scan(earlier: Admission, command: ScanCommand) -> Admission:
    """The answer that this scan was given; ScanNumberReused if that was for another code."""
    if earlier.code_hash != _code_hash(command):
        raise ScanNumberReused("this scan_id was used for another code: give each scan a number of its own")
    return earlier


def _admission_id(command: ScanCommand) -> AdmissionId:
    digest = sha256(f"{command.event_id}\n{command.scan_id}".encode(errors="surrogatepass")).digest()
    return AdmissionId(make_id("adm", digest[:ID_BYTES]))
