import json
from pathlib import Path

from domain.account import Role
from tests.support.command_line import CommandLine

EMAIL = "ada@example.com"


def test_an_export_is_one_file_for_its_owners_eyes(line: CommandLine, tmp_path: Path) -> None:
    actor = line.do(line.world.person(email=EMAIL))
    path = tmp_path / "ada.json"

    said = line.json("accounts", "export", EMAIL, "--output", str(path))

    document = json.loads(path.read_text())
    assert document["records"]["account"][0]["id"] == actor.name
    assert said["records"]["account"] == 1
    assert path.stat().st_mode & 0o077 == 0
    assert line.type("accounts", "export", EMAIL, "--output", str(path)).exit_code == 4
    line.ok("accounts", "export", EMAIL, "--output", str(path), "--force")


def test_nobody_of_that_name_leaves_no_file(line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "nobody.json"

    assert line.type("accounts", "export", "nobody@example.com", "--output", str(path)).exit_code == 3
    assert not path.exists()


def test_consent_is_shown_and_written_down(line: CommandLine) -> None:
    line.do(line.world.person(Role.USER, email=EMAIL))

    assert line.json("accounts", "consent", EMAIL) == {"items": []}
    line.json("accounts", "consent", EMAIL, "--marketing")
    line.world.clock.advance(1)
    said = line.json("accounts", "consent", EMAIL, "--no-marketing")["items"]

    assert [given["marketing"] for given in said] == [False, True]
    assert {given["place"] for given in said} == {"cli"}
    assert "no" in line.ok("accounts", "consent", EMAIL)
