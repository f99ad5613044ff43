"""Pictures that a browser sends to the object store itself, past this server where it can."""

from datetime import datetime
from typing import Annotated, ClassVar, Final, Self

import msgspec
from litestar import Controller, Response, post, put
from litestar.params import FromPath, JSONBody

from adapters.http.api.event_views import EventView
from adapters.http.call import Call
from adapters.http.conditional import etag_of
from adapters.http.fields import OptionalText
from adapters.http.picture_body import PictureBody
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, View, moment
from application.limits import SEND_FILE, UPLOAD
from application.use_cases.event_images import IMAGE_BYTES_MAX
from application.use_cases.upload_image import AnnouncedImage, ImageUpload
from domain.api_key import Scope

MediaType = Annotated[str, msgspec.Meta(pattern="^image/(jpeg|png)$")]
Size = Annotated[int, msgspec.Meta(ge=1, le=IMAGE_BYTES_MAX)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class AnnouncedImageBody(Body, frozen=True):
    """What will be sent: `size` in bytes, and the SHA-256 of the file in hexadecimal digits."""

    EXAMPLE: ClassVar = {"media_type": "image/jpeg", "size": 482_113, "sha256": _DIGEST}

    media_type: MediaType
    size: Size
    sha256: Sha256


class ImageUploadView(View, frozen=True):
    """Send the file by PUT to `url` with these `headers`; then ask for it to be shown, by its `name`."""

    EXAMPLE: ClassVar = {
        "name": "img_01arz3ndektsv4rrffq69g5fav.jpg",
        "url": "https://tickets.example.com/api/v1/uploads/AbCd",
        "headers": {"content-type": "image/jpeg"},
        "expires_at": "2026-11-22T12:10:00Z",
    }

    name: str
    url: str
    headers: dict[str, str]
    expires_at: datetime | None

    @classmethod
    def of(cls, offered: ImageUpload) -> Self:
        return cls(offered.name, offered.link.url, dict(offered.link.headers), moment(offered.ends_at))


class AltBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"alt": "A sitar on a stage"}

    alt: OptionalText = ""


class ImageUploadController(Controller):
    path = "/events/{event_id:str}/image-uploads"
    tags = ("Events",)

    @post(
        "/",
        status_code=201,
        **route(
            Policy.TEAM,
            "Get a link to send a picture by",
            *("not_found", "invalid_value", "not_allowed_now"),
            limit=UPLOAD,
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def offer(
        self, request: Call, event_id: FromPath[str], data: JSONBody[AnnouncedImageBody]
    ) -> ImageUploadView:
        """It is good for ten minutes, for one file of that type, size and content, and shows nothing yet."""
        announced = AnnouncedImage(data.media_type, data.size, bytes.fromhex(data.sha256))
        return ImageUploadView.of(await request.deeds.offer_image_upload(request.actor, event_id, announced))

    @post(
        "/{name:str}",
        status_code=201,
        **route(
            Policy.TEAM,
            "Show a picture that was sent",
            *("not_found", "picture_refused", "not_allowed_now", "stale_version"),
            limit=UPLOAD,
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def use(
        self, request: Call, event_id: FromPath[str], name: FromPath[str], data: JSONBody[AltBody]
    ) -> Response[EventView]:
        """It is decided by its content, written anew and keeps no metadata. Again shows it once."""
        await request.deeds.use_image_upload(request.actor, event_id, name, data.alt)
        shown = await request.deeds.events.show(request.actor, event_id)
        return Response(EventView.of(shown), headers={"ETag": etag_of(shown)})


class UploadController(Controller):
    path = "/uploads"
    tags = ("Events",)

    @put(
        "/{sealed:str}",
        status_code=204,
        request_max_body_size=IMAGE_BYTES_MAX,
        operation_class=PictureBody,
        **route(
            Policy.ANYONE,
            "Send a file by its link",
            *("not_found", "invalid_value", "too_large", "cross_site"),
            takes_body=True,
            limit=SEND_FILE,
        ),
    )
    async def receive(self, request: Call, sealed: FromPath[str]) -> None:
        """Where links lead whose object store takes files only through us. The link is all that is asked for."""
        await request.deeds.receive_upload(sealed, await request.body())
