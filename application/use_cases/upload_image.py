"""Pictures that come past whoever serves requests: a link first, then the file, then the step that shows it."""

from datetime import datetime
from pathlib import PurePosixPath

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ids import Ids
from application.own_uploads import OwnUploads
from application.ports.clock import Clock
from application.ports.object_store import ObjectMissing, ObjectStore
from application.ports.upload_links import ExpectedFile, UploadLink, UploadLinks
from application.use_cases.event_images import IMAGE_BYTES_MAX, Gallery, is_shown
from application.waiting_files import ENDINGS, FORGOTTEN_AFTER, LINK_LIFE, WAITING, waiting_key
from domain.errors import InvalidValue
from domain.event import Event, EventImage

_SHA256_BYTES = 32


@frozen
class ImageUpload:
    """A link for one picture, under the name by which it is used afterwards."""

    name: str
    link: UploadLink
    ends_at: datetime


@frozen
class AnnouncedImage:
    """What somebody says of a picture before they send it."""

    media_type: str
    size: int
    """In bytes."""
    sha256: bytes


@frozen
class OfferImageUpload:
    """Make a link for a picture of an event. Nothing is stored by it."""

    gallery: Gallery
    clock: Clock
    ids: Ids
    links: UploadLinks

    async def __call__(self, actor: Actor, event_id: str, announced: AnnouncedImage) -> ImageUpload:
        """InvalidValue if it cannot be a picture that we take."""
        image_id = self.ids.new("img")
        await self.gallery.check(actor, event_id, image_id)
        if announced.media_type not in ENDINGS:
            raise InvalidValue(f"a picture is {' or '.join(ENDINGS)}")
        if not 0 < announced.size <= IMAGE_BYTES_MAX:
            raise InvalidValue("a picture has at most 5 MB")
        if len(announced.sha256) != _SHA256_BYTES:
            raise InvalidValue("a SHA-256 has 32 bytes")
        name = f"{image_id}.{ENDINGS[announced.media_type]}"
        expected = ExpectedFile(waiting_key(event_id, name), announced.size, announced.sha256)
        # Before the link is made: what we promise is never longer than what it keeps.
        ends_at = self.clock.now() + LINK_LIFE
        return ImageUpload(name, await self.links.upload_link(expected, LINK_LIFE), ends_at)


@frozen
class UseImageUpload:
    """Show a picture that came by a link, as if it had come in the request itself."""

    gallery: Gallery
    objects: ObjectStore

    async def __call__(self, actor: Actor, event_id: str, name: str, alt: str) -> Event:
        """The same again shows it once: an answer may have been lost."""
        key, image_id = waiting_key(event_id, name), PurePosixPath(name).stem
        event = await self.gallery.check(actor, event_id, image_id)
        if not is_shown(event, image_id):
            try:
                waiting = await self.objects.get(key)
            except ObjectMissing:
                raise NotFound("no such upload: nothing was sent, or it waited for too long") from None
            # If it is refused now, it is not taken back: the same asked at the same moment may have shown it.
            shown = await self.gallery.keep(event_id, image_id, waiting.data)
            event = await self.gallery.show(actor, event_id, EventImage(shown, alt))
        await self.objects.delete(key)
        return event


@frozen
class ForgetUploads:
    """A job: takes away what nobody asked for in time."""

    clock: Clock
    objects: ObjectStore

    async def __call__(self) -> int:
        stale = await self.objects.put_before(WAITING, self.clock.now() - FORGOTTEN_AFTER)
        for key in stale:
            await self.objects.delete(key)
        return len(stale)


@frozen
class ReceiveUpload:
    """Take a file that came by a link to ourselves. Whoever has the link may send it; it is all that they may."""

    own: OwnUploads | None
    """None where the object store takes files itself."""

    async def __call__(self, sealed: str, data: bytes) -> None:
        """See `OwnUploads.receive`."""
        if self.own is None:
            raise NotFound("no such upload: files go to the object store itself")
        await self.own.receive(sealed, data)
