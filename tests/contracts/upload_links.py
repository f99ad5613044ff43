"""What links promise by which a file comes past whoever serves requests."""

from datetime import timedelta
from hashlib import sha256
from typing import Protocol

import pytest
from attrs import evolve

from application.ports.object_store import ObjectMissing, ObjectRefused, ObjectStore, StoredObject
from application.ports.upload_links import ExpectedFile, UploadLink, UploadLinks
from tests.support.fake_clock import FakeClock

KEY = "incoming/events/evt_01h/img_01h.png"
DATA = bytes(range(256)) * 40
LIFE = timedelta(minutes=10)


class Desk(Protocol):
    """What makes links, and what stands at their other end."""

    @property
    def links(self) -> UploadLinks: ...

    @property
    def objects(self) -> ObjectStore: ...

    @property
    def clock(self) -> FakeClock:
        """Of whoever takes the file."""

    async def send(self, link: UploadLink, data: bytes) -> int:
        """By PUT with the link's headers; the status of the answer."""


def expected(key: str = KEY, data: bytes = DATA) -> ExpectedFile:
    return ExpectedFile(key, len(data), sha256(data).digest())


async def is_there(desk: Desk, key: str = KEY) -> bool:
    try:
        await desk.objects.get(key)
    except ObjectMissing:
        return False
    return True


def is_taken(status: int) -> bool:
    return status in {200, 204}


class UploadLinksContract:
    """Fixtures of a subclass: `desk`, whose store is empty."""

    async def test_the_file_that_a_link_is_for_comes_in(self, desk: Desk) -> None:
        link = await desk.links.upload_link(expected(), LIFE)

        assert is_taken(await desk.send(link, DATA))
        assert await desk.objects.get(KEY) == StoredObject(DATA, "image/png")

    async def test_the_same_file_may_be_sent_again(self, desk: Desk) -> None:
        link = await desk.links.upload_link(expected(), LIFE)

        assert all([is_taken(await desk.send(link, DATA)) for _ in range(2)])

    @pytest.mark.parametrize(
        "data",
        [DATA + b"\0", DATA[:-1], b"", DATA[::-1], DATA[:-1] + b"\1"],
        ids=["longer", "shorter", "nothing", "other bytes", "one other byte"],
    )
    async def test_nothing_else_comes_in(self, desk: Desk, data: bytes) -> None:
        link = await desk.links.upload_link(expected(), LIFE)

        assert not is_taken(await desk.send(link, data))
        assert not await is_there(desk)

    async def test_it_comes_in_under_no_other_key(self, desk: Desk) -> None:
        link = await desk.links.upload_link(expected(), LIFE)
        other = KEY.replace("evt_01h", "evt_02h")

        assert not is_taken(await desk.send(evolve(link, url=link.url.replace("evt_01h", "evt_02h") + "x"), DATA))
        assert not await is_there(desk, other)

    async def test_a_link_ends_with_its_life(self, desk: Desk) -> None:
        link = await desk.links.upload_link(expected(), LIFE)

        desk.clock.advance(LIFE - timedelta(seconds=5))
        assert is_taken(await desk.send(link, DATA))
        await desk.objects.delete(KEY)
        desk.clock.advance(timedelta(seconds=10))
        assert not is_taken(await desk.send(link, DATA))
        assert not await is_there(desk)

    async def test_every_letter_of_a_link_counts(self, desk: Desk) -> None:
        """Here the last ones, which differ from link to link."""
        link = await desk.links.upload_link(expected(), LIFE)
        for place in range(2, 40, 3):
            letter = "A" if link.url[-place] != "A" else "B"
            forged = evolve(link, url=f"{link.url[:-place]}{letter}{link.url[-place + 1 :]}")
            assert not is_taken(await desk.send(forged, DATA))

        assert not await is_there(desk)

    @pytest.mark.parametrize("key", ["", "../img.png", "incoming/img.html", "/img.png"])
    async def test_no_link_is_made_for_a_key_that_we_never_make(self, desk: Desk, key: str) -> None:
        with pytest.raises(ObjectRefused):
            await desk.links.upload_link(expected(key), LIFE)
