"""What becomes of an event's pictures when it is put away."""

from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.ports.object_shelf import ObjectShelf
from application.ports.object_store import ObjectStore
from application.work import Begin
from domain.facts import EventArchived, Fact


@frozen
class SetAsideImages:
    """Pictures of an archived event may be kept where it is cheap; never those of one that people look for."""

    name: ClassVar[str] = "set_aside_images"
    reacts_to: ClassVar[type[Fact]] = EventArchived

    begin: Begin
    objects: ObjectStore

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, EventArchived), "the relay keeps to `reacts_to`"
        if not isinstance(self.objects, ObjectShelf):
            return
        # What the event shows now: it may be that somebody took a picture off since.
        event = await self.begin().events.find(fact.event_id)
        for image in event.images if event is not None and event.archived else ():
            await self.objects.set_aside(image.key)
