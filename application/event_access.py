"""An event or a booking for whoever may do something with it. What was granted is read along with the record.

Only people who are neither organizer nor administrator have grants; for all others nothing more is read.
"""

from application.access import Actor, EventDeed
from application.errors import NotFound
from application.records import grant_id
from application.work import Work
from domain.account import Role
from domain.booking import Booking
from domain.event import Event
from domain.ids import EventId


async def event_for(work: Work, actor: Actor, event_id: str, deed: EventDeed = EventDeed.MANAGE) -> Event:
    """The event, in one round trip; NotFound and NotAllowed as `Actor.check_may` says."""
    if actor.account is None or actor.has(Role.ADMIN):
        event = await work.events.find(event_id)
    else:
        named = grant_id(EventId(event_id), actor.account.id)
        event, grant = await work.find_both(work.events, event_id, work.grants, named)
        actor = actor.granted(grant)
    if event is None:
        actor.check(Role.USER)
        raise NotFound("no such event")
    actor.check_may(deed, event)
    return event


async def at_event(work: Work, actor: Actor, event: Event) -> Actor:
    """The actor with their rights at an event that was read before."""
    if actor.may(EventDeed.OWN, event):
        return actor
    return await _granted(work, actor, event.id)


async def booking_for(work: Work, actor: Actor, booking_id: str) -> tuple[Booking, Actor]:
    """A booking that the actor may see, and the actor with their rights at its event. Buyers cost no further read."""
    booking = await work.bookings.get(booking_id)
    if not (actor.owns(booking) or actor.is_buyer_of(booking)):
        actor = await _granted(work, actor, booking.event_id)
    actor.check_may_see(booking)
    return booking, actor


async def _granted(work: Work, actor: Actor, event_id: EventId) -> Actor:
    if actor.account is None:
        return actor
    return actor.granted(await work.grants.find(grant_id(event_id, actor.account.id)))
