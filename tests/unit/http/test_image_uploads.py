"""Pictures that are sent by a link, on an object store that takes files only through us."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from attrs import define
from PIL import Image

from adapters.persistence.memory_objects import MemoryObjects
from application import own_uploads
from application.own_uploads import OwnUploads
from application.ports.object_store import ObjectMissing, ObjectStore
from application.ports.upload_links import UploadLink
from application.queries.audit_trail import AuditFilter
from application.waiting_files import FORGOTTEN_AFTER
from domain.event import IMAGES_MAX, Event
from tests.contracts.upload_links import DATA, LIFE, Desk, UploadLinksContract, expected, is_taken
from tests.support import pictures
from tests.support.fake_clock import FakeClock
from tests.support.http_stage import Caller, Stage
from tests.support.world import World

PICTURE = pictures.png()


@define(eq=False)
class _OwnDesk:
    links: OwnUploads
    objects: ObjectStore
    clock: FakeClock
    client: httpx.AsyncClient

    async def send(self, link: UploadLink, data: bytes) -> int:
        return (await self.client.put(urlsplit(link.url).path, content=data, headers=dict(link.headers))).status_code


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    clock = FakeClock()
    world = World.of(tmp_path, clock=clock, objects=MemoryObjects(clock))
    world.lift_limits()
    async with Stage.around(world) as stage:
        yield stage


@pytest.fixture
def desk(stage: Stage) -> _OwnDesk:
    container = stage.world.container
    own = container.own_uploads()
    assert own is not None
    return _OwnDesk(own, container.objects(), stage.world.clock, stage.client)


class TestOwnUploads(UploadLinksContract):
    @pytest.fixture
    def desk(self, desk: _OwnDesk) -> Desk:
        return desk


async def test_without_a_look_at_the_clock_a_link_never_ends(desk: _OwnDesk) -> None:
    """The negative control: a link whose life is long is taken after ten minutes."""
    link = await desk.links.upload_link(expected(), timedelta(days=1))
    desk.clock.advance(LIFE)

    assert is_taken(await desk.send(link, DATA))


async def test_without_the_digest_other_bytes_come_in(desk: _OwnDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""

    class Always:
        def digest(self) -> bytes:
            return expected().sha256

    monkeypatch.setattr(own_uploads, "sha256", lambda _data: Always())
    link = await desk.links.upload_link(expected(), LIFE)

    assert is_taken(await desk.send(link, DATA[::-1]))


def announced(picture: bytes = PICTURE, **changed: Any) -> dict[str, Any]:
    wanted = {"media_type": "image/png", "size": len(picture), "sha256": sha256(picture).hexdigest()}
    return wanted | changed


@define(eq=False)
class Sending:
    """An organizer with an event, who sends pictures."""

    stage: Stage
    organizer: Caller
    event: Event

    @property
    def path(self) -> str:
        return f"/events/{self.event.id}/image-uploads"

    async def sent(self, picture: bytes = PICTURE) -> str:
        """The name of a picture that waits."""
        offered = (await self.organizer.post(self.path, announced(picture))).json()
        answer = await self.stage.client.put(urlsplit(offered["url"]).path, content=picture, headers=offered["headers"])
        assert answer.status_code == 204, answer.text
        return str(offered["name"])

    async def use(self, name: str, *, alt: str = "A square") -> httpx.Response:
        return await self.organizer.post(f"{self.path}/{name}", {"alt": alt})

    async def waits(self, name: str) -> bool:
        try:
            await self.stage.world.container.objects().get(f"incoming/events/{self.event.id}/{name}")
        except ObjectMissing:
            return False
        return True


@pytest.fixture
async def sending(stage: Stage) -> Sending:
    organizer = await stage.organizer()
    return Sending(stage, organizer, await stage.world.event(organizer.actor))


async def test_a_picture_is_sent_then_shown_anew_without_what_was_hidden_in_it(sending: Sending) -> None:
    name = await sending.sent(PICTURE + b"<script>alert(1)</script>")
    assert (await sending.stage.stranger.get(f"/events/{sending.event.id}")).json()["images"] == []

    shown = await sending.use(name)

    assert shown.status_code == 201, shown.text
    [image] = shown.json()["images"]
    served = await sending.stage.stranger.get(image["url"])
    assert image["alt"] == "A square"
    assert b"script" not in served.content
    assert Image.open(BytesIO(served.content)).size == Image.open(BytesIO(PICTURE)).size
    assert not await sending.waits(name)


async def test_an_answer_that_was_lost_is_asked_for_again_and_the_picture_shown_once(sending: Sending) -> None:
    name = await sending.sent()

    answers = [await sending.use(name) for _ in range(3)]

    assert [len(answer.json()["images"]) for answer in answers] == [1, 1, 1]
    world = sending.stage.world
    told = await world.deeds.audit_trail.list(world.operator, AuditFilter(action="event.image.add"), None, 100)
    assert len(told.items) == 1


async def test_even_the_last_picture_may_be_asked_for_again(sending: Sending) -> None:
    names = [await sending.sent() for _ in range(IMAGES_MAX + 1)]
    for name in names[:IMAGES_MAX]:
        assert (await sending.use(name)).status_code == 201

    assert (await sending.use(names[IMAGES_MAX - 1])).status_code == 201
    one_too_many = await sending.use(names[IMAGES_MAX])
    assert (one_too_many.status_code, one_too_many.json()["code"]) == (409, "not_allowed_now")
    assert await sending.waits(names[IMAGES_MAX])
    assert (await sending.organizer.post(sending.path, announced())).status_code == 409


async def test_what_waits_is_shown_to_nobody(sending: Sending) -> None:
    name = await sending.sent()

    for path in (f"/events/{sending.event.id}/images/{name}", f"{sending.path}/{name}"):
        assert (await sending.organizer.get(path)).status_code in {404, 405}


async def test_what_is_no_picture_is_refused_when_it_is_asked_for(sending: Sending) -> None:
    name = await sending.sent(b"<svg xmlns='http://www.w3.org/2000/svg'/>")

    answer = await sending.use(name)

    assert (answer.status_code, answer.json()["code"]) == (400, "picture_refused")


@pytest.mark.parametrize("name", ["img_1.png", "..%2F..%2Fpublic.png", "img_01arz3ndektsv4rrffq69g5fav.pdf"])
async def test_a_name_that_we_did_not_give_is_not_found(sending: Sending, name: str) -> None:
    assert (await sending.use(name)).status_code == 404


async def test_nothing_that_was_sent_for_one_event_is_shown_at_another(sending: Sending) -> None:
    name = await sending.sent()
    other = await sending.stage.world.event(sending.organizer.actor)

    answer = await sending.organizer.post(f"/events/{other.id}/image-uploads/{name}", {"alt": ""})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await sending.waits(name)


@pytest.mark.parametrize(
    "changed",
    [
        {"media_type": "image/svg+xml"},
        {"media_type": "text/html"},
        {"size": 0},
        {"size": 5 * 1024 * 1024 + 1},
        {"sha256": "00"},
        {"sha256": "z" * 64},
    ],
)
async def test_no_link_is_made_for_what_cannot_be_a_picture_of_ours(sending: Sending, changed: dict[str, Any]) -> None:
    answer = await sending.organizer.post(sending.path, announced(**changed))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text


async def test_a_file_that_is_far_too_large_is_not_read_to_its_end(desk: _OwnDesk) -> None:
    link = await desk.links.upload_link(expected(), LIFE)

    assert await desk.send(link, b"\0" * (6 * 1024 * 1024)) == 413


async def test_what_nobody_asked_for_in_a_day_is_forgotten(sending: Sending) -> None:
    old = await sending.sent()
    sending.stage.world.clock.advance(FORGOTTEN_AFTER)
    new = await sending.sent()
    sending.stage.world.clock.advance(timedelta(minutes=1))

    done = await sending.stage.world.deeds.jobs.run_once()

    assert done["forget_uploads"] == 1
    assert (await sending.waits(old), await sending.waits(new)) == (False, True)
    assert (await sending.use(old)).status_code == 404
    assert (await sending.use(new)).status_code == 201
