import pytest

from tests.support.command_line import CommandLine


def _states(line: CommandLine, purpose: str) -> list[str]:
    return [key["state"] for key in line.json("keys", "list")["items"] if key["purpose"] == purpose]


def test_a_new_installation_has_one_active_key_of_each_purpose(line: CommandLine) -> None:
    keys = line.json("keys", "list")["items"]

    assert sorted((key["purpose"], key["id"], key["state"]) for key in keys) == [
        ("seal", 1, "active"),
        ("sign", 1, "active"),
    ]
    assert "secret" not in str(keys)


@pytest.mark.parametrize("purpose", ["sign", "seal"])
def test_rotation_keeps_the_old_key_for_what_was_sold(line: CommandLine, purpose: str) -> None:
    document = line.json("keys", "rotate", purpose)

    assert (document["id"], document["state"]) == (2, "active")
    assert _states(line, purpose) == ["verify_only", "active"]


def test_a_dry_run_revokes_nothing(line: CommandLine) -> None:
    document = line.json("keys", "revoke", "sign", "1", "--dry-run")

    assert document["would_rotate"] is True
    assert _states(line, "sign") == ["active"]


def test_revoking_asks_first(line: CommandLine) -> None:
    assert line.type("keys", "revoke", "sign", "1", typed="n\n").exit_code == 1
    assert _states(line, "sign") == ["active"]
    assert line.json("keys", "revoke", "sign", "1", "--yes")["state"] == "revoked"
    assert _states(line, "sign") == ["revoked", "active"]


def test_an_unknown_key_is_not_found(line: CommandLine) -> None:
    for words in (("--yes",), ("--dry-run",)):
        assert line.type("keys", "revoke", "seal", "9", *words).exit_code == 3
