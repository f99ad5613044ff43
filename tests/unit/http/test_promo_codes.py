"""Promotion codes and taxes over HTTP."""

import asyncio
from typing import Any

import pytest

from domain.event import Event
from tests.support.http_stage import Caller, Stage

EARLY = {"code": " early-20 ", "percent": 20, "uses_max": 2, "per_buyer_max": 1}
GST = {"name": "GST", "basis_points": 1_800}


def wish(event: Event, quantity: int = 1, **more: Any) -> dict[str, Any]:
    kind = event.ticket_types[0].id
    return {"event_id": event.id, "tickets": [{"ticket_type_id": kind, "quantity": quantity}], **more}


async def sale(stage: Stage, **plan: Any) -> tuple[Caller, Event]:
    organizer = await stage.organizer()
    return organizer, await stage.world.event(organizer.actor, **plan)


async def test_a_code_is_written_used_counted_and_ended(stage: Stage) -> None:
    organizer, event = await sale(stage)
    path = f"/events/{event.id}/promo-codes"

    made = await organizer.post(path, EARLY, key="mine")
    again = await organizer.post(path, EARLY, key="mine")
    held = await (await stage.caller()).post("/bookings", wish(event, 2, promo_code="Early-20"), key="new")
    await stage.world.buy((await stage.caller()).actor, event, promo_code="EARLY-20")

    assert (made.status_code, made.json()["code"], made.json()["status"]) == (201, "EARLY-20", "active")
    assert again.content == made.content
    assert held.json()["promo_code"] == "EARLY-20"
    assert held.json()["discount"]["amount"] == "10.00"
    assert held.json()["total"]["amount"] == "40.00"
    shown = (await organizer.get(f"{path}/early-20")).json()
    assert (shown["uses_held"], shown["uses_confirmed"]) == (1, 1)
    assert (await organizer.get(path)).json()["items"] == [shown]
    late = await (await stage.caller()).post("/bookings", wish(event, promo_code="EARLY-20"), key="new")
    assert (late.status_code, late.json()["code"]) == (409, "promo_code_used_up")

    ended = await organizer.post(f"{path}/EARLY-20/end")
    assert (ended.json()["status"], (await organizer.post(f"{path}/EARLY-20/end")).json()) == ("ended", ended.json())
    over = await (await stage.caller()).post("/bookings", wish(event, promo_code="EARLY-20"), key="new")
    assert (over.status_code, over.json()["code"]) == (409, "promo_code_over")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"percent": None}, "invalid_value"),
        ({"amount": "5.00"}, "invalid_value"),
        ({"percent": 0}, "invalid_request"),
        ({"percent": 101}, "invalid_request"),
        ({"percent": None, "amount": "5.001"}, "amount_not_exact"),
        ({"percent": None, "amount": "-5"}, "invalid_request"),
        ({"code": "\u0415ARLY"}, "invalid_value"),
        ({"code": "A B"}, "invalid_value"),
        ({"code": "X" * 33}, "invalid_value"),
        ({"uses_max": 0}, "invalid_request"),
        ({"uses": 0}, "invalid_request"),
        ({"currency": "USD"}, "invalid_request"),
        ({"valid_until": "2026-12-01T00:00:00"}, "invalid_request"),
        ({"ticket_type_ids": ["tty_other"]}, "unknown_ticket_type"),
    ],
)
async def test_a_code_that_makes_no_sense_is_not_written(stage: Stage, changed: dict[str, Any], code: str) -> None:
    organizer, event = await sale(stage)

    answer = await organizer.post(f"/events/{event.id}/promo-codes", {**EARLY, **changed}, key="new")

    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert (await organizer.get(f"/events/{event.id}/promo-codes")).json()["items"] == []


