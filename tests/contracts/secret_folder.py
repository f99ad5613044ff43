"""What every SecretFolder promises."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.secret_folder import SecretFolder, SecretsUnusable

NAME = "ring.json"


def put(folder: SecretFolder, content: bytes, name: str = NAME) -> None:
    folder.change(name, lambda _: content)


def _counted(text: bytes | None) -> bytes:
    return str(int(text or b"0") + 1).encode()


class SecretFolderContract:
    """A subclass says by `machine` how each machine opens the same folder."""

    @pytest.fixture
    def machine(self) -> Callable[[], SecretFolder]:
        raise NotImplementedError

    @pytest.fixture
    def folder(self, machine: Callable[[], SecretFolder]) -> SecretFolder:
        return machine()

    def test_what_was_never_put_there_is_not_there(self, folder: SecretFolder) -> None:
        seen: list[bytes | None] = []

        folder.change(NAME, seen.append)

        assert seen == [None]
        assert folder.stamp(NAME) is None
        with pytest.raises(SecretsUnusable, match=NAME):
            folder.read(NAME)

    def test_what_was_put_there_is_read_until_it_is_replaced(self, folder: SecretFolder) -> None:
        put(folder, b"first\n\n second line \xe2\x82\xac\n")
        stamp = folder.stamp(NAME)

        assert folder.read(NAME) == (stamp, b"first\n\n second line \xe2\x82\xac\n")
        put(folder, b"second")
        assert folder.read(NAME)[1] == b"second"
        assert folder.stamp(NAME) not in {stamp, None}

    def test_a_change_that_leaves_it_makes_no_new_version(self, folder: SecretFolder) -> None:
        put(folder, b"first")
        stamp = folder.stamp(NAME)

        folder.change(NAME, lambda _: None)

        assert folder.read(NAME) == (stamp, b"first")

    def test_a_change_that_fails_leaves_it(self, folder: SecretFolder) -> None:
        put(folder, b"first")

        def fail(_: bytes | None) -> bytes:
            raise LookupError

        with pytest.raises(LookupError):
            folder.change(NAME, fail)
        assert folder.read(NAME)[1] == b"first"

    def test_names_are_kept_apart(self, folder: SecretFolder) -> None:
        put(folder, b"first")
        put(folder, b"other", "keys.json")

        assert (folder.read(NAME)[1], folder.read("keys.json")[1]) == (b"first", b"other")

    def test_another_machine_sees_it_when_it_looks_again(self, machine: Callable[[], SecretFolder]) -> None:
        here, there = machine(), machine()
        put(here, b"first")
        there.look_again()
        assert there.read(NAME)[1] == b"first"

        there.change(NAME, lambda text: (text or b"") + b" and second")

        assert there.read(NAME)[1] == b"first and second"
        assert machine().read(NAME)[1] == b"first and second"

    def test_changes_at_the_same_time_are_all_kept(self, machine: Callable[[], SecretFolder]) -> None:
        folders = [machine() for _ in range(3)]

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda at: folders[at % 3].change(NAME, _counted), range(9)))

        assert machine().read(NAME)[1] == b"9"

    def test_it_says_where_it_is_and_no_secret(self, folder: SecretFolder) -> None:
        put(folder, b"s3cr3t")
        folder.read(NAME)

        assert NAME in folder.where(NAME)
        assert "s3cr3t" not in f"{folder!r} {folder} {folder.where()}"
