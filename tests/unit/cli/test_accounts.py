from application.access import Actor
from domain.account import Role
from tests.support.command_line import CommandLine
from tests.support.world import PASSWORD

EMAIL = "ada@example.com"


def _create(line: CommandLine, *more: str, email: str = EMAIL) -> str:
    document = line.json("accounts", "create", email, "--name", "Ada", "--password-stdin", *more, typed=f"{PASSWORD}\n")
    account_id: str = document["id"]
    return account_id


def test_a_created_account_is_shown_by_address_and_id(line: CommandLine) -> None:
    account_id = _create(line, "--role", "organizer", "--approved")

    by_email = line.json("accounts", "show", "ADA@example.com")
    assert by_email == line.json("accounts", "show", account_id)
    assert by_email["role"] == "organizer"
    assert by_email["kyc_status"] == "approved"
    assert by_email["email_confirmed"] is True
    assert "password" not in str(by_email)


def test_a_password_is_asked_for_twice_and_never_shown(line: CommandLine) -> None:
    result = line.type("accounts", "create", EMAIL, "--name", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert "Password" not in result.stdout


def test_a_password_is_no_option(line: CommandLine) -> None:
    assert line.type("accounts", "create", EMAIL, "--name", "Ada", "--password", PASSWORD).exit_code == 2


def test_a_weak_password_is_refused_as_a_wrong_value(line: CommandLine) -> None:
    result = line.type("accounts", "create", EMAIL, "--name", "Ada", "--password-stdin", typed="short\n")

    assert result.exit_code == 2
    assert "at least 15 characters" in result.stderr


def test_an_address_is_taken_once(line: CommandLine) -> None:
    _create(line)

    document = line.json(
        "accounts", "create", EMAIL, "--name", "Ada", "--password-stdin", typed=f"{PASSWORD}\n", exit_code=4
    )
    assert document["error"]["code"] == "already_exists"
    assert document["error"]["exit_code"] == 4


def test_roles_are_given_and_taken(line: CommandLine) -> None:
    _create(line)

    assert line.json("accounts", "grant", EMAIL, "admin")["roles"] == ["admin", "user"]
    assert line.json("accounts", "revoke", EMAIL, "admin")["roles"] == ["user"]


def test_the_last_superadmin_stays(line: CommandLine) -> None:
    _create(line, "--role", "superadmin")

    document = line.json("accounts", "revoke", EMAIL, "superadmin", exit_code=4)
    assert document["error"]["code"] == "last_superadmin"
    assert line.json("accounts", "show", EMAIL)["role"] == "superadmin"


def test_an_account_is_switched_off_and_on(line: CommandLine) -> None:
    _create(line)

    assert line.json("accounts", "disable", EMAIL)["status"] == "disabled"
    assert line.json("accounts", "enable", EMAIL)["status"] == "active"


def test_signing_out_ends_every_session(line: CommandLine) -> None:
    actor = line.do(line.world.person(email=EMAIL))
    epoch = actor.signed_in().epoch
    line.ok("accounts", "sign-out", EMAIL)

    assert line.do(line.world.deeds.accounts.show(line.world.operator, EMAIL)).epoch == epoch + 1


def test_a_reset_link_goes_out_without_a_server(line: CommandLine) -> None:
    _create(line)
    said = line.ok("accounts", "reset-password", EMAIL)

    assert EMAIL in said
    assert len(line.world.mailbox.to(EMAIL)) == 1


def test_no_relay_leaves_the_mail_to_the_server(line: CommandLine) -> None:
    _create(line)
    line.ok("accounts", "reset-password", EMAIL, "--no-relay")
    assert not line.world.mailbox.to(EMAIL)

    line.do(line.world.settle())
    assert len(line.world.mailbox.to(EMAIL)) == 1


def test_what_could_not_be_sent_is_said(line: CommandLine) -> None:
    class Broken:
        async def send(self, _mail: object) -> None:
            raise OSError("no route")

    _create(line)
    object.__setattr__(line.world.container.post(), "mailer", Broken())
    result = line.type("accounts", "reset-password", EMAIL, "--json")

    assert result.exit_code == 0
    assert "1 mails or refunds wait" in result.stderr
    assert result.stdout.lstrip().startswith("{")


def test_a_disabled_person_gets_no_link_and_the_operator_is_told(line: CommandLine) -> None:
    _create(line)
    line.ok("accounts", "disable", EMAIL)

    assert "no link was sent" in line.ok("accounts", "reset-password", EMAIL)
    assert not line.world.mailbox.to(EMAIL)


def test_a_dry_run_deletes_nobody(line: CommandLine) -> None:
    account_id = _create(line)
    document = line.json("accounts", "delete", EMAIL, "--dry-run")

    assert document["dry_run"] is True
    assert document["would_delete"]["id"] == account_id
    assert document["counts"]["bookings"] == 0
    assert document["obstacles"] == []
    assert line.json("accounts", "show", EMAIL)["status"] == "active"


def test_deleting_asks_and_takes_no_for_an_answer(line: CommandLine) -> None:
    _create(line)

    assert line.type("accounts", "delete", EMAIL, typed="n\n").exit_code == 1
    assert line.json("accounts", "show", EMAIL)["status"] == "active"


def test_a_deleted_person_is_forgotten(line: CommandLine) -> None:
    account_id = _create(line)
    result = line.type("accounts", "delete", EMAIL, "--yes")

    assert result.exit_code == 0
    assert line.json("accounts", "show", EMAIL, exit_code=3)["error"]["code"] == "not_found"
    assert line.json("accounts", "show", account_id)["status"] == "deleted"


def test_who_is_still_needed_is_not_deleted_and_a_dry_run_says_why(line: CommandLine) -> None:
    _create(line, "--role", "organizer", "--approved")
    person = line.do(line.world.deeds.accounts.show(line.world.operator, EMAIL))
    event = line.do(line.world.event(Actor.person(person)))

    document = line.json("accounts", "delete", EMAIL, "--dry-run")
    refused = line.json("accounts", "delete", EMAIL, "--yes", exit_code=4)

    assert [obstacle["id"] for obstacle in document["obstacles"]] == [event.id]
    assert refused["error"]["code"] == "erasure_refused"
    assert "call it off" in line.ok("accounts", "delete", EMAIL, "--dry-run")


def test_a_list_goes_on_where_the_page_before_ended(line: CommandLine) -> None:
    for _ in range(3):
        line.do(line.world.person(Role.USER))
        line.world.clock.advance(1)
    first = line.json("accounts", "list", "--limit", "2")
    second = line.json("accounts", "list", "--limit", "2", "--cursor", first["next_cursor"])
    everything = line.json("accounts", "list", "--all")

    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert second["next_cursor"] is None
    assert first["items"] + second["items"] == everything["items"]
    assert everything["next_cursor"] is None


def test_all_reads_more_than_one_page(line: CommandLine) -> None:
    for _ in range(103):
        line.do(line.world.person(Role.USER))

    assert len(line.json("accounts", "list", "--all")["items"]) == 103


def test_a_list_is_narrowed_by_role_and_words(line: CommandLine) -> None:
    line.do(line.world.person(Role.ADMIN, email="boss@example.com"))
    line.do(line.world.person(Role.USER, email="buyer@example.com"))

    assert [a["email"] for a in line.json("accounts", "list", "--role", "admin")["items"]] == ["boss@example.com"]
    assert [a["email"] for a in line.json("accounts", "list", "--search", "buyer")["items"]] == ["buyer@example.com"]


def test_a_foreign_cursor_is_a_usage_error(line: CommandLine) -> None:
    assert line.json("accounts", "list", "--cursor", "!", exit_code=2)["error"]["code"] == "invalid_cursor"


def test_a_list_in_a_pipe_is_rows_with_tabs(line: CommandLine) -> None:
    line.do(line.world.person(email=EMAIL))
    heading, row = line.ok("accounts", "list").splitlines()

    assert heading.split("\t")[:2] == ["id", "email"]
    assert row.split("\t")[1] == EMAIL


def test_a_list_is_sieved_by_state_identity_check_and_day(line: CommandLine) -> None:
    account_id = _create(line, "--role", "organizer", "--approved")
    line.do(line.world.person())
    line.ok("accounts", "disable", EMAIL)

    def listed(*words: str) -> list[str]:
        return [item["id"] for item in line.json("accounts", "list", *words)["items"]]

    assert listed("--status", "disabled") == [account_id]
    assert listed("--kyc", "approved", "--role", "organizer") == [account_id]
    assert len(listed("--since", "2026-11-22", "--until", "2026-11-23")) == 2
    assert listed("--until", "2026-11-22") == []
    assert listed("--since", "2026-11-23") == []


def test_an_account_is_shown_with_what_belongs_to_it(line: CommandLine) -> None:
    buyer = line.do(line.world.person(email=EMAIL))
    line.do(line.world.buy(buyer, line.do(line.world.event())))

    shown = line.json("accounts", "show", EMAIL)

    assert (shown["bookings"], shown["events"], shown["open_money_matters"]) == (1, 0, 0)
    assert "open money matters" in line.ok("accounts", "show", EMAIL)


def test_a_temporary_password_is_shown_once(line: CommandLine) -> None:
    _create(line)

    given = line.json("accounts", "temporary-password", EMAIL)

    assert len(given["password"]) >= 26
    assert given["expires_at"] == "2026-11-23T12:00:00+00:00"
    assert given["password"] not in str(line.json("accounts", "show", EMAIL))
    line.ok("accounts", "disable", EMAIL)
    assert line.type("accounts", "temporary-password", EMAIL).exit_code == 4


def test_everybody_is_signed_out_by_typed_words_and_by_no_others(line: CommandLine) -> None:
    assert line.type("accounts", "sign-out", "--everyone", typed="yes\n").exit_code == 4
    assert line.type("accounts", "sign-out").exit_code == 2
    assert line.type("accounts", "sign-out", EMAIL, "--everyone").exit_code == 2

    assert line.type("accounts", "sign-out", "--everyone", typed="sign everybody out\n").exit_code == 0
    assert line.json("accounts", "sign-out", "--everyone", "--confirm", "sign everybody out") == {"era": 2}
