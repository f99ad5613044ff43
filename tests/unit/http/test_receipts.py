"""Receipts over HTTP and on the booking's page."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from application.use_cases.cancel_booking import CancelBookingCommand
from tests.support.command_line import CommandLine
from tests.support.http_stage import Stage
from tests.support.page_stage import PageStage


def text(pdf: bytes) -> str:
    return " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())


async def test_a_buyer_fetches_the_receipt_of_what_was_paid(stage: Stage) -> None:
    buyer, other = await stage.caller(), await stage.caller()
    event = await stage.world.event(price="25.00")
    booking = await stage.world.buy(buyer.actor, event, 2)

    answer = await buyer.get(f"/bookings/{booking.id}/receipt")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="receipt-{booking.id}.pdf"'
    assert "Total 50.00 EUR" in text(answer.content)
    assert f"Number {booking.id}" in text(answer.content)
    again = await buyer.get(f"/bookings/{booking.id}/receipt", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await other.get(f"/bookings/{booking.id}/receipt")).status_code == 404
    assert (await stage.stranger.get(f"/bookings/{booking.id}/receipt")).status_code == 401


async def test_a_refund_changes_the_receipt_and_not_its_number(stage: Stage) -> None:
    organizer, buyer = await stage.organizer(), await stage.caller()
    event = await stage.world.event(organizer.actor)
    booking = await stage.world.buy(buyer.actor, event)
    before = await buyer.get(f"/bookings/{booking.id}/receipt")
    await stage.world.deeds.cancel_booking(organizer.actor, CancelBookingCommand(booking.id, "sorry"))
    await stage.world.settle()

    after = await organizer.get(f"/bookings/{booking.id}/receipt", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert "Refunded so far 25.00 EUR Net 0.00 EUR" in text(after.content)
    assert f"Number {booking.id}" in text(after.content)


async def test_there_is_no_receipt_of_what_was_never_sold(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()

    answer = await buyer.get(f"/bookings/{held['id']}/receipt")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_receipt")


async def test_what_a_code_made_free_has_a_receipt_too(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    await stage.world.promo_code(event, "GUEST", percent=100)
    booking = await stage.world.buy(buyer.actor, event, promo_code="GUEST")

    said = text((await buyer.get(f"/bookings/{booking.id}/receipt")).content)

    assert "Promotion code GUEST -25.00 EUR Total 0.00 EUR" in said
    assert "Paid nothing: it is free" in said


async def test_the_page_and_the_mail_lead_to_it(tmp_path: Path) -> None:
    pages = PageStage.of(tmp_path)
    event, buyer = await pages.world.event(), await pages.world.person(email="asha@example.com")
    booking = await pages.world.buy(buyer, event)
    browser = await pages.signed_in(buyer)

    page = await browser.open(f"/bookings/{booking.id}")
    found = await browser.open(f"/bookings/{booking.id}/receipt.pdf")

    assert f'href="/bookings/{booking.id}/receipt.pdf"' in page.text
    assert "Total 25.00 EUR" in text(found.content)
    assert f"/bookings/{booking.id}/receipt.pdf" in pages.world.mailbox.to("asha@example.com")[-1].text
    held = await pages.world.hold(buyer, event)
    assert "receipt.pdf" not in (await browser.open(f"/bookings/{held.id}")).text
    await pages.close()


def test_the_command_line_writes_it_to_a_new_file(line: CommandLine, tmp_path: Path) -> None:
    event = line.do(line.world.event())
    booking = line.do(line.world.buy(line.do(line.world.person()), event))
    file = tmp_path / "receipts" / "one.pdf"

    document = line.json("bookings", "receipt", booking.id, "--output", str(file))

    assert (document["total"]["amount"], document["net"]["amount"]) == ("25.00", "25.00")
    assert "Total 25.00 EUR" in text(file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o600
    assert line.type("bookings", "receipt", booking.id, "--output", str(file)).exit_code == 4


@pytest.mark.parametrize("booking_id", ["bkg_nowhere"])
def test_the_command_line_knows_what_does_not_exist(line: CommandLine, tmp_path: Path, booking_id: str) -> None:
    assert line.type("bookings", "receipt", booking_id, "--output", str(tmp_path / "x.pdf")).exit_code == 3
    assert not (tmp_path / "x.pdf").exists()
