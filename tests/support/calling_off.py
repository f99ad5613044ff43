"""Events that are called off, and what becomes of their bookings."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import define, evolve

from application.access import Actor
from application.ports.payment_gateway import Charge, ChargeState
from application.ports.store import Listing
from application.queries.cancellations import CancellationReport
from application.use_cases.cancel_booking import CancelBooking, CancelBookingCommand
from application.use_cases.cancel_bookings import CancelBookings
from domain.allotment import Take
from domain.booking import Booking, BookingStatus
from domain.booking_outcome import BookingOutcome, OutcomeState
from domain.event import Event
from domain.ids import PaymentId
from domain.money import Money
from domain.payment import PaymentStatus
from tests import build
from tests.support.world import World

SOLD_AT_ONCE = 40


async def call_off(world: World, organizer: Actor, event: Event, reason: str = "") -> None:
    """Without any work on it."""
    await world.deeds.move_event.cancel(organizer, event.id, event.title, reason)


async def report(world: World, event: Event) -> CancellationReport:
    return await world.deeds.cancellations.report(world.operator, event.id)


async def outcomes(world: World, event: Event) -> Sequence[BookingOutcome]:
    return (await world.deeds.cancellations.outcomes(world.operator, event.id, None, 100)).items


async def states(world: World, event: Event) -> Counter[OutcomeState]:
    return Counter(outcome.state for outcome in await outcomes(world, event))


async def places(world: World, event: Event) -> tuple[int, int]:
    """Held and sold."""
    [allotment] = (await world.deeds.events.show(world.operator, event.id)).allotments
    return allotment.held, allotment.sold


def went_back(world: World) -> list[Money]:
    """What the gateway gave back, refund by refund."""
    return [refund.amount for refund in world.bank.refunds.values()]


async def sell_many(world: World, event: Event, count: int) -> list[Booking]:
    """Put confirmed bookings, each paid by itself, straight into the store: a sale of hundreds takes a while."""
    bookings: list[Booking] = []
    price = event.ticket_types[0].price
    for start in range(0, count, SOLD_AT_ONCE):
        async with world.container.begin()() as work:
            sold = [_sold(world, event, price) for _ in range(min(SOLD_AT_ONCE, count - start))]
            for booking, payment in sold:
                work.bookings.add(booking)
                work.payments.add(payment)
                work.change(*booking.moves(sold=1))
                reference = payment.gateway_reference
                world.bank.charges[payment.id] = Charge(payment.id, reference, ChargeState.CAPTURED, price)
            await work.commit()
            bookings += [booking for booking, _ in sold]
    return bookings


def _sold(world: World, event: Event, price: Money) -> tuple[Booking, Any]:
    ids, now = world.container.ids(), world.clock.now()
    booking = evolve(
        build.booking(id=ids.new("bkg"), event_id=event.id, organizer_id=event.organizer_id, price=price),
        takes=(Take(event.allotments[0].id, 1),),
        status=BookingStatus.CONFIRMED,
        payment_id=PaymentId(ids.new("pay")),
        buyer_email="buyer@example.com",
        created_at=now,
    )
    payment = build.payment(
        id=booking.payment_id,
        booking_id=booking.id,
        event_id=event.id,
        gateway="pocket",
        gateway_reference=f"pk_{booking.payment_id}",
        amount=price,
        status=PaymentStatus.CAPTURED,
        captured_at=now,
        next_poll_at=None,
    )
    return booking, payment


async def written(world: World, action: str) -> int:
    """How often the audit has it."""
    page = await world.container.store().list(Listing("audit", "everything", "all", equal={"action": action}))
    return len(page.items)


async def sold_out_show(world: World, count: int) -> tuple[Actor, Event, list[Booking]]:
    organizer = await world.organizer()
    event = await world.event(organizer, capacity=max(count, 1))
    return organizer, event, await sell_many(world, event, count)


Before = Callable[[str], Awaitable[None]]


async def nothing(_booking_id: str) -> None:
    """Another task gets its turn."""
    await asyncio.sleep(0)


@define(eq=False)
class Watched:
    """CancelBooking, with something that happens before each booking."""

    real: CancelBooking
    before: Before
    asked: list[str]

    async def __call__(self, actor: Actor, command: CancelBookingCommand, **given: Any) -> Booking:
        self.asked.append(command.booking_id)
        await self.before(command.booking_id)
        return await self.real(actor, command, **given)


def watched(world: World, before: Before = nothing) -> tuple[CancelBookings, list[str]]:
    """The job, and the bookings that it tries to end from now on."""
    asked: list[str] = []
    spy: Any = Watched(world.deeds.cancel_booking, before, asked)
    return evolve(world.deeds.cancel_bookings, cancel_booking=spy), asked


async def nothing_in_the_way() -> bool:
    """For a guard that is switched off."""
    return True
