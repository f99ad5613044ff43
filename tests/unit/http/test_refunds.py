"""Refunds over HTTP: quoted, asked for once, agreed to by a second person."""

from typing import Any

import pytest
from attrs import evolve

from domain.account import Role
from domain.money import Money
from domain.refund_policy import FourEyes
from tests.support.http_stage import Caller, Stage

POLICY = {"until_hours": 24, "percent": 90, "fee": "1.00"}


async def sold(stage: Stage, **plan: Any) -> tuple[Caller, Caller, str]:
    """Organizer, buyer, and the id of a booking of two places for 50.00."""
    organizer, buyer = await stage.organizer(), await stage.caller()
    event = await stage.world.event(organizer.actor, **plan)
    booking = await stage.world.buy(buyer.actor, event, 2)
    return organizer, buyer, booking.id


async def test_a_refund_is_quoted_and_then_made_once(stage: Stage) -> None:
    organizer, _, booking_id = await sold(stage)
    wish = {"reason": "a broken seat", "amount": "7.50"}

    quote = await organizer.post(f"/bookings/{booking_id}/refunds/quote", wish)
    first = await organizer.post(f"/bookings/{booking_id}/refunds", wish, key="one")
    again = await organizer.post(f"/bookings/{booking_id}/refunds", wish, key="one")
    other = await organizer.post(f"/bookings/{booking_id}/refunds", wish | {"amount": "7.51"}, key="one")

    assert quote.json()["amount"]["amount"] == "7.50"
    assert (first.status_code, first.json()["status"]) == (201, "reserved")
    assert again.json() == first.json()
    assert other.json()["code"] == "idempotency_key_reused"
    await stage.world.settle()
    assert (await organizer.get(f"/refunds/{first.json()['id']}")).json()["status"] == "succeeded"
    assert len(stage.world.bank.refunds) == 1


async def test_what_remains_is_said(stage: Stage) -> None:
    organizer, _, booking_id = await sold(stage)

    answer = await organizer.post(f"/bookings/{booking_id}/refunds", {"reason": "x", "amount": "50.01"}, key="new")

    assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_large")
    assert "50.00 EUR remains of 50.00 EUR" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wish",
    [
        {"amount": "1.00"},
        {"reason": "x", "amount": 1},
        {"reason": "x", "amount": "1,00"},
        {"reason": "x", "amount": "-1"},
        {"reason": "x", "ticket_ids": "tkt_1"},
        {"reason": "x", "currency": "USD"},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(stage: Stage, wish: dict[str, Any]) -> None:
    organizer, _, booking_id = await sold(stage)

    answer = await organizer.post(f"/bookings/{booking_id}/refunds", wish, key="new")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_an_event_says_what_it_gives_back_and_a_buyer_gets_that(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = {
        "title": "Concert",
        "venue": {"name": "Hall"},
        "starts_at": "2026-12-24T19:00:00Z",
        "ends_at": "2026-12-24T22:00:00Z",
        "zone": "Asia/Kolkata",
        "currency": "EUR",
        "price": "25.00",
        "capacity": 10,
        "refund_policy": POLICY,
        "dispute_policy": "keep",
    }
    made = (await organizer.post("/events", event, key="new")).json()
    assert made["refund_policy"] == {
        "until_hours": 24,
        "percent": 90,
        "fee": {"amount": "1.00", "amount_minor": 100, "currency": "EUR"},
        "by_buyer": True,
    }
    assert made["dispute_policy"] == "keep"
    await organizer.post(f"/events/{made['id']}/publish")
    buyer = await stage.caller()
    shown = await stage.world.deeds.events.show(buyer.actor, made["id"])
    booking = await stage.world.buy(buyer.actor, shown.event, 2)

    refund = await buyer.post(f"/bookings/{booking.id}/refunds", {"reason": "ill"}, key="new")

    assert refund.json()["amount"]["amount"] == "44.00"
    full = (await buyer.get(f"/bookings/{booking.id}")).json()
    assert full["booking"]["status"] == "Cancelled"
    assert full["refunds"][0]["ticket_ids"] == [ticket["id"] for ticket in full["tickets"]]


async def test_a_second_administrator_agrees_or_does_not(stage: Stage) -> None:
    deeds = stage.world.deeds
    strict = evolve(deeds.refund_booking, four_eyes=FourEyes({"EUR": Money(100, "EUR")}))
    stage.app.state.deeds = evolve(deeds, refund_booking=strict)
    organizer, _, booking_id = await sold(stage)
    first, second = await stage.caller(Role.ADMIN), await stage.caller(Role.ADMIN)
    asked = (await first.post(f"/bookings/{booking_id}/refunds", {"reason": "x", "amount": "9"}, key="new")).json()
    denied = (await first.post(f"/bookings/{booking_id}/refunds", {"reason": "x", "amount": "8"}, key="new")).json()
    assert asked["status"] == "awaiting_approval"

    waiting = (await second.get("/refunds?status=awaiting_approval")).json()["items"]
    assert {refund["id"] for refund in waiting} == {asked["id"], denied["id"]}
    alone = await first.post(f"/refunds/{asked['id']}/approval")
    assert (alone.status_code, alone.json()["code"]) == (403, "not_allowed")
    assert (await organizer.post(f"/refunds/{asked['id']}/approval")).status_code == 403
    agreed = await second.post(f"/refunds/{asked['id']}/approval")
    refused = await second.post(f"/refunds/{denied['id']}/rejection", {"reason": "they came"})

    assert (agreed.json()["status"], refused.json()["status"]) == ("reserved", "rejected")
    assert (await second.post(f"/refunds/{asked['id']}/rejection", {"reason": "x"})).json()["code"] == "already_decided"


async def test_disputes_are_listed_for_administrators(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)

    answer = await admin.get("/disputes?status=open")

    assert answer.json() == {"items": [], "next_cursor": None}
