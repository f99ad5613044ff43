"""Short messages to people's telephones. They come beside a mail that says the same, and never instead of it."""

import re
from typing import Final, Protocol

from attrs import field, frozen

from domain.event import Event

_FILLING: Final = re.compile(r"[\s().\-/]")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def phone_number(typed: str) -> str | None:
    """The number as E.164 writes it, of what a person typed; None unless it names its country."""
    number = _FILLING.sub("", typed)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return number if _NUMBER.fullmatch(number) else None


@frozen
class Text:
    """One message to one telephone."""

    to: str = field(repr=False)
    """As `phone_number` gives it."""
    words: str


class TextFailed(Exception):
    """Nobody knows whether it goes out, or it does not. It carries neither number nor words."""


class Texter(Protocol):
    """Hands texts on to telephones."""

    async def send(self, text: Text) -> None:
        """Return once the text is taken; TextFailed otherwise. Sent again, it comes again."""


class TextWords(Protocol):
    """What texts say, in one short sentence each."""

    def called_off(self, event: Event) -> str: ...

    def moved(self, event: Event) -> str: ...
