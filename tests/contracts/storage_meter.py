"""What every object store owes that tells how much it keeps."""

from typing import Any

from application.ports.object_store import StoredObject
from application.ports.storage_meter import Kept

SMALL = StoredObject(b"12345", "image/png")
LARGE = StoredObject(b"0" * 2_000, "image/png")


class StorageMeterContract:
    """Fixtures of a subclass: `objects`, empty, which is an object store as well."""

    async def test_nothing_kept_is_no_area(self, objects: Any) -> None:
        assert dict(await objects.kept()) == {}

    async def test_each_area_is_counted_by_itself(self, objects: Any) -> None:
        for key in ("public/events/evt_1/a.png", "public/events/evt_2/b.png", "public/profiles/acc_1.png", "top.png"):
            await objects.put(key, SMALL)
        await objects.put("private/kyc/acc_1/c.png", LARGE)

        assert dict(await objects.kept()) == {
            "public/events": Kept(2, 10),
            "public/profiles": Kept(1, 5),
            "private/kyc": Kept(1, 2_000),
            ".": Kept(1, 5),
        }

    async def test_what_was_replaced_counts_by_its_new_size_and_what_was_deleted_not_at_all(self, objects: Any) -> None:
        await objects.put("public/events/evt_1/a.png", LARGE)
        await objects.put("public/events/evt_1/a.png", SMALL)
        await objects.put("public/events/evt_1/b.png", LARGE)
        await objects.delete("public/events/evt_1/b.png")

        found = (await objects.kept())["public/events"]
        assert (found.files, found.size_bytes) == (1, 5)
