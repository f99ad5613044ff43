import errno
import os
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest

from adapters.persistence import local_objects
from adapters.persistence.local_objects import LocalObjects
from application.ports.object_store import ObjectMissing, ObjectStore, ObjectStoreUnavailable, StoredObject
from application.ports.storage_meter import Kept
from tests.contracts.object_store import KEY, PNG, ObjectStoreContract
from tests.contracts.storage_meter import StorageMeterContract

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)
OTHER = StoredObject(b"other", "image/png")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def objects(root: Path) -> LocalObjects:
    return LocalObjects(root)


class TestLocalObjects(ObjectStoreContract, StorageMeterContract):
    adapter = "local"

    @pytest.fixture
    def objects(self, root: Path) -> ObjectStore:
        return LocalObjects(root)


def everything_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def lay_file(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")


def modes_of(paths: Iterable[Path]) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in paths}


async def test_another_process_finds_what_this_one_stored(objects: LocalObjects, root: Path) -> None:
    await objects.put(KEY, PNG)

    assert await LocalObjects(root).get(KEY) == PNG
    assert everything_below(root) == {KEY}


async def test_only_our_own_user_may_read(objects: LocalObjects, root: Path) -> None:
    await objects.put(KEY, PNG)

    assert modes_of([root, *(root / KEY).parents][: 1 + KEY.count("/")]) == {0o700}
    assert modes_of([root / KEY]) == {0o600}


