"""The links below a list that goes on over several pages: templates/pages.html shows them."""

from collections.abc import Mapping
from urllib.parse import urlencode

from attrs import frozen


@frozen
class Turning:
    """Where they lead, with what was asked for kept; empty for a link that this page has not."""

    first: str
    next: str

    @classmethod
    def of(cls, path: str, asked: Mapping[str, str], cursor: str, next_cursor: str | None) -> "Turning":
        return cls(
            _address(path, asked) if cursor else "",
            _address(path, {**asked, "cursor": next_cursor}) if next_cursor else "",
        )


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
