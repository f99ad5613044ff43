"""CSV that a spreadsheet shows and never runs (CWE-1236). RFC 4180: commas, quotes, CRLF, UTF-8."""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import StringIO
from typing import Final

BYTE_ORDER_MARK: Final = "\N{BYTE ORDER MARK}".encode()
"""In front of a file it tells spreadsheets that it is UTF-8; a pipe gets none."""

Cell = str | int | Decimal

_STARTS_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""The last four are the full-width forms of the first four, which some spreadsheets read alike."""
_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Spaces, controls and marks that nobody sees, and that a spreadsheet may drop before it looks for a formula."""


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV. Numbers stay numbers, negative ones too, for they are ours; texts are quoted and made harmless."""
    written = StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    # What is half a character cannot be written in UTF-8.
    return written.getvalue().encode("utf-8", "replace")


def harmless(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet could take it for a formula."""
    # No reader of CSV takes a NUL.
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if text[:1].isalnum():
        return text
    return f"'{text}" if text[:1] in _STARTS_FORMULA or _first_seen(text) in _STARTS_FORMULA else text


def _first_seen(text: str) -> str:
    return next((letter for letter in text if unicodedata.category(letter) not in _UNSEEN), "")
