"""What every object store promises."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from application.ports.object_store import ObjectMissing, ObjectRefused, ObjectStore, StoredObject

KEY = "public/events/evt_01h/img_01h.png"
PNG = StoredObject(b"\x89PNG and so on", "image/png")

BAD_KEYS = (
    "",
    "/",
    ".",
    "..",
    "../outside.png",
    "public/../../outside.png",
    "public/./img.png",
    "public//img.png",
    "/etc/img.png",
    "public/img.png/",
    "public/.hidden.png",
    ".png",
    "public/..png",
    "public/img",
    "public/img.",
    "public/img.gif",
    "public/img.PNG",
    "public/img.html",
    "public/img.png.html",
    "public/img.html.png",
    "folder.png/img.png",
    "public/img.png\n",
    "public/img.png\0",
    "public/im\0g.png",
    "public/im g.png",
    "public\\..\\outside.png",
    "public/im%2e%2e.png",
    "C:img.png",
    "public/im\u0131g.png",
    "public/\uff0e\uff0e/img.png",
    "public/٣.png",
    "~/img.png",
    "a/" * 9 + "img.png",
    "a" * 101 + ".png",
    "a" * 101 + "/img.png",
)


class ObjectStoreContract:
    """Fixtures of a subclass: `objects`, empty."""

    adapter: ClassVar[str]

    async def test_what_was_put_is_got(self, objects: ObjectStore) -> None:
        await objects.put(KEY, PNG)

        assert await objects.get(KEY) == PNG

    @pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)) * 8_192], ids=["nothing", "nul", "two megabytes"])
    async def test_every_byte_counts(self, objects: ObjectStore, data: bytes) -> None:
        await objects.put(KEY, StoredObject(data, "image/png"))

        assert (await objects.get(KEY)).data == data

    @pytest.mark.parametrize(
        ("ending", "media_type"),
        [
            ("jpg", "image/jpeg"),
            ("png", "image/png"),
            ("pdf", "application/pdf"),
            ("bin", "application/octet-stream"),
        ],
    )
    async def test_the_type_is_kept(self, objects: ObjectStore, ending: str, media_type: str) -> None:
        key = f"private/kyc/acc_1/doc_1.{ending}"
        await objects.put(key, StoredObject(b"data", media_type))

        assert (await objects.get(key)).media_type == media_type

    async def test_what_was_never_put_is_missing(self, objects: ObjectStore) -> None:
        with pytest.raises(ObjectMissing):
            await objects.get(KEY)

        await objects.put(KEY, PNG)
        with pytest.raises(ObjectMissing):
            await objects.get("public/events/evt_01h/img_02h.png")
        with pytest.raises(ObjectMissing):
            await objects.get("public/img_01h.png")

    async def test_the_last_one_put_stays_whatever_its_size(self, objects: ObjectStore) -> None:
        await objects.put(KEY, StoredObject(b"long " * 1_000, "image/png"))
        await objects.put(KEY, PNG)

        assert await objects.get(KEY) == PNG

    async def test_what_was_deleted_is_missing_and_its_neighbour_stays(self, objects: ObjectStore) -> None:
        neighbour = KEY.replace("img_01h", "img_02h")
        await objects.put(KEY, PNG)
        await objects.put(neighbour, PNG)

        await objects.delete(KEY)

        with pytest.raises(ObjectMissing):
            await objects.get(KEY)
        assert await objects.get(neighbour) == PNG

    async def test_deleting_nothing_is_no_error(self, objects: ObjectStore) -> None:
        await objects.delete(KEY)
        await objects.put(KEY, PNG)
        await objects.delete(KEY)
        await objects.delete(KEY)

    async def test_keys_may_be_deep_and_shallow(self, objects: ObjectStore) -> None:
        keys = ("top.png", "a/top.png", "a/a.png", "a/b/c/d/e/f/g/h/deep.png", "-/_.png")
        for number, key in enumerate(keys):
            await objects.put(key, StoredObject(bytes([number]), "image/png"))

        assert [(await objects.get(key)).data for key in keys] == [bytes([number]) for number in range(len(keys))]

    @pytest.mark.parametrize("key", BAD_KEYS)
    async def test_a_key_that_we_never_make_is_refused(self, objects: ObjectStore, key: str) -> None:
        with pytest.raises(ObjectRefused):
            await objects.put(key, PNG)
        with pytest.raises(ObjectRefused):
            await objects.get(key)
        with pytest.raises(ObjectRefused):
            await objects.delete(key)

    async def test_what_was_put_before_then_is_found_below_its_folder_and_nowhere_else(
        self, objects: ObjectStore
    ) -> None:
        waiting = {f"incoming/events/evt_{number}/img_{number}.png" for number in range(3)}
        for key in (*waiting, KEY, "incoming.png", "incoming-more/img_1.png"):
            await objects.put(key, PNG)
        now = datetime.now(UTC)

        assert set(await objects.put_before("incoming/", now + timedelta(hours=1))) == waiting
        assert list(await objects.put_before("incoming/", now - timedelta(hours=1))) == []
        assert list(await objects.put_before("elsewhere/", now + timedelta(hours=1))) == []

    async def test_what_was_deleted_is_not_found(self, objects: ObjectStore) -> None:
        await objects.put(KEY, PNG)
        await objects.delete(KEY)

        assert list(await objects.put_before("public/", datetime.now(UTC) + timedelta(hours=1))) == []

    @pytest.mark.parametrize("folder", ["", "/", "../", "incoming", "incoming//", "/incoming/", "in coming/", "a.b/"])
    async def test_a_folder_that_we_never_make_is_refused(self, objects: ObjectStore, folder: str) -> None:
        with pytest.raises(ObjectRefused):
            await objects.put_before(folder, datetime.now(UTC))

    @pytest.mark.parametrize("media_type", ["image/jpeg", "text/html", "", "image/png; charset=utf-7"])
    async def test_content_of_another_type_than_the_ending_is_refused(
        self, objects: ObjectStore, media_type: str
    ) -> None:
        with pytest.raises(ObjectRefused):
            await objects.put(KEY, StoredObject(b"data", media_type))

        with pytest.raises(ObjectMissing):
            await objects.get(KEY)

    async def test_whoever_reads_while_others_write_reads_something_whole(self, objects: ObjectStore) -> None:
        contents = [StoredObject(bytes([letter]) * 100_000, "image/png") for letter in b"abcdefgh"]
        await objects.put(KEY, contents[0])

        writes = [objects.put(KEY, content) for content in contents * 3]
        read = asyncio.gather(*(objects.get(KEY) for _ in range(30)))
        await asyncio.gather(read, *writes)

        assert all(content in contents for content in await read)
