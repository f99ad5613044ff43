"""People who buy without an account."""

from typing import Final

from application.access import Actor
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.guest_bookings import GuestBookingCommand
from domain.booking import Booking
from domain.event import Event
from tests.support.mailed_links import link_in
from tests.support.world import World

GUEST: Final = "gina@example.com"


async def booked(world: World, event: Event, email: str = GUEST) -> tuple[Booking, Actor]:
    """A hold without an account, who may pay for it, and the mail on its way."""
    made = await booked_quietly(world, event, email)
    await world.settle()
    return made


async def booked_quietly(world: World, event: Event, email: str = GUEST) -> tuple[Booking, Actor]:
    """The same before anything follows from it."""
    wish = BookPlacesCommand(event.id, ((event.ticket_types[0].id, 1),))
    held = await world.deeds.book_as_guest(GuestBookingCommand(email, "Gina", wish))
    booking, opened = await world.deeds.open_guest_session.for_new(held.id)
    return booking, await actor_of(world, opened.secret)


async def by_link(world: World) -> Actor:
    """Who opened the newest link of the mails."""
    opened = await world.deeds.open_guest_session.by_link(link_in(world, GUEST, "guest/open"))
    return await actor_of(world, opened.secret)


async def actor_of(world: World, secret: str) -> Actor:
    actor = await world.deeds.authenticate(secret)
    assert actor is not None, "the session is open"
    return actor
