"""Holding and paying over HTTP: bad wishes, limits, and requests that come twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from application.gateways import Gateways
from application.ports.payment_gateway import ChargeState
from domain.event import Event
from tests.support.http_stage import Caller, Stage


def _wish(event: Event, **changed: Any) -> dict[str, Any]:
    return {"event_id": event.id, "tickets": [{"ticket_type_id": event.ticket_types[0].id, "quantity": 1}], **changed}


def _wanting(event: Event, quantity: Any, **more: Any) -> dict[str, Any]:
    return _wish(event, tickets=[{"ticket_type_id": event.ticket_types[0].id, "quantity": quantity, **more}])


@pytest.mark.parametrize("quantity", ["1", "1500", 1.5, True, None, 0, -1, 21, 10**30, [1], {}])
async def test_a_count_that_is_no_count_is_refused(stage: Stage, quantity: Any) -> None:
    buyer, event = await stage.caller(), await stage.world.event()

    answer = await buyer.post("/bookings", _wanting(event, quantity), key="new")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "quantity" in answer.json()["detail"]


@pytest.mark.parametrize("field", ["price", "unit_price", "total", "discount", "status", "id", "buyer_id", "version"])
async def test_what_the_client_does_not_decide_is_refused_and_not_ignored(stage: Stage, field: str) -> None:
    buyer, event = await stage.caller(), await stage.world.event()

    on_top = await buyer.post("/bookings", _wish(event, **{field: "0.01"}), key="new")
    in_a_line = await buyer.post("/bookings", _wanting(event, 1, **{field: "0.01"}), key="new")

    for answer in (on_top, in_a_line):
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
        assert field in answer.json()["detail"]
    assert (await buyer.get("/bookings")).json()["items"] == []


@pytest.mark.parametrize("changed", [{"tickets": []}, {"name": ""}, {"name": "a\x00b"}, {"event_id": "a\nb"}])
async def test_a_wish_that_says_nothing_or_hides_something_is_refused(stage: Stage, changed: dict[str, Any]) -> None:
    buyer, event = await stage.caller(), await stage.world.event()

    answer = await buyer.post("/bookings", _wish(event, **changed), key="new")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_a_body_must_say_that_it_is_json(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    body = b'{"event_id": "%s", "tickets": []}' % event.id.encode()

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await buyer.post("/bookings", body, key="new", headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")

    told = await buyer.post("/bookings", body, key="new", headers={"content-type": "Application/JSON; charset=utf-8"})
    assert told.json()["code"] == "invalid_request"


async def test_places_are_sold_once_and_their_number_told(stage: Stage) -> None:
    one, other = await stage.caller(), await stage.caller()
    event = await stage.world.event(capacity=3)

    assert (await one.hold(event, 2)).status_code == 201
    refused = await other.hold(event, 2)
    rest = await other.hold(event, 1)
    late = await other.hold(event, 1)

    assert (refused.status_code, refused.json()["code"], refused.json()["detail"]) == (409, "sold_out", "only 1 left")
    assert rest.status_code == 201
    assert late.json()["detail"] == "sold out"


async def test_sale_limits_are_kept(stage: Stage) -> None:
    buyer = await stage.caller()
    event = await stage.world.event(capacity=100)
    draft = await stage.world.event(published=False)

    assert (await buyer.hold(event, 11)).json()["code"] == "order_limit_reached"
    assert (await buyer.hold(draft)).json()["code"] == "not_found"
    stage.world.clock.set(event.schedule.sales_end_at)
    closed = await buyer.hold(event)
    assert (closed.status_code, closed.json()["code"]) == (409, "event_not_on_sale")


async def test_a_hold_that_has_lapsed_cannot_be_paid(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()
    stage.world.clock.advance(timedelta(minutes=15))

    answer = await buyer.post(f"/bookings/{held['id']}/payment", key="new")

    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")
    assert (await buyer.get(f"/bookings/{held['id']}")).json()["booking"]["phase"] == "expired"


async def test_booking_and_paying_need_a_key(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()

    for answer in (
        await buyer.post("/bookings", _wish(event)),
        await buyer.post(f"/bookings/{held['id']}/payment"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    long = await buyer.post("/bookings", _wish(event), headers={"idempotency-key": "k" * 201})
    assert long.json()["code"] == "invalid_value"


async def test_a_repeated_request_gets_the_same_answer_to_the_byte(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event(capacity=1)

    first = await buyer.hold(event, key="mine")
    stage.world.clock.advance(60)
    again = await buyer.hold(event, key="mine")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_a_key_is_for_one_body_one_route_and_one_person(stage: Stage) -> None:
    buyer, other, event = await stage.caller(), await stage.caller(), await stage.world.event()
    first = await buyer.hold(event, key="mine")

    reused = await buyer.hold(event, 2, key="mine")
    elsewhere = await buyer.post(f"/bookings/{first.json()['id']}/payment", key="mine")
    others = await other.hold(event, key="mine")

    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert elsewhere.status_code == 201
    assert (others.status_code, others.json()["id"] == first.json()["id"]) == (201, False)


async def test_fifty_requests_at_once_with_one_key_are_one_booking(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event(capacity=100)
    stage.world.lift_limits()

    answers = await asyncio.gather(*(buyer.hold(event, key="mine") for _ in range(50)))

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert (await stage.stranger.get(f"/events/{event.id}")).json()["tickets_available"] == 99


async def test_fifty_requests_at_once_with_keys_of_their_own_are_fifty(stage: Stage) -> None:
    """So that the test above sees something."""
    buyer, event = await stage.caller(), await stage.world.event(capacity=100)
    stage.world.lift_limits()

    await asyncio.gather(*(buyer.hold(event) for _ in range(50)))

    assert (await stage.stranger.get(f"/events/{event.id}")).json()["tickets_available"] == 50


async def test_paying_twice_at_once_opens_one_page(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()

    answers = await asyncio.gather(*(buyer.post(f"/bookings/{held['id']}/payment", key=f"k-{n}") for n in range(10)))

    paid = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(paid) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(stage.world.bank.charges) == 1


async def _paid(stage: Stage, buyer: Caller, event: Event) -> dict[str, Any]:
    held: dict[str, Any] = (await buyer.hold(event)).json()
    payment = (await buyer.post(f"/bookings/{held['id']}/payment", key="new")).json()
    await stage.pay(payment)
    await stage.world.settle()
    return held


async def test_a_paid_booking_is_cancelled_by_its_organizer_and_refunded(stage: Stage) -> None:
    organizer, buyer = await stage.organizer(), await stage.caller()
    event = await stage.world.event(organizer.actor)
    held = await _paid(stage, buyer, event)

    own = await buyer.post(f"/bookings/{held['id']}/cancellation", {"reason": "we cannot come"})
    theirs = await organizer.post(f"/bookings/{held['id']}/cancellation", {"reason": "asked for"})
    await stage.world.settle()

    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
    assert theirs.json()["status"] == "Cancelled"
    full = (await buyer.get(f"/bookings/{held['id']}")).json()
    assert [refund["status"] for refund in full["refunds"]] == ["succeeded"]
    [ticket] = full["tickets"]
    assert ticket["status"] == "void"
    gone = await buyer.get(f"/tickets/{ticket['id']}/qr.png")
    assert (gone.status_code, gone.json()["code"]) == (409, "ticket_void")


async def test_a_gateway_that_is_down_is_told_as_such_and_the_key_stays_usable(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()
    stage.world.bank.down = True

    down = await buyer.post(f"/bookings/{held['id']}/payment", key="mine")
    stage.world.bank.down = False
    up = await buyer.post(f"/bookings/{held['id']}/payment", key="mine")

    assert (down.status_code, down.json()["code"]) == (503, "payment_unavailable")
    assert int(down.headers["retry-after"]) > 0
    assert up.status_code == 201


async def test_a_forged_webhook_moves_nothing(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    held = (await buyer.hold(event)).json()
    payment = (await buyer.post(f"/bookings/{held['id']}/payment", key="new")).json()
    stage.world.bank.becomes(payment["id"], ChargeState.CAPTURED)
    headers, body = stage.world.bank.notice(payment["id"])

    forged = await stage.stranger.post("/webhooks/pocket", body, headers={**headers, "signature": "guessed"})
    unsigned = await stage.stranger.post("/webhooks/pocket", body)
    unknown = await stage.stranger.post("/webhooks/another", body, headers=headers)
    large = await stage.stranger.post("/webhooks/pocket", body + b" " * 64_000, headers=headers)
    await stage.world.settle()

    assert (forged.status_code, forged.json()["code"]) == (400, "notice_not_genuine")
    assert unsigned.status_code == 400
    assert unknown.status_code == 404
    assert large.status_code == 413
    assert (await buyer.get(f"/bookings/{held['id']}/payment")).json()["status"] == "Pending"

    genuine = await stage.stranger.post("/webhooks/pocket", body, headers={"Signature": headers["signature"]})
    twice = await stage.stranger.post("/webhooks/pocket", body, headers=headers)
    await stage.world.settle()

    assert (genuine.status_code, twice.status_code) == (200, 200)
    assert (await buyer.get(f"/bookings/{held['id']}/payment")).json()["status"] == "Completed"


async def test_a_booking_is_paid_inside_a_page_of_the_client(stage: Stage) -> None:
    buyer, event = await stage.caller(), await stage.world.event()
    booking_id = (await buyer.hold(event)).json()["id"]

    opened = await buyer.post(f"/bookings/{booking_id}/payment/embedded", key="one")
    again = await buyer.post(f"/bookings/{booking_id}/payment/embedded", key="two")

    payment = opened.json()
    assert payment["checkout"] == {"order": f"pk_{payment['id']}", "key": "public"}
    assert payment["pay_url"] is None
    assert again.json()["id"] == payment["id"]
    forged = await buyer.post(f"/bookings/{booking_id}/payment/return", {"fields": {"signature": "genuine:pay_other"}})
    assert (forged.status_code, forged.json()["code"]) == (400, "notice_not_genuine")
    stage.world.bank.becomes(payment["id"], ChargeState.CAPTURED)
    signed = {"fields": {"signature": f"genuine:{payment['id']}"}}
    stranger = await stage.caller()
    assert (await stranger.post(f"/bookings/{booking_id}/payment/return", signed)).status_code == 404
    paid = await buyer.post(f"/bookings/{booking_id}/payment/return", signed)
    assert (paid.status_code, paid.json()["status"]) == (200, "Completed")
    assert (await buyer.get(f"/bookings/{booking_id}")).json()["booking"]["status"] == "Confirmed"


async def test_a_signature_does_not_stand_for_money(stage: Stage) -> None:
    """A negative control: what the gateway answers counts, and not what the page was handed."""
    buyer, event = await stage.caller(), await stage.world.event()
    booking_id = (await buyer.hold(event)).json()["id"]
    payment = (await buyer.post(f"/bookings/{booking_id}/payment/embedded", key="new")).json()

    answer = await buyer.post(
        f"/bookings/{booking_id}/payment/return", {"fields": {"signature": f"genuine:{payment['id']}"}}
    )

    assert answer.json()["status"] == "Pending"
    assert (await buyer.get(f"/bookings/{booking_id}")).json()["booking"]["status"] == "Pending"


async def test_a_provider_without_embedding_says_so_before_anything_is_stored(stage: Stage) -> None:
    deeds = stage.world.deeds
    plain = Gateways({"pocket": evolve(stage.world.bank.as_gateway(), embedded=None)})
    stage.app.state.deeds = evolve(deeds, start_payment=evolve(deeds.start_payment, gateways=plain))
    buyer, event = await stage.caller(), await stage.world.event()
    booking_id = (await buyer.hold(event)).json()["id"]

    answer = await buyer.post(f"/bookings/{booking_id}/payment/embedded", key="new")

    assert (answer.status_code, answer.json()["code"]) == (409, "embedding_unsupported")
    assert (await buyer.get(f"/bookings/{booking_id}")).json()["payments"] == []
