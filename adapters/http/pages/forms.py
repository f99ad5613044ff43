"""What browsers send: forms and queries as words, and only from our own pages."""

from collections.abc import Mapping
from typing import Any, Final
from unicodedata import category
from urllib.parse import parse_qsl

from attrs import define, field, frozen
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Send

from adapters.http.authentication import check_same_site
from adapters.http.call import Call
from domain.errors import InvalidValue

FIELDS_MAX: Final = 100
FORM_BYTES_MAX: Final = 64_000
_FORM: Final = "application/x-www-form-urlencoded"
_READING: Final = frozenset({"GET", "HEAD"})
_HIDDEN: Final = frozenset({"Cc", "Cs"})


@define(eq=False)
class OwnForms:
    """In front of every page: what changes something must come from a page of ours, with a session or without.

    Without one too, or another site could sign its visitors in under an account of its own.
    """

    _app: ASGIApp

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["method"] not in _READING:
            connection = ASGIConnection[Any, Any, Any, Any](scope, receive, send)
            check_same_site(connection, connection.app.state.base_url)
        await self._app(scope, receive, send)


@frozen
class Form:
    """Fields by name. What was not sent is empty."""

    fields: Mapping[str, str] = field(repr=False)

    def words(self, name: str, most: int = 200) -> str:
        """What somebody typed into one line; InvalidValue for what no such line holds."""
        typed = " ".join(self.fields.get(name, "").split())
        if len(typed) > most:
            raise InvalidValue(f"{name} takes at most {most} characters")
        if not typed.isprintable() and any(category(letter) in _HIDDEN for letter in typed):
            raise InvalidValue(f"{name} takes no control characters")
        return typed

    def raw(self, name: str) -> str:
        """Letter by letter: a password, or what a link carries."""
        return self.fields.get(name, "")[:2_000]


async def form_of(request: Call) -> Form:
    """The form that was sent; HTTPException if it is none."""
    if request.content_type[0] != _FORM:
        raise HTTPException("send a form", status_code=415)
    return Form(_fields((await request.body()).decode("ascii", "replace")))


def query_of(request: Call) -> Form:
    """What stands behind the question mark."""
    query: bytes = request.scope["query_string"]
    return Form(_fields(query.decode("ascii", "replace")) if query else {})


def _fields(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
    except ValueError:
        raise InvalidValue("this form cannot be read") from None
