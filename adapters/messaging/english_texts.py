from typing import Final

from attrs import frozen

from adapters.messaging.local_time import local_time
from adapters.messaging.plain_words import one_line, shortened
from domain.event import Event

TITLE_CHARS_MAX: Final = 60
"""So that a text is charged as two at most."""


@frozen
class EnglishTexts:
    """TextWords in English, without links: a text that asks to tap is what frauds send."""

    def called_off(self, event: Event) -> str:
        """See TextWords."""
        return f"{_title(event)} on {_start(event)} is called off. Your mail says what happens with your money."

    def moved(self, event: Event) -> str:
        """See TextWords."""
        return f"{_title(event)} has changed: it is on {_start(event)}. Your mail says where. Tickets stay valid."


def _title(event: Event) -> str:
    return shortened(one_line(event.title), TITLE_CHARS_MAX)


def _start(event: Event) -> str:
    return local_time(event.schedule.starts_at, event.schedule.zone)
