"""Pages that look the same to every stranger, written once and kept until what they show changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import sha256
from typing import Final

from attrs import Factory, define, frozen

PAGES_MAX: Final = 300


@frozen
class KeptPage:
    state: Hashable
    """All that the page depends on."""
    body: bytes
    etag: bytes


@define(eq=False)
class KeptPages:
    """By name; the least recently asked for goes first. A page of another state is written anew: none is ever old."""

    most: int = PAGES_MAX
    _pages: "OrderedDict[str, KeptPage]" = Factory(OrderedDict)

    def get(self, name: str, state: Hashable, write: Callable[[], bytes]) -> KeptPage:
        found = self._pages.get(name)
        if found is not None and found.state == state:
            self._pages.move_to_end(name)
            return found
        body = write()
        made = KeptPage(state, body, f'"{sha256(body).hexdigest()[:24]}"'.encode())
        self._pages[name] = made
        self._pages.move_to_end(name)
        if len(self._pages) > self.most:
            self._pages.popitem(last=False)
        return made
