"""What reaches the log: our own words, the listed fields in their forms, and nothing that came from elsewhere."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.monitoring.logs import FIELDS, HIDDEN, NOT_OURS, AllowListed, Form, start_log
from domain.ids import make_id

CANARY = "Q7canary@example.com"
PAYMENT = make_id("pay", bytes(16))
ROOT = Path(__file__).parents[2]
BUILT_IN = vars(logging.makeLogRecord({})).keys()


def line(form: Form = Form.TEXT, *, logger: str = "application.relay", **given: Any) -> str:
    record = logging.makeLogRecord({"name": logger, "levelname": "WARNING", "msg": "it happened", **given})
    return AllowListed(form).format(record)


def raised(error: BaseException) -> dict[str, Any]:
    try:
        raise error
    except type(error) as caught:
        return {"exc_info": (type(caught), caught, caught.__traceback__)}


def test_our_own_words_and_the_listed_fields_are_told() -> None:
    said = line(payment=PAYMENT, count=3, request_id="req_1")

    assert said.endswith(f"WARNING application.relay req_1 it happened count=3 payment={PAYMENT}")


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"folder"}))
def test_a_field_in_another_form_than_its_own_is_hidden(field: str) -> None:
    given: dict[str, Any] = {field: f"{CANARY}\n"}

    assert line(**given).endswith(f"{field}={HIDDEN}")


@pytest.mark.parametrize("form", Form)
def test_what_is_not_listed_is_left_out(form: Form) -> None:
    said = line(form, email=CANARY, args=(CANARY,), password=CANARY)

    assert CANARY not in said
    assert "it happened" in said


def test_arguments_are_never_put_into_the_words() -> None:
    assert CANARY not in line(msg="mailed %s", args=(CANARY,))


def test_an_exception_tells_its_kinds_and_places_and_none_of_its_words() -> None:
    error = RuntimeError(f"cannot mail {CANARY}")
    error.__cause__ = KeyError(CANARY)

    said = line(**raised(error))

    assert CANARY not in said
    first, second = said.index("builtins.KeyError"), said.index("builtins.RuntimeError")
    assert first < second
    assert "test_logs.py" in said


def test_an_exception_that_causes_itself_ends() -> None:
    error = RuntimeError(CANARY)
    error.__context__ = cause = ValueError(CANARY)
    cause.__context__ = error

    assert line(**raised(error)).count("builtins.") == 2


def test_words_of_other_libraries_are_left_out_and_their_place_is_kept() -> None:
    said = line(logger="sqlalchemy.pool", msg=f"INSERT {CANARY}", module="base", lineno=7, payment=CANARY)

    assert CANARY not in said
    assert said.endswith(f"{NOT_OURS} where=base:7")


@pytest.mark.parametrize(
    ("words", "level", "is_kept"),
    [
        ("Starting granian (main PID: 12)", logging.INFO, True),
        ("Listening at: http://127.0.0.1:8000", logging.INFO, True),
        ("Spawning worker-1 with PID: 13", logging.INFO, True),
        ("Application callable raised an exception", logging.ERROR, False),
        (f"Listening at: http://127.0.0.1:8000 {CANARY}", logging.INFO, False),
    ],
)
def test_the_server_says_when_it_starts_and_nothing_of_requests(words: str, level: int, *, is_kept: bool) -> None:
    assert (words in line(logger="_granian.serve", msg=words, levelno=level)) is is_kept


def test_a_line_for_collectors_is_one_json_document() -> None:
    said = json.loads(line(Form.JSON, payment=PAYMENT, **raised(RuntimeError(CANARY))))

    assert (said["logger"], said["said"], said["payment"]) == ("application.relay", "it happened", PAYMENT)
    assert said["raised"][0].strip() == "builtins.RuntimeError"


@pytest.fixture
def _root_as_before() -> Iterator[None]:
    root, raises = logging.getLogger(), logging.raiseExceptions
    level, before = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = before
    logging.raiseExceptions = raises


@pytest.mark.usefixtures("_root_as_before")
def test_other_libraries_are_heard_only_when_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    start_log("debug")

    logging.getLogger("urllib3").debug("POST /v1?key=%s", CANARY)
    logging.getLogger("urllib3").warning("retrying %s", CANARY)
    logging.getLogger("application.jobs").debug("ours")

    heard = capsys.readouterr().err
    assert [said.split(" ")[2] for said in heard.splitlines()] == ["urllib3", "application.jobs"]
    assert CANARY not in heard


@pytest.mark.usefixtures("_root_as_before")
def test_to_start_the_log_again_does_not_say_everything_twice(capsys: pytest.CaptureFixture[str]) -> None:
    start_log("debug")
    start_log("info")

    logging.getLogger("application.jobs").info("once")

    assert capsys.readouterr().err.count("once") == 1


@pytest.mark.usefixtures("_root_as_before")
def test_a_line_that_cannot_be_written_is_not_printed_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    closed = io.StringIO()
    closed.close()
    start_log("debug", stream=closed)

    logging.getLogger("application.jobs").info("mailed %s", CANARY)

    assert capsys.readouterr().err == ""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for folder in ("adapters", "application", "domain"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and _logs(node):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def _logs(call: ast.Call) -> bool:
    made_by = call.func
    return (
        isinstance(made_by, ast.Attribute)
        and isinstance(made_by.value, ast.Name)
        and made_by.value.id in {"log", "_log"}
        and made_by.attr in {"debug", "info", "warning", "error", "exception", "critical"}
    )


def test_every_line_of_ours_is_constant_words_and_no_arguments() -> None:
    wrong = [
        place
        for place, call in _calls()
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant) or "%" in str(call.args[0].value)
    ]

    assert len(list(_calls())) > 20
    assert wrong == []


def test_every_field_of_ours_is_listed() -> None:
    given = {
        key.value
        for _, call in _calls()
        for keyword in call.keywords
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant)
    }

    assert given <= set(FIELDS)
    assert not given & set(BUILT_IN), "logging keeps those names for itself"
