"""The web addresses that the sandbox is given: it redirects to them and calls them, so it reads them strictly."""

import re
from typing import Final
from urllib.parse import urlsplit

URL_LENGTH_MAX: Final = 2048
# The characters of RFC 3986: no spaces, quotes or controls that a header could trip over.
_WRITTEN: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")


def is_web_url(text: str) -> bool:
    """An absolute http or https address, with a plain host and no user in it."""
    if len(text) > URL_LENGTH_MAX or not _WRITTEN.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # Reading it is how urlsplit checks its range.
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and _AUTHORITY.fullmatch(parts.netloc) is not None


def origin(url: str) -> str:
    """Scheme, host and port of a web URL."""
    assert is_web_url(url), "only a checked address may reach a header"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
