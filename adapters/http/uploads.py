"""Forms with files, read in memory: nothing of an identity document ever reaches a temporary file in clear."""

import asyncio
from collections.abc import Mapping
from typing import Final

from attrs import define, field, frozen
from litestar.exceptions import HTTPException
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from adapters.http.call import Call, header
from domain.errors import InvalidValue

PARTS_MAX: Final = 20
WORDS_BYTES_MAX: Final = 10_000
_FORM: Final = b"multipart/form-data"


@frozen
class Upload:
    """Fields and files by name. What was not sent, or is empty, is not there."""

    fields: Mapping[str, str] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)

    def words(self, name: str, most: int = 200) -> str:
        """What was typed; empty if it was not sent."""
        typed = self.fields.get(name, "").strip()
        if len(typed) > most:
            raise InvalidValue(f"{name} takes at most {most} characters")
        return typed


@define
class _Part:
    headers: dict[bytes, bytes] = field(factory=dict)
    content: bytearray = field(factory=bytearray)


@define
class _Parts:
    """What the parser calls back."""

    done: list[_Part] = field(factory=list)
    _name: bytearray = field(factory=bytearray)
    _value: bytearray = field(factory=bytearray)

    def begin(self) -> None:
        if len(self.done) >= PARTS_MAX:
            raise InvalidValue(f"a form has at most {PARTS_MAX} parts")
        self.done.append(_Part())

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self.done[-1].headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def content(self, data: bytes, start: int, end: int) -> None:
        self.done[-1].content += data[start:end]


async def upload_of(request: Call) -> Upload:
    """The form that was sent; HTTPException 415 if it is none, InvalidValue if it cannot be read."""
    kind, options = parse_options_header(header(request.scope, b"content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != _FORM or not boundary:
        raise HTTPException("send a form with files, as multipart/form-data", status_code=415)
    body = await request.body()
    try:
        # In a thread: looking through megabytes takes a while, and others wait.
        return await asyncio.to_thread(_read, body, boundary)
    except (FormParserError, UnicodeDecodeError):
        raise InvalidValue("this form cannot be read") from None


def _read(body: bytes, boundary: bytes) -> Upload:
    parts = _Parts()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": parts.begin,
            "on_header_field": parts.header_name,
            "on_header_value": parts.header_value,
            "on_header_end": parts.header_end,
            "on_part_data": parts.content,
        },
    )
    parser.write(body)
    parser.finalize()
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in parts.done:
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8")
        if name in fields or name in files:
            raise InvalidValue(f"the form has {name[:60]!r} twice")
        if b"filename" in options:
            # A file that nobody chose comes without content.
            if part.content:
                files[name] = bytes(part.content)
        elif len(part.content) > WORDS_BYTES_MAX:
            raise InvalidValue(f"{name[:60]!r} is too long")
        else:
            fields[name] = part.content.decode("utf-8")
    return Upload(fields, files)
