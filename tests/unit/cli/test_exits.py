"""How commands end: by the kind of error, in words, and without a stack trace."""

import json

import pytest

from adapters.cli.exits import Exit, exit_of
from adapters.setting_checks import WrongSetting
from application.errors import InvalidCursor, NotFound, PaymentUnavailable, SignInRequired
from application.ports.store import StoreUnavailable
from application.ports.ticket_codes import NoSuchKey
from domain.account import AccountDisabled, LastSuperAdmin, NotAllowed
from domain.allotment import SoldOut
from domain.errors import DomainError, InvalidValue
from domain.event import PublishingNeedsApproval
from tests.support.command_line import CommandLine


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("no"), Exit.NOT_FOUND),
        (NoSuchKey("no"), Exit.NOT_FOUND),
        (SoldOut("no"), Exit.REFUSED),
        (LastSuperAdmin("no"), Exit.REFUSED),
        (DomainError("no"), Exit.REFUSED),
        (InvalidValue("no"), Exit.USAGE),
        (InvalidCursor("no"), Exit.USAGE),
        (NotAllowed("no"), Exit.NOT_ALLOWED),
        (SignInRequired("no"), Exit.NOT_ALLOWED),
        (AccountDisabled("no"), Exit.NOT_ALLOWED),
        (PublishingNeedsApproval("no"), Exit.NOT_ALLOWED),
        (PaymentUnavailable("no"), Exit.UNAVAILABLE),
        (WrongSetting("no"), Exit.WRONG_SETTING),
        (ZeroDivisionError("no"), Exit.UNEXPECTED),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else given.name,
)
def test_each_kind_of_error_has_its_code(error: Exception, code: Exit) -> None:
    assert exit_of(error, {}) is code


def test_the_wiring_knows_the_errors_of_adapters() -> None:
    assert exit_of(StoreUnavailable("no"), {}) is Exit.UNEXPECTED
    assert exit_of(StoreUnavailable("no"), {StoreUnavailable: Exit.UNAVAILABLE}) is Exit.UNAVAILABLE


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (StoreUnavailable("the database is away"), Exit.UNAVAILABLE),
        (WrongSetting("RELEX_STORE: mend it"), Exit.WRONG_SETTING),
        (RuntimeError("a mistake of ours"), Exit.UNEXPECTED),
    ],
)
def test_an_error_is_words_and_a_code_and_a_document(line: CommandLine, failing: Exception, code: Exit) -> None:
    line.operations.failing = failing
    plain, machine = line.type("keys", "list"), line.type("keys", "list", "--json")

    assert plain.exit_code == machine.exit_code == code
    assert str(failing) in plain.stderr
    assert "Traceback" not in plain.output
    assert not plain.stdout
    assert json.loads(machine.stdout)["error"]["exit_code"] == code


def test_debug_shows_where(line: CommandLine) -> None:
    line.operations.failing = RuntimeError("a mistake of ours")
    result = line.type("keys", "list", "--debug")

    assert "Traceback" in result.stderr
    assert result.exit_code == Exit.UNEXPECTED


def test_every_deed_is_written_down_under_the_login(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    from adapters.cli.verbs import login

    monkeypatch.setenv("LOGNAME", "grace")

    assert login() == "grace"
