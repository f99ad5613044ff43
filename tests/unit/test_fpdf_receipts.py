"""Receipts, read back by another program than the one that drew them."""

from io import BytesIO
from typing import Any

import pytest
from attrs import evolve
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from adapters.receipts import fpdf_receipts
from adapters.receipts.fpdf_receipts import MISSING, FpdfReceipts, drawable, drawn
from application.ports.receipts import Receipt
from domain.booking import Booking, BookingStatus, Buyer
from domain.event import Venue
from domain.ids import AccountId, BookingId
from domain.money import Money
from domain.pricing import Wanted, quote
from domain.refund import RefundStatus
from domain.tax import TaxRate
from tests import build

HOSTILE = (
    "{nb}",
    "**bold** __under__ --strike--",
    "<b>x</b> [a](http://evil.example)",
    "(((\\)))",
    "%PDF-1.7 endobj",
    "W" * 200,
    "a\u0301\u0302\u0303" * 40,
    "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "\u6f22\u5b57 \U0001f3b7\U0001f468\u200d\U0001f469",
    "' \" ; \\n \\x00",
)


def receipt(name: str = "Ada Buyer", currency: str = "EUR", price: int = 11_900, **more: Any) -> Receipt:
    """Two tickets at half price, paid."""
    kind = build.ticket_type(price=Money(price, currency), name=more.pop("kind", "Stalls"))
    event = build.event(ticket_types=(kind,), currency=currency, tax=TaxRate("VAT", 1_900), **more)
    promo = build.promo_code(event_id=event.id, code="HALF", percent=50)
    quoted = quote(event, [Wanted(kind.id, 2)], AccountId("acc_1"), build.NOW, promo)
    buyer = Buyer(AccountId("acc_1"), name, "ada@example.org")
    held = Booking.hold(BookingId("bkg_01arz3ndektsv4rrffq69g5fav"), event, quoted, buyer, build.NOW)
    booking = held.confirm(build.later(minutes=5), build.new_id("pay"))
    paid = build.payment(id=booking.payment_id, booking_id=booking.id, amount=booking.price)
    payment = paid.captured(booking.price, build.later(minutes=5), "sbx_42")
    return Receipt("Ravi Kulkarni", event, booking, payment)


