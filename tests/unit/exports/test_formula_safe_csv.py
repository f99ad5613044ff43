"""What others typed never runs in a spreadsheet, and what we counted stays a number."""

import csv
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.exports import formula_safe_csv
from adapters.exports.formula_safe_csv import csv_bytes, harmless

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1",
    "+SUM(1)",
    "-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u202e=1+1",
    "\tplain",
    "\rplain",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
]
PLAIN = ["", "Jazz Night", "a=b", "3-4", "it's", "'t Hof", 'O, "quoted"; x', "two\r\nlines", "日本", "~=1", "#REF"]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert read(csv_bytes([(text, "next")])) == [["'" + text, "next"]]


def test_a_text_with_a_nul_is_read_by_every_reader() -> None:
    assert read(csv_bytes([("\0=1+1", "a\0b")])) == [["\ufffd=1+1", "a\ufffdb"]]


@pytest.mark.parametrize("text", PLAIN)
def test_any_other_text_is_read_back_as_it_was(text: str) -> None:
    assert read(csv_bytes([(text, 1)])) == [[text, "1"]]


def test_without_the_guard_the_formula_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula_safe_csv, "_STARTS_FORMULA", frozenset())

    assert read(csv_bytes([("=1+1",)])) == [["=1+1"]]


def test_numbers_stay_numbers_also_below_zero() -> None:
    row = (Decimal("-25.00"), -2_500, Decimal(-1500), Decimal("0.000"), Decimal("1234567890123.456"), "-25.00")

    assert csv_bytes([row]) == b'-25.00,-2500,-1500,0.000,1234567890123.456,"\'-25.00"\r\n'


@given(some.lists(some.lists(some.text(), min_size=3, max_size=3), max_size=5))
def test_no_text_of_any_sort_breaks_its_cell_or_begins_as_a_formula(rows: list[list[str]]) -> None:
    back = read(csv_bytes(rows))

    assert [len(row) for row in back] == [3] * len(rows)
    cells = [(cell, text) for row, texts in zip(back, rows, strict=True) for cell, text in zip(row, texts, strict=True)]
    for cell, text in cells:
        assert cell[:1] not in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
        assert cell.removeprefix("'") in {text, text.removeprefix("'"), harmless(text).removeprefix("'")}


def test_half_a_character_does_not_stop_a_report() -> None:
    assert csv_bytes([("a\ud800b",)]) == b'"a?b"\r\n'