async def test_a_code_is_written_once(stage: Stage) -> None:
    organizer, event = await sale(stage)
    path = f"/events/{event.id}/promo-codes"

    answers = await asyncio.gather(*(organizer.post(path, EARLY, key="new") for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json()["code"] for answer in answers} == {"EARLY-20", "already_exists"}
    assert (await organizer.post(path, EARLY)).json()["code"] == "idempotency_key_required"


async def test_guesses_learn_nothing_of_the_codes_of_other_events(stage: Stage) -> None:
    buyer, (_, event), (_, other) = await stage.caller(), await sale(stage), await sale(stage)
    await stage.world.promo_code(other, "THEIRS")
    stage.world.lift_limits()

    answers = [
        await buyer.post(path, wish(event, promo_code=typed), key="new")
        for path in ("/bookings", "/bookings/quote")
        for typed in ("THEIRS", "NOBODYS", "\uff34HEIRS", "\u0422HEIRS", "no code", "..", "%00", "'--", "\u202eSRIEHT")
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "promo_code_unknown")}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("typed", ["", 5, None, ["EARLY-20"], "x" * 201, "EAR\x00LY", "EARLY\n"])
async def test_what_is_no_line_of_text_is_no_code(stage: Stage, typed: Any) -> None:
    buyer, (_, event) = await stage.caller(), await sale(stage)

    answer = await buyer.post("/bookings/quote", wish(event, promo_code=typed))

    assert answer.status_code == (200 if typed is None else 400), answer.text


async def test_a_quote_shows_lines_discount_and_tax_and_takes_nothing(stage: Stage) -> None:
    buyer, (_, event) = await stage.caller(), await sale(stage, price="118.00")
    await stage.world.promo_code(event, percent=50)
    await stage.world.deeds.edit_event(stage.world.operator, event.id, tax_of(1_800))

    quoted = (await buyer.post("/bookings/quote", wish(event, 2, promo_code="early-20"))).json()

    [line] = quoted["lines"]
    assert (line["unit_price"]["amount"], line["discount"]["amount"], line["total"]["amount"]) == (
        "118.00",
        "118.00",
        "118.00",
    )
    assert (line["tax"], line["tax_included"]["amount"]) == (GST, "18.00")
    assert (quoted["total"]["amount"], quoted["tax_included"]["amount"], quoted["promo_code"]) == (
        "118.00",
        "18.00",
        "EARLY-20",
    )
    assert (await buyer.get("/bookings")).json()["items"] == []
    assert (await stage.stranger.get(f"/events/{event.id}")).json()["tickets_available"] == 10
    assert (await stage.stranger.post("/bookings/quote", wish(event))).status_code == 401


def tax_of(basis_points: int) -> Any:
    from application.use_cases.edit_event import EventEdit
    from domain.tax import TaxRate

    return EventEdit(tax=TaxRate("GST", basis_points))


@pytest.mark.parametrize("field", ["price", "total", "discount", "tax", "tax_included", "lines", "name"])
async def test_a_quote_takes_no_prices(stage: Stage, field: str) -> None:
    buyer, (_, event) = await stage.caller(), await sale(stage)

    answer = await buyer.post("/bookings/quote", wish(event) | {field: "0.01"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_an_organizer_states_the_tax_and_buyers_see_it(stage: Stage) -> None:
    organizer = await stage.organizer()
    kinds = [
        {"name": "Seat", "price": "100.00", "capacity": 5},
        {"name": "Book", "price": "100.00", "capacity": 5, "tax": {"name": "GST", "basis_points": 500}},
    ]
    body = {
        "title": "Reading",
        "venue": {"name": "Library"},
        "starts_at": "2026-12-04T19:00:00+05:30",
        "ends_at": "2026-12-04T22:00:00+05:30",
        "zone": "Asia/Kolkata",
        "currency": "INR",
        "ticket_types": kinds,
        "tax": GST,
    }

    event = (await organizer.post("/events", body)).json()

    assert event["tax"] == GST
    assert [kind["tax"]["basis_points"] for kind in event["ticket_types"]] == [1_800, 500]
    edited = await organizer.patch(f"/events/{event['id']}", {"tax": {"name": "VAT", "basis_points": 0}})
    assert [kind["tax"]["name"] for kind in edited.json()["ticket_types"]] == ["VAT", "GST"]
    for wrong in ({"name": "", "basis_points": 1}, {"name": "GST", "basis_points": 10_001}, {"name": "GST"}):
        assert (await organizer.patch(f"/events/{event['id']}", {"tax": wrong})).status_code == 400


async def test_a_zero_and_a_three_decimal_currency_are_counted_in_their_own_units(stage: Stage) -> None:
    buyer = await stage.caller()
    for currency, price, off, total in (("JPY", "999", "100", "899"), ("KWD", "12.345", "1.235", "11.110")):
        _, event = await sale(stage, price=price, currency=currency)
        await stage.world.promo_code(event, percent=10)

        quoted = (await buyer.post("/bookings/quote", wish(event, promo_code="EARLY-20"))).json()

        assert (quoted["discount"]["amount"], quoted["total"]["amount"]) == (off, total)
