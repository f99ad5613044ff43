"""The picture that people show of themselves."""

from typing import Any

from litestar import Controller, Response, delete, get, put
from litestar.params import FromPath

from adapters.http.api.accounts import ProfileView
from adapters.http.call import Call
from adapters.http.conditional import not_modified
from adapters.http.picture_body import AROUND_THE_FILE, FOREVER, PictureBody, picture_of
from adapters.http.policy import Policy
from adapters.http.routes import route
from application.limits import UPLOAD
from application.use_cases.profile_pictures import PROFILE_PICTURE_BYTES_MAX


class OwnPictureController(Controller):
    path = "/me/picture"
    tags = ("Accounts",)

    @put(
        "/",
        request_max_body_size=PROFILE_PICTURE_BYTES_MAX + AROUND_THE_FILE,
        operation_class=PictureBody,
        **route(
            Policy.SIGNED_IN,
            "Show a picture of yourself",
            *("picture_refused", "too_large", "unsupported_media_type", "stale_version"),
            takes_body=True,
            limit=UPLOAD,
        ),
    )
    async def set_own(self, request: Call) -> ProfileView:
        """JPEG or PNG, at most 2 MB, in the place of the one before. Anybody who has its address may see it."""
        data, _ = await picture_of(request, PROFILE_PICTURE_BYTES_MAX)
        account = await request.deeds.set_own_picture(request.actor, data)
        return ProfileView.of(account, request.deeds.clock.now())

    @delete("/", status_code=200, **route(Policy.SIGNED_IN, "Show no picture of yourself", "stale_version"))
    async def remove(self, request: Call) -> ProfileView:
        """It is gone for everybody, but for copies that caches keep."""
        account = await request.deeds.set_own_picture.remove(request.actor)
        return ProfileView.of(account, request.deeds.clock.now())


class ProfilePictureController(Controller):
    path = "/profiles/{account_id:str}/pictures"
    tags = ("Accounts",)

    @get("/{name:str}", media_type="image/*", **route(Policy.ANYONE, "Fetch somebody's picture", "not_found"))
    async def fetch(self, request: Call, account_id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """May be kept for good: another picture has another name."""
        picture = await request.deeds.profile_pictures.show(account_id, name)
        etag = f'"{name}"'
        known: Response[Any] | None = not_modified(request, etag, FOREVER)
        return known or Response(picture.data, media_type=picture.media_type, headers={**FOREVER, "ETag": etag})
