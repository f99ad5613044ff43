"""Facts that a relay has given up, made as an outage makes them: by too many failed attempts."""

from attrs import evolve

from application.delivery import ATTEMPTS_MAX
from application.ports.store import Listing
from application.records import DeliveryState, OutboxEntry
from domain.facts import BookingConfirmed
from tests.support.world import World


async def entries(world: World, state: DeliveryState) -> list[OutboxEntry]:
    page = await world.container.store().list(Listing("outbox", "queue", state))
    return [entry for entry in page.items if isinstance(entry, OutboxEntry)]


async def give_up(world: World, count: int = 1) -> list[str]:
    """Bookings whose tickets were tried to be issued in vain; the ids of the dead facts."""
    organizer = await world.organizer()
    event = await world.event(organizer, price="0.00", capacity=max(count, 10))
    for _ in range(count):
        await world.hold(await world.person(), event)
    given_up = []
    while pending := await entries(world, DeliveryState.PENDING):
        entry = pending[0]
        assert isinstance(entry.fact, BookingConfirmed)
        async with world.container.begin()() as work:
            work.outbox.save(
                evolve(
                    entry, state=DeliveryState.DEAD, attempts=ATTEMPTS_MAX, last_error="issue_tickets: OSError: full"
                )
            )
            await work.commit()
        given_up.append(entry.id)
    return sorted(given_up)
