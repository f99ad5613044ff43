"""Second factors of others at the command line."""

from tests.support.command_line import CommandLine
from tests.support.second_steps import Person, sign_in


def test_an_operator_sees_and_removes_the_factors_of_somebody_who_lost_them(line: CommandLine) -> None:
    person = line.do(Person.with_app(line.world))
    who = person.account.email
    shown = line.json("accounts", "factors", who)
    assert (shown["passkeys"], shown["recovery_codes_left"]) == ([], 10)
    assert shown["totp_since"]
    assert person.app_secret not in line.ok("accounts", "factors", who)

    planned = line.json("accounts", "remove-factors", who, "--dry-run")
    assert planned["would_remove"] == shown
    assert line.do(sign_in(line.world, person.account)).awaits_factor

    removed = line.json("accounts", "remove-factors", who, "--yes")

    assert removed["totp_since"] is None
    assert not line.do(sign_in(line.world, person.account)).awaits_factor


def test_removing_is_asked_for_and_somebody_must_be_there(line: CommandLine) -> None:
    person = line.do(Person.with_app(line.world))

    assert line.type("accounts", "remove-factors", person.account.email, typed="n\n").exit_code != 0
    assert line.json("accounts", "factors", "nobody@example.com", exit_code=3)["error"]["code"] == "not_found"
    assert line.do(sign_in(line.world, person.account)).awaits_factor
