"""The command line as people have it: a process of its own, on SQLite, with every command at least once."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from attrs import define, field

from tests.support.polling import until
from tests.support.sandbox_provider import PLAIN, free_port

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
PASSWORD: Final = "correct horse battery staple"


@define(eq=False)
class Shell:
    """A folder of its own, and nothing in the environment but what is said here."""

    folder: Path
    variables: dict[str, str] = field(factory=dict)
    port: int = field(factory=free_port)
    sandbox_port: int = field(factory=free_port)

    @property
    def environ(self) -> Mapping[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RELEX_")}
        return plain | {
            "PYTHONPATH": str(ROOT),
            "RELEX_PORT": str(self.port),
            "RELEX_SANDBOX_URL": f"http://127.0.0.1:{self.sandbox_port}",
            "RELEX_OPEN_DOCS": "false",
            **self.variables,
        }

    @property
    def database(self) -> Path:
        return self.folder / "var" / "relexbooking.db"

    def run(self, *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "bootstrap", *words],
            cwd=self.folder,
            env=self.environ,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *words: str, typed: str = "", exit_code: int = 0) -> Any:
        """The one document on standard output."""
        done = self.run(*words, "--json", typed=typed)
        assert done.returncode == exit_code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def digest(self) -> str:
        """Of all that is stored, row by row."""
        with sqlite3.connect(self.database) as database:
            dump = "\n".join(database.iterdump())
        database.close()
        return hashlib.sha256(dump.encode()).hexdigest()

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """A process that runs on."""
        with (self.folder / "out.txt").open("w") as out, (self.folder / "err.txt").open("w") as err:
            return subprocess.Popen(
                [sys.executable, "-m", "bootstrap", *words], cwd=self.folder, env=self.environ, stdout=out, stderr=err,
                text=True,
            )  # fmt: skip

    def words(self) -> str:
        """What the process that runs on has said."""
        return (self.folder / "out.txt").read_text() + (self.folder / "err.txt").read_text()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", verify=PLAIN, trust_env=False, timeout=10)
    except httpx.HTTPError:
        return False
    return True


async def _is_up(shell: Shell, process: "subprocess.Popen[str]") -> None:
    def up() -> bool:
        assert process.poll() is None, shell.words()
        return _answers(shell.port)

    await until(up)


def _processes() -> dict[int, int]:
    """Every process of this machine, with its parent."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    alive = [row.split() for row in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in alive if not state.startswith("Z")}


def _descendants(pid: int) -> set[int]:
    parents = _processes()
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def _stop(process: "subprocess.Popen[str]", how: signal.Signals) -> set[int]:
    """Ask it to end; those of its children and theirs that it left behind."""
    children = _descendants(process.pid)
    assert children
    process.send_signal(how)
    assert process.wait(60) == 0
    return children & set(_processes())


def test_a_life_of_an_event(shell: Shell) -> None:
    shell.json("accounts", "create", "olga@example.com", "--name", "Olga", "--role", "organizer", "--approved",
               "--password-stdin", typed=f"{PASSWORD}\n")  # fmt: skip
    event_id = shell.json(
        "events", "create", "--organizer", "olga@example.com", "--title", "Jazz", "--venue", "Hall",
        "--starts", "2099-03-05 20:00", "--ends", "2099-03-05 23:00", "--zone", "Asia/Kolkata",
        "--currency", "INR", "--price", "499.00", "--capacity", "10",
    )["id"]  # fmt: skip

    assert shell.json("events", "publish", event_id)["status"] == "published"
    assert shell.json("events", "capacity", event_id, "20")["allotments"][0]["capacity"] == 20
    assert [event["id"] for event in shell.json("events", "list")["items"]] == [event_id]
    assert shell.json("events", "show", event_id)["starts_at"] == "2099-03-05T20:00:00+05:30"
    assert shell.json("events", "cancel", event_id, "--title", "Jazz")["status"] == "cancelled"


