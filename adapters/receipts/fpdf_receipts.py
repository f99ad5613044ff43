"""Receipts as PDF, set by fpdf2 in Noto Sans."""

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from attrs import define, field

from adapters.messaging.plain_words import one_line
from adapters.receipts.wording import HEADINGS, facts, lines, money_moved, sums
from application.ports.receipts import Receipt

if TYPE_CHECKING:
    from fpdf import FPDF

MISSING: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for a letter that the font does not have: seen, and not left out."""
_FONT: Final = "Noto Sans"
_FILE: Final = "NotoSans[wdth,wght].ttf"
_DEVANAGARI: Final = frozenset(map(chr, range(0x0900, 0x0980)))
_NAME_MM: Final = 38
_COLUMNS: Final = (40, 16, 12, 14, 18)
"""Widths of the table, in parts of a hundred."""
_ALIGN: Final = ("LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT")

# ruff: noqa: PLC0415 - fpdf takes most of a second to import, which only the first receipt should cost


@define(eq=False)
class FpdfReceipts:
    """Draws in one thread of its own."""

    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="receipts")

    async def pdf(self, receipt: Receipt) -> bytes:
        """See ReceiptDrawer."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, drawn, receipt)


def drawn(receipt: Receipt) -> bytes:
    """The file of a receipt."""
    paper = _paper(receipt)
    paper.set_font(_FONT, size=20)
    paper.cell(0, 12, "Receipt", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)
    paper.set_font(_FONT, size=10)
    _pairs(paper, facts(receipt))
    paper.ln(4)
    _table(paper, receipt)
    paper.ln(2)
    _pairs(paper, sums(receipt), name_mm=120, align="R")
    paper.ln(4)
    _pairs(paper, money_moved(receipt))
    return bytes(paper.output())


def _paper(receipt: Receipt) -> "FPDF":
    from fpdf import FPDF

    # Its steps are of no interest to who runs us.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    paper = FPDF(format="A4")
    # By default "{nb}" would turn into the number of pages, in a person's name too.
    paper.alias_nb_pages("")
    paper.set_creation_date(receipt.booking.confirmed_at)
    paper.set_title(f"Receipt {receipt.booking.id}")
    paper.set_lang("en")
    paper.add_font(_FONT, fname=_font_file())
    paper.add_page()
    paper.set_font(_FONT, size=10)
    # Only where letters join: text that was shaped is seen well, but not always copied or searched letter by letter.
    paper.set_text_shaping(use_shaping_engine=_has_joined_letters(receipt))
    return paper


def _has_joined_letters(receipt: Receipt) -> bool:
    said = [*facts(receipt), *lines(receipt), *sums(receipt), *money_moved(receipt)]
    return any(letter in _DEVANAGARI for row in said for cell in row for letter in cell)


def _pairs(paper: "FPDF", pairs: Iterable[tuple[str, str]], *, name_mm: float = _NAME_MM, align: str = "L") -> None:
    for name, value in pairs:
        paper.multi_cell(name_mm, 6, drawable(name), align=align, new_x="RIGHT", new_y="TOP")
        paper.multi_cell(0, 6, drawable(value), align=align, new_x="LMARGIN", new_y="NEXT")


def _table(paper: "FPDF", receipt: Receipt) -> None:
    from fpdf.fonts import FontFace

    currency = receipt.booking.price.currency
    with paper.table(
        col_widths=_COLUMNS, text_align=_ALIGN, line_height=6, padding=1, headings_style=FontFace(emphasis=None)
    ) as table:
        table.row([f"{name} ({currency})" if name == HEADINGS[-1] else name for name in HEADINGS])
        for line in lines(receipt):
            table.row([drawable(cell) for cell in line])


def drawable(text: str) -> str:
    """The words on one line, with a sign for each letter that the font does not have."""
    known = _letters()
    return "".join(letter if ord(letter) in known else MISSING for letter in one_line(normalize("NFC", text)))


def _font_file() -> Path:
    return Path(str(files("fontpkg_noto_sans").joinpath("files", _FILE)))


@cache
def _letters() -> frozenset[int]:
    """What the font can draw."""
    from fontTools.ttLib import TTFont

    with TTFont(_font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())
