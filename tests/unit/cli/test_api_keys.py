from domain.api_key import Scope
from tests.support.command_line import CommandLine

EMAIL = "ada@example.com"


def _made(line: CommandLine, *more: str) -> tuple[str, str]:
    """The id and the secret."""
    line.do(line.world.person(email=EMAIL))
    new = line.json("api-keys", "create", "North gate", "--owner", EMAIL, "--scope", "door", *more)
    return new["key"]["id"], new["secret"]


def _opens(line: CommandLine, secret: str) -> bool:
    async def asked() -> bool:
        actor = await line.world.deeds.authenticate(secret)
        await line.world.container.seen().settle()
        return actor is not None

    return line.do(asked())


def test_a_key_is_made_shown_and_listed_with_its_secret_told_once(line: CommandLine) -> None:
    key_id, secret = _made(line, "--scope", "events:read", "--days", "30")

    shown = line.json("api-keys", "show", key_id)
    assert (shown["scopes"], shown["standing"]) == ([Scope.DOOR, Scope.EVENTS_READ], "active")
    assert shown["expires_at"] == "2026-12-22T12:00:00+00:00"
    assert line.json("api-keys", "list", "--owner", EMAIL)["items"] == [shown]
    assert secret not in line.ok("api-keys", "show", key_id) + line.ok("api-keys", "list")
    assert _opens(line, secret)


def test_the_first_line_is_the_secret_alone(line: CommandLine) -> None:
    line.do(line.world.person(email=EMAIL))
    said = line.ok("api-keys", "create", "North gate", "--owner", EMAIL, "--scope", "door")

    assert _opens(line, said.splitlines()[0])


def test_a_rotated_key_has_two_secrets_for_a_while(line: CommandLine) -> None:
    key_id, old = _made(line)
    new = line.json("api-keys", "rotate", key_id, "--overlap-hours", "1")["secret"]
    assert [_opens(line, secret) for secret in (old, new)] == [True, True]
    assert line.json("api-keys", "rotate", key_id, exit_code=4)["error"]["code"] == "api_key_rotating"

    line.world.clock.advance(3_600)

    assert [_opens(line, secret) for secret in (old, new)] == [False, True]


def test_a_key_is_revoked_after_a_question_and_not_by_a_dry_run(line: CommandLine) -> None:
    key_id, secret = _made(line)
    assert line.json("api-keys", "revoke", key_id, "--dry-run")["would_revoke"]["id"] == key_id
    assert line.type("api-keys", "revoke", key_id, typed="n\n").exit_code == 1
    assert _opens(line, secret)

    assert line.json("api-keys", "revoke", key_id, "--yes")["revoked"] == "by_staff"

    assert not _opens(line, secret)
    assert line.json("api-keys", "list", "--all")["items"][0]["standing"] == "revoked"


def test_what_cannot_be_is_refused(line: CommandLine) -> None:
    line.do(line.world.person(email=EMAIL))

    assert line.type("api-keys", "create", "X", "--owner", EMAIL, "--scope", "everything").exit_code == 2
    assert line.type("api-keys", "create", "X", "--owner", EMAIL, "--scope", "door", "--days", "400").exit_code == 2
    assert line.type("api-keys", "create", "X", "--owner", "no@example.com", "--scope", "door").exit_code == 3
    assert line.type("api-keys", "show", "key_nothing").exit_code == 3
