"""The whole job over HTTP, as people and programs do it."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import zxingcpp
from PIL import Image

from domain.account import Role
from tests.support.documents import form
from tests.support.http_stage import Caller, Stage
from tests.support.world import PASSWORD


def _decoded(png: bytes) -> str:
    [code] = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    return code.text


async def _sign_up(stage: Stage, email: str) -> Caller:
    """By mail, as a person does it."""
    stranger = stage.stranger
    body = {"email": email, "name": "Asha Rao", "password": PASSWORD}
    assert (await stranger.post("/accounts", body)).status_code == 202
    await stage.world.settle()
    [mail] = stage.world.mailbox.to(email)
    found = re.search(r"token=([\w-]+)", mail.text)
    assert found
    assert (await stranger.post("/confirmations", {"token": found[1]})).json()["email"] == email
    return await _sign_in(stage, email)


async def _sign_in(stage: Stage, email: str) -> Caller:
    session = await stage.stranger.post("/sessions", {"email": email, "password": PASSWORD})
    stage.client.cookies.clear()
    return Caller(stage.client, stage.stranger.actor, session.json()["token"])


async def _organizer(stage: Stage) -> Caller:
    organizer = await _sign_up(stage, "organizer@example.com")
    admin = await stage.caller(Role.ADMIN)
    applied = (await organizer.post("/kyc-requests", key="new", **form())).json()
    [waiting] = (await admin.get("/kyc-requests?status=pending")).json()["items"]
    assert waiting["id"] == applied["id"]
    decided = await admin.post(f"/kyc-requests/{applied['id']}/decision", {"decision": "approve", "reason": "seen"})
    assert decided.json()["status"] == "approved"
    # A new role ends every session.
    assert (await organizer.get("/me")).status_code == 401
    return await _sign_in(stage, "organizer@example.com")


def _concert(stage: Stage) -> dict[str, Any]:
    starts_at = stage.world.clock.now() + timedelta(days=2)
    return {
        "title": "An evening of ragas",
        "venue": {"name": "Hall", "city": "Pune"},
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "zone": "Asia/Kolkata",
        "currency": "INR",
        "price": "499.00",
        "capacity": 2,
    }


async def test_from_signing_up_to_the_door(stage: Stage) -> None:
    organizer = await _organizer(stage)
    draft = (await organizer.post("/events", _concert(stage))).json()
    assert (draft["status"], draft["tickets_available"]) == ("draft", 2)
    assert (await stage.stranger.get(f"/events/{draft['id']}")).status_code == 404

    published = await organizer.post(f"/events/{draft['id']}/publish")
    assert published.json()["status"] == "published"
    found = (await stage.stranger.get("/events?words=ragas&place=pune")).json()["items"]
    assert [event["id"] for event in found] == [draft["id"]]

    buyer = await _sign_up(stage, "buyer@example.com")
    wanted = {"event_id": draft["id"], "tickets": [{"ticket_type_id": draft["ticket_types"][0]["id"], "quantity": 2}]}
    held = (await buyer.post("/bookings", wanted, key="new")).json()
    assert (held["status"], held["phase"], held["total"]["amount"]) == ("Pending", "held", "998.00")
    assert (await stage.stranger.get(f"/events/{draft['id']}")).json()["tickets_available"] == 0

    payment = (await buyer.post(f"/bookings/{held['id']}/payment", key="new")).json()
    assert payment["pay_url"] == f"https://pocket.example/pay/{payment['id']}"
    assert (await stage.pay(payment)).status_code == 200
    await stage.world.settle()
    assert (await buyer.get(f"/bookings/{held['id']}/payment")).json()["status"] == "Completed"
    full = (await buyer.get(f"/bookings/{held['id']}")).json()
    assert (full["booking"]["status"], len(full["tickets"]), full["checked_in"]) == ("Confirmed", 2, False)
    [sale] = (await organizer.get(f"/events/{draft['id']}/bookings")).json()["items"]
    assert sale["id"] == held["id"]

    picture = await buyer.get(f"/tickets/{full['tickets'][0]['id']}/qr.png")
    assert picture.headers["content-type"] == "image/png"
    token = _decoded(picture.content)

    stage.world.clock.advance(timedelta(days=2, minutes=-30))
    scans = f"/events/{draft['id']}/scans"
    first = (await organizer.post(scans, {"token": token, "gate": "North", "scan_id": "1"})).json()
    assert (first["outcome"], first["holder_name"], first["remaining"]) == ("admitted", "Asha Rao", 0)
    stage.world.clock.advance(60)
    again = (await organizer.post(scans, {"token": token, "gate": "South", "scan_id": "2"})).json()
    assert (again["outcome"], again["reason"]) == ("refused", "ticket_used")
    assert again["first_entry"] == {"at": first["at"], "gate": "North"}
    log = (await organizer.get(scans)).json()["items"]
    assert [(line["gate"], line["outcome"]) for line in log] == [("South", "refused"), ("North", "admitted")]


async def test_a_group_enters_in_two_parts_with_one_code(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    buyer = await stage.caller()
    booking = await stage.world.buy(buyer.actor, event, 3)
    token = _decoded((await buyer.get(f"/bookings/{booking.id}/qr.png")).content)
    stage.world.open_doors(event)

    answers = []
    for count in (2, 2, None, None):
        stage.world.clock.advance(1)
        answers.append((await organizer.scan(event, token, count=count)).json())
    two, three, one, none = answers

    assert (two["outcome"], two["remaining"]) == ("admitted", 1)
    assert (three["outcome"], three["message"]) == ("refused", "only 1 of this group remain")
    assert (one["outcome"], one["remaining"]) == ("admitted", 0)
    assert (none["outcome"], none["reason"]) == ("refused", "ticket_used")
    history = (await buyer.get(f"/bookings/{booking.id}/admissions")).json()["items"]
    assert [line["outcome"] for line in history] == ["admitted", "refused", "admitted", "refused"]
