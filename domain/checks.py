"""attrs validators that answer with InvalidValue, so that bad input and a bad stored row say what is wrong."""

from collections.abc import Callable
from typing import Any
from unicodedata import category

from domain.errors import InvalidValue

Check = Callable[[Any, Any, Any], None]


def text(most: int, *, least: int = 0, lines: bool = False) -> Check:
    """Words of a length, on one line or on `lines`, without what can be neither seen nor printed: control characters,
    marks that turn the direction of what follows, and halves of characters.
    """
    allowed = _LINES if lines else frozenset[str]()

    def check(_instance: object, attribute: Any, value: object) -> None:
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise InvalidValue(f"{attribute.name} takes {least} to {most} characters")
        if not value.isprintable() and any(_is_hidden(letter) and letter not in allowed for letter in value):
            raise InvalidValue(f"{attribute.name} takes no control characters" + ("" if lines else " and no line ends"))

    return check


def whole(least: int, most: int) -> Check:
    """A whole number of a range."""

    def check(_instance: object, attribute: Any, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise InvalidValue(f"{attribute.name} takes a whole number from {least} to {most}, not {value!r}")

    return check


def at_most(count: int) -> Check:
    """A collection of so many things at most."""

    def check(_instance: object, attribute: Any, value: Any) -> None:
        if len(value) > count:
            raise InvalidValue(f"{attribute.name}: at most {count}")

    return check


_LINES = frozenset("\n\r\t")
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029)))
_HIDDEN = frozenset({"Cc", "Cs"})
"""Unicode's categories of control characters and of surrogates."""


def _is_hidden(letter: str) -> bool:
    return letter in _TURNING or category(letter) in _HIDDEN
