"""Events over HTTP: writing, editing with care, pictures, and looking for them."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from domain.account import Role
from tests.support.http_stage import Caller, Stage


def _concert(stage: Stage, **changed: Any) -> dict[str, Any]:
    starts_at = stage.world.clock.now() + timedelta(days=2)
    concert = {
        "title": "Concert",
        "venue": {"name": "Hall"},
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "zone": "Asia/Kolkata",
        "currency": "INR",
        "price": "499.00",
        "capacity": 100,
        **changed,
    }
    return {name: value for name, value in concert.items() if value is not ...}


def _png(side: int = 8) -> bytes:
    file = BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "PNG")
    return file.getvalue()


async def test_ticket_types_may_share_an_allotment(stage: Stage) -> None:
    organizer, buyer = await stage.organizer(), await stage.caller()
    kinds = [
        {"name": "Seat", "price": "10.00", "allotment": "Hall"},
        {"name": "Student", "price": "5.00", "allotment": "Hall"},
        {"name": "Box", "price": "90", "capacity": 4},
    ]
    body = _concert(stage, price=..., capacity=..., ticket_types=kinds, allotments={"Hall": 3})

    draft = (await organizer.post("/events", body)).json()
    await organizer.post(f"/events/{draft['id']}/publish")
    wish = {"event_id": draft["id"], "tickets": [{"ticket_type_id": draft["ticket_types"][0]["id"], "quantity": 2}]}
    await buyer.post("/bookings", wish, key="new")

    shown = (await stage.stranger.get(f"/events/{draft['id']}")).json()
    assert [(kind["name"], kind["tickets_available"]) for kind in draft["ticket_types"]] == [
        ("Seat", 3),
        ("Student", 3),
        ("Box", 4),
    ]
    assert [kind["tickets_available"] for kind in shown["ticket_types"]] == [1, 1, 4]
    assert (shown["capacity"], shown["tickets_available"]) == (7, 5)


@pytest.mark.parametrize(
    "changed",
    [
        {"price": 499},
        {"price": "-1.00"},
        {"price": "1e3"},
        {"price": "4.999"},
        {"price": "NaN"},
        {"capacity": "100"},
        {"capacity": -1},
        {"capacity": 1_000_001},
        {"capacity": ...},
        {"currency": "XXX"},
        {"currency": "inr"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"starts_at": "2026-11-24T12:00:00"},
        {"starts_at": "tomorrow"},
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"ends_at": "9999-12-31T23:59:59Z"},
        {"ends_at": "2026-11-22T12:00:00Z"},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "a\x00b"},
        {"hold_minutes": 61},
        {"status": "published"},
        {"organizer_id": "acc_1"},
        {"ticket_types": [{"name": "A", "price": "1", "capacity": 1}]},
        {"venue": {"name": "Hall", "capacity": 5}},
    ],
)
async def test_an_event_that_makes_no_sense_is_refused(stage: Stage, changed: dict[str, Any]) -> None:
    organizer = await stage.organizer()

    answer = await organizer.post("/events", _concert(stage, **changed))

    assert answer.status_code == 400, answer.text
    assert (await organizer.get("/events/mine")).json()["items"] == []


async def test_a_repeated_draft_is_one(stage: Stage) -> None:
    organizer = await stage.organizer()

    first = await organizer.post("/events", _concert(stage), key="mine")
    again = await organizer.post("/events", _concert(stage), key="mine")
    other = await organizer.post("/events", _concert(stage, title="Another"), key="mine")

    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert other.status_code == 422
    assert len((await organizer.get("/events/mine")).json()["items"]) == 1


async def test_an_edit_of_what_has_changed_is_refused(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    path = f"/events/{event.id}"
    seen = (await organizer.get(path)).headers["etag"]

    first = await organizer.patch(path, {"title": "First"}, headers={"if-match": seen})
    late = await organizer.patch(path, {"title": "Late"}, headers={"if-match": seen})
    odd = await organizer.patch(path, {"title": "Odd"}, headers={"if-match": '"another"'})
    again = await organizer.patch(path, {"title": "Second"}, headers={"if-match": first.headers["etag"]})

    assert (first.status_code, first.json()["title"]) == (200, "First")
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert odd.status_code == 412
    assert again.json()["title"] == "Second"


async def test_an_event_is_sent_again_only_when_something_changed(stage: Stage) -> None:
    event, buyer = await stage.world.event(), await stage.caller()
    path = f"/events/{event.id}"
    etag = (await stage.stranger.get(path)).headers["etag"]

    known = await stage.stranger.get(path, headers={"if-none-match": f'"x", W/{etag}'})
    await buyer.hold(event)
    news = await stage.stranger.get(path, headers={"if-none-match": etag})

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    assert (news.status_code, news.json()["tickets_available"]) == (200, 9)


async def test_capacity_falls_no_lower_than_what_is_taken(stage: Stage) -> None:
    organizer, buyer = await stage.organizer(), await stage.caller()
    event = await stage.world.event(organizer.actor, capacity=10)
    await buyer.hold(event, 4)

    low = await organizer.put(f"/events/{event.id}/capacity", {"capacity": 3})
    fits = await organizer.put(f"/events/{event.id}/capacity", {"capacity": 4})

    assert (low.status_code, low.json()["code"]) == (409, "capacity_below_taken")
    assert fits.json() == {
        "id": event.allotments[0].id,
        "capacity": 4,
        "held": 4,
        "sold": 0,
        "tickets_available": 0,
    }


async def test_an_event_goes_through_its_life(stage: Stage) -> None:
    organizer = await stage.organizer()
    gone = await stage.world.event(organizer.actor, published=False)
    event = await stage.world.event(organizer.actor)
    path = f"/events/{event.id}"

    assert (await organizer.delete(f"/events/{gone.id}")).status_code == 204
    assert (await organizer.delete(path)).json()["code"] == "event_transition_refused"
    assert (await organizer.post(f"{path}/archive")).json()["code"] == "event_transition_refused"
    slip = await organizer.post(f"{path}/cancel", {"title": "Concerto"})
    assert (slip.status_code, slip.json()["code"]) == (409, "confirmation_needed")
    assert (await organizer.post(f"{path}/cancel", {"title": "Concert"})).json()["status"] == "cancelled"
    assert (await organizer.post(f"{path}/archive")).json()["archived"] is True


async def test_publishing_waits_for_the_approval(stage: Stage) -> None:
    organizer = await stage.caller(Role.ORGANIZER)
    draft = (await organizer.post("/events", _concert(stage))).json()

    answer = await organizer.post(f"/events/{draft['id']}/publish")

    assert (answer.status_code, answer.json()["code"]) == (403, "publishing_needs_approval")


async def test_events_are_found_by_words_place_category_and_date(stage: Stage) -> None:
    organizer = await stage.organizer()
    await stage.world.event(organizer.actor, title="Jazz night", category="Music", in_hours=24)
    await stage.world.event(organizer.actor, title="Chess open", category="Sport", in_hours=72)

    async def titles(query: str) -> list[str]:
        return [event["title"] for event in (await stage.stranger.get(f"/events?{query}")).json()["items"]]

    assert await titles("") == ["Jazz night", "Chess open"]
    assert await titles("words=JAZZ") == ["Jazz night"]
    assert await titles("category=sport") == ["Chess open"]
    assert await titles("place=pune&words=open") == ["Chess open"]
    assert await titles("place=oslo") == []
    assert await titles("starts_from=2026-11-24T12:00:00%2B05:30") == ["Chess open"]
    assert await titles("starts_before=2026-11-24T12:00:00Z") == ["Jazz night"]


async def test_pages_follow_each_other_without_gap_or_repetition(stage: Stage) -> None:
    organizer = await stage.organizer()
    made = {(await stage.world.event(organizer.actor)).id for _ in range(5)}

    seen: list[str] = []
    path = "/events?limit=2"
    while True:
        page = (await stage.stranger.get(path)).json()
        seen += [event["id"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/events?limit=2&cursor={page['next_cursor']}"

    assert len(seen) == 5
    assert set(seen) == made


async def _shown_picture(stage: Stage, organizer: Caller, answer: Any) -> Any:
    assert answer.status_code == 201, answer.text
    [image] = answer.json()["images"]
    return image, await stage.stranger.get(image["url"])


async def test_a_picture_is_written_anew_and_served_as_what_it_is(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    hidden = _png() + b"<script>alert(1)</script>"

    answer = await organizer.call(
        "POST", f"/events/{event.id}/images?alt=A+square", content=hidden, headers={"content-type": "image/png"}
    )
    image, picture = await _shown_picture(stage, organizer, answer)

    assert image["alt"] == "A square"
    assert picture.headers["content-type"] == Image.open(BytesIO(picture.content)).get_format_mimetype()
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert b"script" not in picture.content
    assert Image.open(BytesIO(picture.content)).size == (8, 8)
    known = await stage.stranger.get(image["url"], headers={"if-none-match": picture.headers["etag"]})
    assert known.status_code == 304

    removed = await organizer.delete(image["url"])
    assert removed.json()["images"] == []
    assert (await stage.stranger.get(image["url"])).status_code == 404


async def test_a_picture_may_come_in_a_form(stage: Stage) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)
    path = f"/events/{event.id}/images"

    answer = await organizer.call("POST", path, files={"image": ("a.png", _png())}, data={"alt": "A square"})
    none = await organizer.call("POST", path, files={"picture": ("a.png", _png())})

    image, picture = await _shown_picture(stage, organizer, answer)
    assert (image["alt"], picture.status_code) == ("A square", 200)
    assert (none.status_code, none.json()["code"]) == (400, "invalid_value")


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 400, "picture_refused"),
        (b"GIF89a", "image/jpeg", 400, "picture_refused"),
        (b"x", "image/svg+xml", 415, "unsupported_media_type"),
        (b"x", "text/html", 415, "unsupported_media_type"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (5 * 1024 * 1024), "image/png", 413, "too_large"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (6 * 1024 * 1024), "image/png", 413, "too_large"),
    ],
)
async def test_what_is_no_picture_is_refused(stage: Stage, content: bytes, kind: str, status: int, code: str) -> None:
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)

    answer = await organizer.call("POST", f"/events/{event.id}/images", content=content, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
