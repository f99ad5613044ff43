"""The links below a list that goes on over several pages: templates/pages.html shows them."""

from collections.abc import Mapping
from urllib.parse import urlencode


def turning(path: str, asked: Mapping[str, str], cursor: str, next_cursor: str | None) -> dict[str, str]:
    """Where they lead, with what was asked for kept; empty for a link that this page has not."""
    return {
        "first_page": _address(path, asked) if cursor else "",
        "next_page": _address(path, {**asked, "cursor": next_cursor}) if next_cursor else "",
    }


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
