import os
from pathlib import Path

import pytest
from attrs import evolve

from adapters.cli.operations import Finding, Verdict
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_sandbox_is_meant, is_loopback, load_settings
from tests.support.command_line import CommandLine


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RELEX_"):
            monkeypatch.delenv(name)
    # What a command sets is taken back with these.
    monkeypatch.setenv("RELEX_PORT", "8000")
    monkeypatch.setenv("RELEX_HOST", "127.0.0.1")


def test_serve_takes_its_options_as_settings(line: CommandLine) -> None:
    said = line.ok("serve", "--port", "8123", "--workers", "3")

    assert line.operations.served == 3
    assert load_settings().port == 8123
    assert load_settings().base_url == "http://127.0.0.1:8123"
    assert "RelexBooking at http://" in said


def test_serve_tells_what_is_wrong_before_it_starts(line: CommandLine) -> None:
    line.operations.failing = WrongSetting("RELEX_STORE: mend it")

    assert line.type("serve").exit_code == 7
    assert not line.operations.served


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_told_before_anything_starts(line: CommandLine, command: str) -> None:
    line.operations.port_taken = WrongSetting("somebody listens there: choose another")

    assert line.type(command).exit_code == 7
    assert not line.operations.served
    assert not line.json("accounts", "list")["items"]


def test_worker_and_sandbox_run_until_they_end(line: CommandLine) -> None:
    assert "outbox" in line.ok("worker")
    assert "http://127.0.0.1:8001" in line.ok("sandbox")


def test_db_status_and_upgrade(line: CommandLine) -> None:
    assert line.json("db", "status") == {"revision": "0001", "head": "0002", "state": "behind"}
    assert line.json("db", "upgrade") == {"applied": ["0002"]}
    assert "relexbooking db upgrade" in line.ok("db", "status")


def test_doctor_ends_with_one_if_something_is_wrong(line: CommandLine) -> None:
    assert line.json("doctor")["healthy"] is True
    line.operations.findings = (Finding("mail", Verdict.WRONG, "no answer", "start it"),)

    document = line.json("doctor", exit_code=1)
    assert document["findings"] == [{"subject": "mail", "verdict": "wrong", "said": "no answer", "mend": "start it"}]


def test_doctor_takes_a_note_for_healthy(line: CommandLine) -> None:
    line.operations.findings = (Finding("disk", Verdict.NOTE, "little room", "make some"),)

    assert line.json("doctor")["healthy"] is True


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "http://a.localhost"]
)
def test_this_machine_is_recognised(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://0.0.0.0:8000", "http://192.168.1.4", "http://127.evil.example"]
)
def test_others_are_too(url: str) -> None:
    assert not is_loopback(url)


def test_the_sandbox_is_refused_where_others_reach_us() -> None:
    open_to_all = Settings(base_url="https://tickets.example.com")

    with pytest.raises(WrongSetting, match="RELEX_ALLOW_SANDBOX=true"):
        check_sandbox_is_meant(open_to_all)
    check_sandbox_is_meant(evolve(open_to_all, allow_sandbox=True))
    check_sandbox_is_meant(evolve(open_to_all, payments=("stripe",)))
    check_sandbox_is_meant(Settings())


def test_the_development_secrets_are_what_the_sandbox_takes(tmp_path: Path) -> None:
    from adapters.payments.sandbox.settings import settings_from
    from adapters.processes.sandbox import environment

    told = settings_from(environment(Settings(data_dir=tmp_path)))

    assert told.api_key == Settings().sandbox_api_key
    assert told.base_url == Settings().sandbox_url
