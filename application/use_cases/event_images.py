from pathlib import PurePosixPath

from attrs import evolve, frozen

from application.access import Actor
from application.errors import NotFound
from application.event_access import event_for
from application.ids import Ids
from application.ports.clock import Clock
from application.ports.object_store import ObjectStore
from application.ports.pictures import Pictures
from application.waiting_files import ENDINGS
from application.work import Begin, retrying
from domain.errors import DomainError, NotAllowedNow
from domain.event import IMAGES_MAX, Event, EventImage, EventStatus

IMAGE_BYTES_MAX = 5 * 1024 * 1024


@frozen
class Gallery:
    """How a picture gets onto an event's page, whichever way it came to us."""

    begin: Begin
    clock: Clock
    pictures: Pictures
    objects: ObjectStore

    async def check(self, actor: Actor, event_id: str, image_id: str) -> Event:
        """The event; NotAllowedNow unless it takes one picture more, or shows this one."""
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
        if not is_shown(event, image_id):
            self._check_takes_more(event)
        return event

    async def keep(self, event_id: str, image_id: str, data: bytes) -> str:
        """Decode a picture, write it anew without its metadata and store it, where nobody sees it yet; its key."""
        picture = await self.pictures.clean(data)
        key = f"public/events/{event_id}/{image_id}.{ENDINGS[picture.media_type]}"
        await self.objects.put(key, picture)
        return key

    async def show(self, actor: Actor, event_id: str, image: EventImage) -> Event:
        """Put what is kept on the page, once."""
        return await retrying(lambda: self._once(actor, event_id, image))

    def _check_takes_more(self, event: Event) -> None:
        if event.status_at(self.clock.now()) in {EventStatus.CANCELLED, EventStatus.COMPLETED}:
            raise NotAllowedNow("the event is over: its pictures stay")
        if len(event.images) >= IMAGES_MAX:
            raise NotAllowedNow(f"an event has at most {IMAGES_MAX} pictures: remove one first")

    async def _once(self, actor: Actor, event_id: str, image: EventImage) -> Event:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            if image.key in {shown.key for shown in event.images}:
                return event
            self._check_takes_more(event)
            shown = evolve(event, images=(*event.images, image))
            work.events.save(shown)
            work.audit(actor, "event.image.add", event.id, image.key)
            await work.commit()
        return evolve(shown, version=shown.version + 1)


def is_shown(event: Event, image_id: str) -> bool:
    return any(PurePosixPath(image.key).stem == image_id for image in event.images)


@frozen
class AddEventImage:
    """Show a picture that came in the request itself."""

    gallery: Gallery
    ids: Ids

    async def __call__(self, actor: Actor, event_id: str, data: bytes, alt: str) -> Event:
        image_id = self.ids.new("img")
        await self.gallery.check(actor, event_id, image_id)
        key = await self.gallery.keep(event_id, image_id, data)
        try:
            return await self.gallery.show(actor, event_id, EventImage(key, alt))
        except DomainError:
            # It is certain that no event shows it. After any other error one may: a commit can outlive its answer.
            await self.gallery.objects.delete(key)
            raise


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
