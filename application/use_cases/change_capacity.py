from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.event_access import event_for
from application.ports.clock import Clock
from application.work import Begin, retrying
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange, CapacityBelowTaken, SoldOut
from domain.errors import InvalidValue, NotAllowedNow
from domain.event import Event, EventStatus
from domain.ids import AllotmentId


@frozen
class ChangeCapacityCommand:
    event_id: str
    capacity: int
    allotment_id: str | None = None
    """May be left out where the event has just one."""


@frozen
class ChangeCapacity:
    """Set how many places exist: up at any time, down to what is held and sold."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, command: ChangeCapacityCommand) -> Allotment:
        if not 0 <= command.capacity <= CAPACITY_MAX:
            raise InvalidValue(f"a capacity is 0 to {CAPACITY_MAX}")
        return await retrying(lambda: self._once(actor, command))

    async def _once(self, actor: Actor, command: ChangeCapacityCommand) -> Allotment:
        async with self.begin() as work:
            event = await event_for(work, actor, command.event_id)
            if event.status_at(self.clock.now()) in {EventStatus.CANCELLED, EventStatus.COMPLETED}:
                raise NotAllowedNow("the event is over: its capacity stays")
            wanted = _allotment_of(event, command.allotment_id)
            [allotment] = await work.allotments([wanted])
            change = command.capacity - allotment.capacity
            work.change(AllotmentChange(allotment.id, capacity=change))
            # Saving the event makes two edits at the same time decide one after the other.
            work.events.save(event)
            work.audit(actor, "event.capacity", event.id, f"{allotment.capacity} -> {command.capacity}")
            try:
                await work.commit()
            except SoldOut:
                raise CapacityBelowTaken(
                    f"{allotment.sold} places are sold and {allotment.held} held: "
                    f"the capacity cannot fall below {allotment.taken}"
                ) from None
        return evolve(allotment, capacity=command.capacity)


def _allotment_of(event: Event, allotment_id: str | None) -> AllotmentId:
    known = [allotment.id for allotment in event.allotments]
    if allotment_id is None:
        if len(known) != 1:
            raise InvalidValue("this event has several allotments: name the one to change")
        return known[0]
    for known_id in known:
        if known_id == allotment_id:
            return known_id
    raise NotFound("the event has no such allotment")