def test_accounts_and_their_mail(shell: Shell) -> None:
    shell.json("accounts", "create", "ada@example.com", "--name", "Ada", "--password-stdin", typed=f"{PASSWORD}\n")

    assert [account["email"] for account in shell.json("accounts", "list")["items"]] == ["ada@example.com"]
    assert shell.json("accounts", "grant", "ada@example.com", "admin")["role"] == "admin"
    assert shell.json("accounts", "revoke", "ada@example.com", "admin")["role"] == "user"
    assert shell.json("accounts", "disable", "ada@example.com")["status"] == "disabled"
    assert shell.json("accounts", "enable", "ada@example.com")["status"] == "active"
    assert shell.json("accounts", "sign-out", "ada@example.com")["status"] == "active"
    shell.json("accounts", "reset-password", "ada@example.com")
    assert len(list((shell.folder / "var" / "mailbox").glob("*.eml"))) == 1
    assert shell.json("accounts", "delete", "ada@example.com", "--yes")["status"] == "deleted"
    assert shell.json("accounts", "show", "ada@example.com", exit_code=3)["error"]["code"] == "not_found"


def test_keys_and_schema(shell: Shell) -> None:
    assert shell.json("db", "status")["state"] == "empty"
    assert shell.json("db", "upgrade")["applied"]
    assert shell.json("db", "upgrade")["applied"] == []
    assert shell.json("db", "status")["state"] == "current"
    assert shell.json("keys", "rotate", "seal")["id"] == 2
    assert shell.json("keys", "revoke", "seal", "1", "--yes")["state"] == "revoked"
    assert len(shell.json("keys", "list")["items"]) == 3


