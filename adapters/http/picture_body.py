"""A picture in a request: as the body itself, or as a file in a form. And where one of a person is found."""

from typing import Final

from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from adapters.http.call import Call
from domain.account import Account
from domain.errors import InvalidValue

AROUND_THE_FILE: Final = 64_000
"""What a form adds to the file that it carries, at most."""
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A picture's name is made for it alone."""
_RAW_TYPES: Final = frozenset({"image/jpeg", "image/png", "application/octet-stream"})


class PictureBody(Operation):
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


def picture_path(account: Account) -> str | None:
    """Where anybody finds the picture that somebody shows; None if they show none."""
    name = account.picture.rpartition("/")[2]
    return f"/api/v1/profiles/{account.id}/pictures/{name}" if name else None


async def picture_of(request: Call, bytes_max: int, alt: str = "") -> tuple[bytes, str]:
    """The picture and what it shows, from a form or from a body that is the picture itself.

    HTTPException 415 for any other body, and 413 for more than so many bytes.
    """
    data, described = await _read(request, alt)
    if len(data) > bytes_max:
        raise HTTPException(f"a picture has at most {bytes_max // 1024**2} MB", status_code=413)
    return data, described


async def _read(request: Call, alt: str) -> tuple[bytes, str]:
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
