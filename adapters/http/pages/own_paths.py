"""Where a person may be sent on to: to our own pages, whatever the address asks for."""

import re
from typing import Final
from urllib.parse import quote

NEXT_LENGTH_MAX: Final = 500
HOME: Final = "/"
_FIRST: Final = "events|bookings|me|organizer|join-team|admin|scan-ticket"
_OWN: Final = re.compile(rf"/(?:(?:{_FIRST})(?:/[A-Za-z0-9_-]+)*)?(?:\?[A-Za-z0-9_.=&%+-]*)?", re.ASCII)


def own_path(wanted: str) -> str:
    """The path if it is one of our pages', else the first page. What is not surely ours is not ours."""
    return wanted if len(wanted) <= NEXT_LENGTH_MAX and _OWN.fullmatch(wanted) else HOME


def sign_in_then(path: str) -> str:
    """The address of the sign-in page that leads on to one of ours."""
    return then("/sign-in", path)


def then(page: str, path: str) -> str:
    """The address of a page that leads on to one of ours."""
    own = own_path(path)
    return page if own == HOME else f"{page}?next={quote(own, safe='')}"
