from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.event_access import event_for
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.object_store import ObjectStore
from application.ports.pictures import Pictures
from application.work import Begin, retrying
from domain.errors import DomainError, NotAllowedNow
from domain.event import IMAGES_MAX, Event, EventImage, EventStatus

IMAGE_BYTES_MAX = 5 * 1024 * 1024
_ENDING = {"image/jpeg": "jpg", "image/png": "png"}


@frozen
class AddEventImage:
    """Show a picture on an event's page. It is decoded and written anew, and keeps no metadata."""

    begin: Begin
    clock: Clock
    ids: Ids
    pictures: Pictures
    objects: ObjectStore

    async def __call__(self, actor: Actor, event_id: str, data: bytes, alt: str) -> Event:
        async with self.begin() as work:
            self._check(await event_for(work, actor, event_id))
        picture = await self.pictures.clean(data)
        key = f"public/events/{event_id}/{self.ids.new('img')}.{_ENDING[picture.media_type]}"
        await self.objects.put(key, picture)
        try:
            return await retrying(lambda: self._once(actor, event_id, EventImage(key, alt)))
        except DomainError:
            # It is certain that no event shows it. After any other error one may: a commit can outlive its answer.
            await self.objects.delete(key)
            raise

    def _check(self, event: Event) -> None:
        if event.status_at(self.clock.now()) in {EventStatus.CANCELLED, EventStatus.COMPLETED}:
            raise NotAllowedNow("the event is over: its pictures stay")
        if len(event.images) >= IMAGES_MAX:
            raise NotAllowedNow(f"an event has at most {IMAGES_MAX} pictures: remove one first")

    async def _once(self, actor: Actor, event_id: str, image: EventImage) -> Event:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            self._check(event)
            shown = evolve(event, images=(*event.images, image))
            work.events.save(shown)
            work.audit(actor, "event.image.add", event.id, image.key)
            await work.commit()
        return evolve(shown, version=shown.version + 1)


@frozen
class RemoveEventImage:
    """Take a picture off the page, and then out of the store."""

    begin: Begin
    objects: ObjectStore

    async def __call__(self, actor: Actor, event_id: str, key: str) -> Event:
        event = await retrying(lambda: self._once(actor, event_id, key))
        await self.objects.delete(key)
        return event

    async def _once(self, actor: Actor, event_id: str, key: str) -> Event:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            if all(image.key != key for image in event.images):
                raise NotFound("the event has no such picture")
            shown = evolve(event, images=tuple(image for image in event.images if image.key != key))
            work.events.save(shown)
            work.audit(actor, "event.image.remove", event.id, key)
            await work.commit()
        return evolve(shown, version=shown.version + 1)
