import pytest

from application.ports.object_store import ObjectStore, StoredObject
from application.queries.storage import Storage
from domain.account import NotAllowed, Role
from tests.support.command_line import CommandLine


def test_what_is_kept_is_told_by_folder_and_in_all(line: CommandLine) -> None:
    objects: ObjectStore = line.world.container.objects()
    line.do(objects.put("public/events/evt_1/img_1.png", StoredObject(b"12345", "image/png")))
    line.do(objects.put("private/kyc/acc_1/kyf_1.bin", StoredObject(b"123", "application/octet-stream")))

    document = line.json("storage", "usage")

    assert document["items"] == [
        {"area": "private/kyc", "files": 1, "size_bytes": 3, "earlier_bytes": 0},
        {"area": "public/events", "files": 1, "size_bytes": 5, "earlier_bytes": 0},
    ]
    assert document["total"] == {"files": 2, "size_bytes": 8, "earlier_bytes": 0}
    assert "private/kyc" in line.ok("storage", "usage")


def test_nothing_kept_is_told_as_nothing(line: CommandLine) -> None:
    assert line.json("storage", "usage") == {
        "items": [],
        "total": {"files": 0, "size_bytes": 0, "earlier_bytes": 0},
    }


def test_a_store_that_cannot_tell_says_so(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.queries.storage.StorageMeter", _Never)

    assert line.type("storage", "usage").exit_code == 3


class _Never:
    """Nothing is one of these."""


def test_only_super_administrators_look(line: CommandLine) -> None:
    storage: Storage = line.world.deeds.storage
    admin = line.do(line.world.person(Role.ADMIN))

    with pytest.raises(NotAllowed):
        line.do(storage.kept(admin))
