"""A file is there when it is whole, and no other one is written over."""

import stat
from pathlib import Path

import pytest

from adapters.cli import new_file
from adapters.cli.new_file import whole_file
from application.errors import AlreadyExists
from domain.errors import InvalidValue


def write(path: Path, *, force: bool = False) -> None:
    with whole_file(path, force=force) as file:
        file.write(b"new")


def test_a_new_file_is_written_for_its_owner_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a" / "report.csv"
    write(path)

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_one_that_exists_stays_as_it_is_unless_force_is_said(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    with pytest.raises(AlreadyExists, match="--force"):
        write(path)
    assert path.read_bytes() == b"old"
    write(path, force=True)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_to_nowhere_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "report.csv"
    link.symlink_to(tmp_path / "elsewhere.csv")

    with pytest.raises(AlreadyExists):
        write(link)
    assert not (tmp_path / "elsewhere.csv").exists()


def test_while_it_is_written_nobody_finds_it_under_its_name(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with whole_file(path, force=False) as file:
        file.write(b"half")
        assert not path.exists()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, b"old"])
def test_what_fails_half_way_leaves_what_was_there(
    tmp_path: Path, error: type[BaseException], before: bytes | None
) -> None:
    path = tmp_path / "report.csv"
    if before is not None:
        path.write_bytes(before)

    def fail() -> None:
        with whole_file(path, force=True) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()

    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([] if before is None else [before])


def _made_meanwhile(path: Path) -> None:
    with whole_file(path, force=False) as file:
        file.write(b"new")
        path.write_bytes(b"theirs")


def test_a_file_that_somebody_made_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"

    with pytest.raises(AlreadyExists):
        _made_meanwhile(path)

    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_without_the_claim_it_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_file, "_claim", lambda _: None)
    path = tmp_path / "report.csv"
    _made_meanwhile(path)

    assert path.read_bytes() == b"new"


def test_where_no_file_can_be_it_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(InvalidValue, match="cannot be written"):
        write(tmp_path / "file" / "report.csv")
