"""Files that came by a link wait apart, until somebody asks for what they were sent for."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from application.errors import NotFound

WAITING: Final = "incoming/"
"""Nothing below it is ever shown to anybody."""
LINK_LIFE: Final = timedelta(minutes=10)
FORGOTTEN_AFTER: Final = timedelta(days=1)
"""How long a file waits. Far longer than its link lives: the step that takes it may be tried again."""
ENDINGS: Final[Mapping[str, str]] = {"image/jpeg": "jpg", "image/png": "png"}
_NAME: Final = re.compile(rf"img_[0-9a-z]{{26}}\.({'|'.join(ENDINGS.values())})")


def waiting_key(event_id: str, name: str) -> str:
    """Where the file of that name waits, for one event and no other; NotFound unless it is a name that we gave."""
    if _NAME.fullmatch(name) is None:
        raise NotFound("no such upload")
    return f"{WAITING}events/{event_id}/{name}"
