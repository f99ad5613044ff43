"""Pictures of an event's page."""

from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from adapters.http.api.event_views import EventView
from adapters.http.call import Call
from adapters.http.conditional import etag_of, not_modified
from adapters.http.fields import SearchWords
from adapters.http.picture_body import AROUND_THE_FILE, FOREVER, PictureBody, picture_of
from adapters.http.policy import Policy
from adapters.http.routes import route
from application.limits import UPLOAD
from application.use_cases.event_images import IMAGE_BYTES_MAX
from domain.api_key import Scope


class EventImageController(Controller):
    path = "/events/{event_id:str}/images"
    tags = ("Events",)

    @post(
        "/",
        status_code=201,
        request_max_body_size=IMAGE_BYTES_MAX + AROUND_THE_FILE,
        operation_class=PictureBody,
        **route(
            Policy.TEAM,
            "Add a picture",
            *("not_found", "picture_refused", "too_large", "not_allowed_now", "unsupported_media_type"),
            takes_body=True,
            limit=UPLOAD,
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def add(self, request: Call, event_id: FromPath[str], alt: SearchWords = "") -> Response[EventView]:
        """JPEG or PNG, at most 5 MB, decided by its content. It is written anew and keeps no metadata."""
        data, described = await picture_of(request, IMAGE_BYTES_MAX, alt)
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
        known: Response[Any] | None = not_modified(request, etag, FOREVER)
        return known or Response(picture.data, media_type=picture.media_type, headers={**FOREVER, "ETag": etag})

    @delete(
        "/{name:str}",
        status_code=200,
        **route(Policy.TEAM, "Remove a picture", "not_found", "stale_version", scope=Scope.EVENTS_WRITE),
    )
    async def remove(self, request: Call, event_id: FromPath[str], name: FromPath[str]) -> EventView:
        """It is gone for everybody, but for copies that caches keep."""
        await request.deeds.remove_event_image(request.actor, event_id, f"public/events/{event_id}/{name}")
        return EventView.of(await request.deeds.events.show(request.actor, event_id))