@pytest.mark.parametrize(
    ("variables", "words", "exit_code"),
    [
        ({"RELEX_PORTT": "1"}, ("keys", "list"), 7),
        ({"RELEX_PORT": "0"}, ("keys", "list"), 7),
        ({"RELEX_STORE": "stone"}, ("keys", "list"), 7),
        ({"RELEX_DATABASE_URL": "mysql://x/y"}, ("keys", "list"), 7),
        ({"RELEX_BASE_URL": "https://tickets.example.com"}, ("serve",), 7),
        ({"RELEX_BASE_URL": "https://tickets.example.com"}, ("demo",), 7),
        ({"RELEX_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}, ("events", "list"), 6),
        ({"RELEX_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}, ("serve",), 6),
        ({}, ("events", "show", "evt_nowhere"), 3),
        ({}, ("bookings", "list"), 2),
    ],
)
def test_expected_errors_are_words_and_an_exit_code(
    shell: Shell, variables: dict[str, str], words: tuple[str, ...], exit_code: int
) -> None:
    shell.variables = variables
    done = shell.run(*words)

    assert done.returncode == exit_code, done.stdout + done.stderr
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


class TestOnTheDemonstration:
    """Loaded once for the tests that only look, or that undo what they do."""

    @pytest.fixture(scope="class")
    @classmethod
    def shell(cls, tmp_path_factory: pytest.TempPathFactory) -> Shell:
        return Shell(tmp_path_factory.mktemp("demo"))

    @pytest.fixture(scope="class")
    @classmethod
    def shown(cls, shell: Shell) -> dict[str, Any]:
        document: dict[str, Any] = shell.json("demo", "--no-serve")
        return document

    def test_a_dry_run_changes_nothing(self, shell: Shell, shown: dict[str, Any]) -> None:
        booking_id = shell.json("bookings", "list", "--event", shown["on_sale_event_id"], "--status", "confirmed")[
            "items"
        ][0]["id"]
        before, keys = shell.digest(), (shell.folder / "var" / "keys" / "ring.json").read_bytes()
        for words in (
            ("accounts", "delete", "asha@demo.example"),
            ("events", "cancel", shown["on_sale_event_id"]),
            ("bookings", "cancel", booking_id),
            ("keys", "revoke", "sign", "1"),
        ):
            assert shell.json(*words, "--dry-run")["dry_run"] is True
            assert shell.digest() == before

        assert (shell.folder / "var" / "keys" / "ring.json").read_bytes() == keys

    def test_the_digest_would_tell(self, shell: Shell, shown: dict[str, Any]) -> None:
        before = shell.digest()
        shell.json("accounts", "sign-out", "chen@demo.example")

        assert shell.digest() != before

    def test_a_reader_that_leaves_early_is_no_error(self, shell: Shell, shown: dict[str, Any]) -> None:
        reader, writer = os.pipe()
        os.close(reader)  # As `head` does when it has seen enough.
        listing = [sys.executable, "-m", "bootstrap", "events", "list", "--all"]
        done = subprocess.run(
            listing, cwd=shell.folder, env=shell.environ, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writer)

        assert done.stderr == ""

    def test_a_second_start_makes_nothing_new(self, shell: Shell, shown: dict[str, Any]) -> None:
        def counts() -> dict[str, int]:
            with sqlite3.connect(shell.database) as database:
                tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                found = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608 - our own tables
            database.close()
            return found

        shell.json("demo", "--no-serve")  # It seals what tests before this one did.
        before = counts()
        assert shell.json("demo", "--no-serve")["made"] == 0
        assert counts() == before

    def test_a_ticket_goes_through_the_door_and_back(self, shell: Shell, shown: dict[str, Any]) -> None:
        ticket_id, event_id = shown["valid_ticket_id"], shown["active_event_id"]
        assert shell.json("tickets", "regenerate", ticket_id)["items"][0]["generation"] >= 2
        token = shell.run("tickets", "show", ticket_id, "--token").stdout

        assert shell.json("tickets", "scan", event_id, "-", "--gate", "N", typed=token)["outcome"] == "admitted"
        assert shell.json("tickets", "scan", event_id, "-", typed=token, exit_code=4)["reason"] == "ticket_used"
        assert shell.json("tickets", "undo", ticket_id, "--reason", "test")["outcome"] == "undone"
        history = shell.json("tickets", "history", event_id, "--all")["items"]
        assert [entry["outcome"] for entry in history[:3]] == ["undone", "refused", "admitted"]

    def test_a_qr_code_is_written(self, shell: Shell, shown: dict[str, Any]) -> None:
        shell.json("tickets", "show", shown["valid_ticket_id"], "--qr", "ticket.png")

        assert (shell.folder / "ticket.png").read_bytes().startswith(b"\x89PNG")

    def test_bookings_are_shown(self, shell: Shell, shown: dict[str, Any]) -> None:
        listed = shell.json("bookings", "list", "--buyer", "asha@demo.example", "--all")["items"]
        full = shell.json("bookings", "show", listed[0]["id"])

        assert len(listed) >= 5
        assert full["booking"]["id"] == listed[0]["id"]

    def test_what_was_sold_is_reported_and_the_books_agree(self, shell: Shell, shown: dict[str, Any]) -> None:
        event_id = shown["on_sale_event_id"]
        checked = shell.json("reports", "check")
        piped = shell.run("reports", "transactions", "--event", event_id, "--output", "-")
        written = shell.json("reports", "transactions", "--event", event_id, "--output", "sold.csv")

        assert (checked["right"], checked["rows"] > 0) == (True, True)
        assert shell.json("reports", "event", event_id)["totals"][0]["net"]["amount_minor"] > 0
        assert (shell.folder / "sold.csv").read_text(encoding="utf-8-sig") == piped.stdout
        assert len(piped.stdout.splitlines()) == written["rows"] + 1 > 1
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        assert shell.json("reports", "daily", today)["start"] == today
        assert shell.json("reports", "monthly", today[:7])["totals"] != []

    def test_without_a_server_doctor_misses_the_sandbox(self, shell: Shell, shown: dict[str, Any]) -> None:
        document = shell.json("doctor", exit_code=1)

        assert [f["subject"] for f in document["findings"] if f["verdict"] == "wrong"] == ["payments: sandbox"]
        assert "links are whole" in next(f["said"] for f in document["findings"] if f["subject"] == "audit")

    async def test_the_server_answers_and_stops_without_leaving_a_child(
        self, shell: Shell, shown: dict[str, Any]
    ) -> None:
        process = shell.start("demo")
        try:
            await _is_up(shell, process)
            assert shell.json("doctor")["healthy"] is True
        finally:
            left = _stop(process, signal.SIGTERM)

        assert left == set()
        assert not _answers(shell.port)
        assert not _answers(shell.sandbox_port)
        assert "Traceback" not in shell.words()


@pytest.fixture
def planted(shell: Shell) -> Shell:
    """An installation that is in order, but for the sandbox, which nobody started."""
    shell.json("keys", "list")
    return shell


def _wrong(shell: Shell) -> set[str]:
    findings = shell.json("doctor", exit_code=1)["findings"]
    assert all(finding["mend"] for finding in findings if finding["verdict"] == "wrong")
    return {finding["subject"] for finding in findings if finding["verdict"] == "wrong"} - {"payments: sandbox"}


def test_doctor_finds_a_key_that_others_may_read(planted: Shell) -> None:
    assert _wrong(planted) == set()
    (planted.folder / "var" / "keys" / "ring.json").chmod(0o644)

    assert _wrong(planted) == {"ticket keys"}
    assert planted.json("keys", "list", exit_code=7)["error"]["code"] == "SecretsUnusable"


def test_doctor_finds_a_schema_from_the_future(planted: Shell) -> None:
    with sqlite3.connect(planted.database) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    assert _wrong(planted) == {"store"}
    assert planted.json("db", "status")["state"] == "newer"
    assert planted.json("db", "upgrade", exit_code=7)["error"]["code"] == "SchemaTooNew"
    assert planted.json("events", "list", exit_code=7)["error"]["code"] == "SchemaTooNew"


def test_doctor_finds_a_wrong_setting(shell: Shell) -> None:
    shell.variables = {"RELEX_SMTP_PORT": "0"}

    assert _wrong(shell) == {"settings"}


def test_doctor_finds_a_folder_that_cannot_be_written_and_changes_nothing(shell: Shell) -> None:
    (shell.folder / "var").touch()

    assert "data folder" in _wrong(shell)
    assert [path.name for path in shell.folder.iterdir()] == ["var"]


def test_doctor_finds_a_mail_server_that_is_down(shell: Shell) -> None:
    shell.variables = {"RELEX_MAILER": "smtp", "RELEX_SMTP_HOST": "127.0.0.1", "RELEX_SMTP_PORT": str(free_port())}

    assert _wrong(shell) == {"mail"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_serve_starts_the_sandbox_and_takes_it_along(shell: Shell, how: signal.Signals) -> None:
    process = shell.start("serve", "--workers", "2")
    try:
        await _is_up(shell, process)
        await until(lambda: _answers(shell.sandbox_port))
    finally:
        left = _stop(process, how)

    assert left == set()
    assert not _answers(shell.sandbox_port)
    assert f"http://127.0.0.1:{shell.port}" in shell.words()


async def test_serve_leaves_a_sandbox_that_runs_already_alone(shell: Shell) -> None:
    sandbox = shell.start("sandbox")
    try:
        await until(lambda: _answers(shell.sandbox_port))
        server = shell.start("serve")
        try:
            await _is_up(shell, server)
        finally:
            assert _stop(server, signal.SIGTERM) == set()
        assert _answers(shell.sandbox_port)
    finally:
        assert _stop(sandbox, signal.SIGTERM) == set()


async def test_a_worker_sends_what_a_command_left(shell: Shell) -> None:
    shell.json("accounts", "create", "ada@example.com", "--name", "Ada", "--password-stdin", typed=f"{PASSWORD}\n")
    shell.json("accounts", "reset-password", "ada@example.com", "--no-relay")
    mailbox = shell.folder / "var" / "mailbox"
    assert not list(mailbox.glob("*.eml"))

    worker = shell.start("worker")
    try:
        await until(lambda: bool(list(mailbox.glob("*.eml"))))
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert "Traceback" not in shell.words()
