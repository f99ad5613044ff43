"""One spelling for each JSON value, so that a hash of it means one thing: the part of RFC 8785 that we need."""

import json
from typing import Any, Final

INTEGER_MAX: Final = 2**53 - 1
"""Beyond it, readers in other languages lose digits."""


class NotCanonical(ValueError):
    """The value has no single spelling: a fraction, a number too large, a name that is not ASCII, half a character."""


def canonical(value: Any) -> bytes:
    """Names in order, nothing between the parts, UTF-8; NotCanonical if there is no single spelling."""
    _check(value)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    except UnicodeEncodeError:
        raise NotCanonical("half a character has no UTF-8") from None


def _check(value: Any) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > INTEGER_MAX:
                raise NotCanonical(f"{value} is larger than every reader keeps exactly")
        case list() | tuple():
            for item in value:
                _check(item)
        case dict():
            for name, item in value.items():
                # Among ASCII names, our order by code point and that of the RFC by UTF-16 are the same.
                if not isinstance(name, str) or not name.isascii():
                    raise NotCanonical("names are ASCII texts")
                _check(item)
        case _:
            raise NotCanonical(f"a {type(value).__name__} has no single spelling")