def words(pdf: bytes) -> str:
    """What is read on all pages, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf), strict=True).pages).split())


def test_it_says_who_sold_what_to_whom_for_how_much() -> None:
    said = words(drawn(receipt()))

    for part in (
        "Number bkg_01arz3ndektsv4rrffq69g5fav",
        "Date Sunday 22 November 2026, 13:05 (Europe/Berlin, UTC+01:00)",
        "Seller Ravi Kulkarni",
        "Buyer Ada Buyer <ada@example.org>",
        "When Tuesday 22 December 2026, 13:00 to 16:00 (Europe/Berlin, UTC+01:00)",
        "Where Town Hall, 1 Main Street, Springfield",
        "Stalls 119.00 2 119.00 119.00",
        "Promotion code HALF -119.00 EUR",
        "Total 119.00 EUR",
        "VAT 19 % included 19.00 EUR",
        "Paid 119.00 EUR on Sunday 22 November 2026, 13:05",
        "by sandbox, reference sbx_42",
    ):
        assert part in said
    assert "Refunded" not in said


def test_refunds_are_told_one_by_one_and_what_is_left() -> None:
    made = receipt()
    refunds = [build.refund(amount=build.money(amount), status=RefundStatus.SUCCEEDED) for amount in (1_900, 5_000)]
    booking = evolve(made.booking, status=BookingStatus.CANCELLED, ended_reason="The hall is flooded")

    said = words(drawn(evolve(made, booking=booking, refunds=refunds)))

    assert "Cancelled The hall is flooded" in said
    assert "Refunded 19.00 EUR, asked for on Sunday 22 November 2026" in said
    assert "Refunded 50.00 EUR" in said
    assert "Refunded so far 69.00 EUR Net 50.00 EUR" in said


def test_what_a_bank_took_back_is_not_kept_by_the_seller() -> None:
    made = receipt()
    assert made.payment is not None

    said = words(drawn(evolve(made, payment=evolve(made.payment, charged_back=build.money(11_900)))))

    assert "Taken back 119.00 EUR, by the bank of the buyer Net 0.00 EUR" in said


@pytest.mark.parametrize(
    ("currency", "price", "line", "tax"),
    [
        ("JPY", 999, "Stalls 999 2 999 999", "VAT 19 % included 160 JPY"),
        ("KWD", 12_345, "Stalls 12.345 2 12.345 12.345", "VAT 19 % included 1.971 KWD"),
        ("INR", 49_900, "Stalls 499.00 2 499.00 499.00", "VAT 19 % included 79.67 INR"),
    ],
)
def test_amounts_have_the_places_of_their_currency(currency: str, price: int, line: str, tax: str) -> None:
    said = words(drawn(receipt(currency=currency, price=price)))

    assert line in said
    assert tax in said


def test_what_was_free_is_told_to_be() -> None:
    sold = receipt()
    free = evolve(sold.booking, lines=(), price=Money(0, "EUR"), promo_code="")

    assert "Paid nothing: it is free" in words(drawn(evolve(sold, booking=free, payment=None)))


@pytest.mark.parametrize(
    "name",
    ["Zoë Kovačević", "Nguyễn Thị Ánh", "Łukasz Żółć", "Жанна Ёлкина", "Ελένη", "\u0906\u0936\u093e"],
)
def test_names_are_shown_in_their_own_letters(name: str) -> None:
    assert f"Buyer {name} <" in words(drawn(receipt(name)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_just_a_name_wherever_it_stands(name: str) -> None:
    made = evolve(receipt(name, kind=name, title=name, venue=Venue(name, name, name)), seller=name)

    said = words(drawn(made))

    # Long words are broken over lines: what each of them begins with is read as it was written, and nothing is lost.
    assert said.replace(" ", "").count(drawable(name)[:4].replace(" ", "")) >= 4
    assert said.endswith("reference sbx_42")


def test_letters_are_shaped_where_they_join_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the shaping switched off the one file is another, and the other one the same."""
    joined, plain = receipt("\u0930\u0935\u093f"), receipt("Ravi")
    before = drawn(joined), drawn(plain)

    monkeypatch.setattr(fpdf_receipts, "_has_joined_letters", lambda _receipt: False)

    assert drawn(joined) != before[0]
    assert drawn(plain) == before[1]


def test_a_letter_that_the_font_does_not_have_leaves_a_sign() -> None:
    assert drawable("Li \u6f22\u5b57") == f"Li {MISSING}{MISSING}"
    assert f"Buyer Li {MISSING}{MISSING} <" in words(drawn(receipt("Li \u6f22\u5b57")))


def test_without_the_sign_such_a_letter_would_vanish(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The control."""
    monkeypatch.setattr(fpdf_receipts, "drawable", lambda text: text)

    said = words(drawn(receipt("Li \u6f22\u5b57")))

    assert MISSING not in said
    assert "\u6f22" not in said
    assert "missing the following glyphs" in caplog.text


def test_without_a_word_against_it_a_name_would_turn_into_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of `{nb}`, which fpdf takes for the number of pages."""
    alias_nb_pages = FPDF.alias_nb_pages
    monkeypatch.setattr(FPDF, "alias_nb_pages", lambda paper, _alias="": alias_nb_pages(paper))

    assert "{nb}" not in words(drawn(receipt("{nb}")))


@given(st.text(max_size=40))
@settings(max_examples=15, deadline=None)
def test_no_name_stops_it(name: str) -> None:
    assert words(drawn(receipt(name)))


async def test_the_same_receipt_is_the_same_bytes() -> None:
    made, drawer = receipt("Zoë \u0906\u0936\u093e"), FpdfReceipts()

    assert await drawer.pdf(made) == await drawer.pdf(made)
    assert made.fingerprint == evolve(made).fingerprint != evolve(made, seller="Other").fingerprint
    refund = build.refund(amount=build.money(1_900), status=RefundStatus.SUCCEEDED)
    assert evolve(made, refunds=(refund,)).fingerprint != made.fingerprint


def test_many_lines_go_on_to_another_page() -> None:
    made = receipt()
    line = made.booking.lines[0]
    lines = tuple(evolve(line, name=f"Kind {number} " + "long " * 30) for number in range(20))

    pdf = drawn(evolve(made, booking=evolve(made.booking, lines=lines)))

    assert len(PdfReader(BytesIO(pdf)).pages) > 1
    assert all(f"Kind {number} long" in words(pdf) for number in range(20))