class TestLinks:
    """Somebody put a symbolic link below the root."""

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "img.png").write_bytes(b"secret")
        return outside

    @pytest.fixture
    def folder_link(self, root: Path, outside: Path) -> str:
        root.mkdir()
        (root / "public").symlink_to(outside)
        return "public/img.png"

    @pytest.fixture
    def file_link(self, root: Path, outside: Path) -> str:
        (root / "public").mkdir(parents=True)
        (root / "public" / "img.png").symlink_to(outside / "img.png")
        return "public/img.png"

    async def test_no_folder_is_entered_through_a_link(
        self, objects: LocalObjects, folder_link: str, outside: Path
    ) -> None:
        with pytest.raises(ObjectStoreUnavailable):
            await objects.get(folder_link)
        with pytest.raises(ObjectStoreUnavailable):
            await objects.put(folder_link, OTHER)
        with pytest.raises(ObjectStoreUnavailable):
            await objects.delete(folder_link)

        assert (outside / "img.png").read_bytes() == b"secret"
        assert everything_below(outside) == {"img.png"}

    async def test_nothing_is_found_through_a_link(self, objects: LocalObjects, folder_link: str) -> None:
        with pytest.raises(ObjectStoreUnavailable):
            await objects.put_before("public/", FAR_AHEAD)

    async def test_no_file_is_read_through_a_link(self, objects: LocalObjects, file_link: str) -> None:
        with pytest.raises(ObjectStoreUnavailable):
            await objects.get(file_link)

    async def test_writing_and_deleting_touch_the_link_and_not_its_target(
        self, objects: LocalObjects, file_link: str, outside: Path
    ) -> None:
        await objects.put(file_link, OTHER)

        assert (outside / "img.png").read_bytes() == b"secret"
        assert await objects.get(file_link) == OTHER

    async def test_a_link_left_dangling_is_not_written_through(
        self, objects: LocalObjects, root: Path, outside: Path
    ) -> None:
        (root / "public").mkdir(parents=True)
        (root / "public" / "img.png").symlink_to(outside / "new.png")

        await objects.put("public/img.png", OTHER)

        assert everything_below(outside) == {"img.png"}

    @pytest.mark.parametrize("link", ["folder_link", "file_link"])
    async def test_without_the_guard_links_are_followed(
        self, objects: LocalObjects, link: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The negative control: this attack works on a store that does not look."""
        monkeypatch.setattr(local_objects, "NOT_FOLLOWING", 0)

        assert (await objects.get(request.getfixturevalue(link))).data == b"secret"

    async def test_the_root_itself_may_be_a_link(self, tmp_path: Path, outside: Path) -> None:
        (tmp_path / "data").symlink_to(outside)

        assert (await LocalObjects(tmp_path / "data").get("img.png")).data == b"secret"


async def test_without_the_check_of_keys_a_key_leaves_the_root(
    objects: LocalObjects, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the contract's bad keys."""
    monkeypatch.setattr(local_objects, "check_fits", lambda *_: None)

    await objects.put("../outside.png", PNG)

    assert (tmp_path / "outside.png").read_bytes() == PNG.data


class TestMishaps:
    """The disk says no."""

    @pytest.mark.parametrize("step", ["write", "fsync", "replace"])
    async def test_a_failed_write_leaves_what_was_there_and_nothing_half_written(
        self, objects: LocalObjects, root: Path, step: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await objects.put(KEY, PNG)
        _break(step, monkeypatch)

        with pytest.raises(ObjectStoreUnavailable, match="No space left"):
            await objects.put(KEY, OTHER)
        with pytest.raises(ObjectStoreUnavailable):
            await objects.put(KEY.replace("img", "new"), OTHER)

        assert await objects.get(KEY) == PNG
        assert everything_below(root) == {KEY}

    async def test_a_failed_read_is_not_a_missing_file(
        self, objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await objects.put(KEY, PNG)
        monkeypatch.setattr(os, "fdopen", _fails)

        with pytest.raises(ObjectStoreUnavailable):
            await objects.get(KEY)

    async def test_a_file_where_a_folder_should_be_is_an_outage(self, objects: LocalObjects, root: Path) -> None:
        lay_file(root / "public")

        with pytest.raises(ObjectStoreUnavailable):
            await objects.put(KEY, PNG)

    async def test_a_root_that_cannot_be_made_is_an_outage(self, root: Path) -> None:
        lay_file(root)

        with pytest.raises(ObjectStoreUnavailable):
            await LocalObjects(root / "objects").put(KEY, PNG)

    async def test_what_is_on_no_disk_yet_has_no_name_yet(
        self, objects: LocalObjects, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Written and synced first, renamed then, and the folder synced last."""
        steps: list[str] = []
        fsync, replace = os.fsync, os.replace
        (root / "public").mkdir(parents=True)

        def synced(descriptor: int) -> None:
            steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
            fsync(descriptor)

        def renamed(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
            steps.append("rename")
            replace(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(os, "replace", renamed)
        await objects.put("public/img.png", PNG)

        assert steps == ["file", "rename", "folder"]

    async def test_a_missing_folder_is_a_missing_file(self, objects: LocalObjects) -> None:
        with pytest.raises(ObjectMissing):
            await objects.get("public/nowhere/img.png")


def _fails(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _break(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if step != "write":
        monkeypatch.setattr(os, step, _fails)
        return
    real = os.fdopen

    class Full:
        """Takes the first half and then has no room."""

        def __init__(self, descriptor: int) -> None:
            self._file = real(descriptor, "wb")

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, data: bytes) -> None:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            _fails()

    monkeypatch.setattr(
        os,
        "fdopen",
        lambda descriptor, mode: Full(descriptor) if mode == "wb" else real(descriptor, mode),
    )


async def test_only_whole_files_of_ours_are_measured(objects: LocalObjects, root: Path, tmp_path: Path) -> None:
    await objects.put(KEY, PNG)
    folder = (root / KEY).parent
    (folder / ".half-written").write_bytes(b"half")
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"of others")
    (folder / "link.png").symlink_to(outside)

    assert dict(await objects.kept()) == {"public/events": Kept(1, len(PNG.data))}


async def test_a_folder_that_cannot_be_looked_into_is_an_outage_and_not_empty(
    objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    await objects.put(KEY, PNG)

    def shut(_folder: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "scandir", shut)
    with pytest.raises(ObjectStoreUnavailable, match="Permission denied"):
        await objects.kept()
