"""Pictures of an event's page."""

from typing import Any, Final

from litestar import Controller, Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath

from adapters.http.api.event_views import EventView
from adapters.http.call import Call
from adapters.http.conditional import etag_of, not_modified
from adapters.http.fields import SearchWords
from adapters.http.policy import Policy
from adapters.http.routes import route
from application.use_cases.event_images import IMAGE_BYTES_MAX
from domain.api_key import Scope
from domain.errors import InvalidValue

_AROUND_THE_FILE: Final = 64_000
"""What a form adds to the file that it carries."""
_RAW_TYPES: Final = frozenset({"image/jpeg", "image/png", "application/octet-stream"})
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A picture's name is made for it alone."""


class ImageUpload(Operation):
    """Describes the two forms of the body, which Litestar cannot see: the handler reads it itself."""

    def __post_init__(self) -> None:
        picture = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=["image"],
            properties={"image": picture, "alt": Schema(type=OpenAPIType.STRING)},
            examples=[{"image": "(the file)", "alt": "A sitar on a stage"}],
        )
        self.request_body = RequestBody(
            required=True,
            content={
                "multipart/form-data": OpenAPIMediaType(schema=form),
                "image/jpeg": OpenAPIMediaType(schema=picture),
                "image/png": OpenAPIMediaType(schema=picture),
            },
        )


async def _upload(request: Call, alt: str) -> tuple[bytes, str]:
    """The picture and what it shows, from a form or from a body that is the picture itself."""
    kind = request.content_type[0]
    if kind in _RAW_TYPES:
        return await request.body(), alt
    if kind != "multipart/form-data":
        raise HTTPException("send a JPEG or PNG, or a form with one", status_code=415)
    form = await request.form()
    picture = form.get("image")
    if not isinstance(picture, UploadFile):
        raise InvalidValue("the form needs a file called image")
    described = form.get("alt", alt)
    return await picture.read(), described if isinstance(described, str) else alt


class EventImageController(Controller):
    path = "/events/{event_id:str}/images"
    tags = ("Events",)

    @post(
        "/",
        status_code=201,
        request_max_body_size=IMAGE_BYTES_MAX + _AROUND_THE_FILE,
        operation_class=ImageUpload,
        **route(
            Policy.TEAM,
            "Add a picture",
            *("not_found", "picture_refused", "too_large", "not_allowed_now", "unsupported_media_type"),
            takes_body=True,
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def add(self, request: Call, event_id: FromPath[str], alt: SearchWords = "") -> Response[EventView]:
        """JPEG or PNG, at most 5 MB, decided by its content. It is written anew and keeps no metadata."""
        data, described = await _upload(request, alt)
        if len(data) > IMAGE_BYTES_MAX:
            raise HTTPException("a picture has at most 5 MB", status_code=413)
        await request.deeds.add_event_image(request.actor, event_id, data, described)
        shown = await request.deeds.events.show(request.actor, event_id)
        return Response(EventView.of(shown), headers={"ETag": etag_of(shown)})

    @get(
        "/{name:str}",
        media_type="image/*",
        **route(Policy.ANYONE, "Fetch a picture", "not_found", scope=Scope.EVENTS_READ),
    )
    async def fetch(self, request: Call, event_id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """May be kept for good: another picture has another name."""
        picture = await request.deeds.events.image(event_id, name)
        etag = f'"{name}"'
        known: Response[Any] | None = not_modified(request, etag, _FOREVER)
        return known or Response(picture.data, media_type=picture.media_type, headers={**_FOREVER, "ETag": etag})

    @delete(
        "/{name:str}",
        status_code=200,
        **route(Policy.TEAM, "Remove a picture", "not_found", "stale_version", scope=Scope.EVENTS_WRITE),
    )
    async def remove(self, request: Call, event_id: FromPath[str], name: FromPath[str]) -> EventView:
        """It is gone for everybody, but for copies that caches keep."""
        await request.deeds.remove_event_image(request.actor, event_id, f"public/events/{event_id}/{name}")
        return EventView.of(await request.deeds.events.show(request.actor, event_id))
