"""Words that people typed, made fit for one line of a message."""

import unicodedata
from typing import Final

_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls, halves of surrogate pairs, and Unicode's own ends of lines and paragraphs."""
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows, even beyond the words themselves. Joiners stay: scripts need them."""


def one_line(text: str) -> str:
    """The same words on one line, which can end neither a header nor a paragraph, nor turn what follows them."""
    kept = (" " if unicodedata.category(c) in _BREAKING else c for c in text if c not in _TURNING)
    return " ".join("".join(kept).split())


def shortened(text: str, chars_max: int) -> str:
    """At most so many characters, the last one a sign that there were more."""
    return text if len(text) <= chars_max else text[: chars_max - 1].rstrip() + "…"
