"""Planted in everything that can be sent and in everything that can fail, found in no log, metric or error page."""

import io
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from adapters.http.policy import route_handlers
from adapters.http.views import Body
from adapters.monitoring.logs import AllowListed, start_log
from adapters.persistence.sql_store import open_sql_store
from application.ports.mailer import Mail, MailFailed
from application.ports.store import Key
from domain.account import Role
from tests.support.http_stage import Caller, Stage
from tests.support.second_steps import Person
from tests.support.world import PASSWORD, World

CANARY: Final = "Zz9canary"
_IN_THE_WAY: Final = {
    "idempotency-key": "Zz9canary-key-of-it",
    "user-agent": f"{CANARY}/1.0",
    "referer": f"https://{CANARY}.example",
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a server writes at its most talkative."""
    monkeypatch.setattr(logging, "raiseExceptions", True)
    root, written = logging.getLogger(), io.StringIO()
    level, before = root.level, list(root.handlers)
    start_log("debug", stream=written)
    yield written
    root.setLevel(level)
    root.handlers[:] = before


def _poisoned(value: Any) -> Any:
    match value:
        case str():
            return f"{CANARY}{value}"
        case dict():
            return {name: _poisoned(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_poisoned(inner) for inner in value]
        case _:
            return value


def _requests(stage: Stage) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """For every route: the canary in path and query, and as the body, in each of its texts, as a name and as a form."""
    for path, handler in route_handlers(stage.app.routes):
        filled = re.sub(r"\{\w+:\w+\}", f"{CANARY}_0000000000000000000000", path)
        for method in handler.http_methods:
            yield method, filled, {"params": {"q": CANARY, "cursor": CANARY}}
            data = handler.parsed_fn_signature.parameters.get("data")
            example = getattr(data.annotation, "EXAMPLE", None) if data is not None else None
            if example is not None and issubclass(data.annotation, Body):  # type: ignore[union-attr]  # it has an example
                plain = msgspec.to_builtins(example)
                yield method, filled, {"json": plain}
                yield method, filled, {"json": _poisoned(plain)}
                yield method, filled, {"json": {**plain, CANARY: CANARY}}
            yield method, filled, {"content": CANARY.encode(), "headers": {"content-type": "application/json"}}
            if method == "POST":
                yield method, filled, {"data": {"password": CANARY, "token": CANARY, "email": f"{CANARY}@example.com"}}
                yield (
                    method,
                    filled,
                    {"files": {"file": (f"{CANARY}.jpg", CANARY.encode())}, "data": {"number": CANARY}},
                )


async def _send_everything(stage: Stage, callers: list[Caller]) -> list[str]:
    """What errors of ours came to: their bodies."""
    errors = []
    for method, path, request in _requests(stage):
        for caller in callers:
            headers = {**_IN_THE_WAY, **request.get("headers", {})}
            if caller.token:
                headers["authorization"] = f"Bearer {caller.token}"
            answer = await stage.client.request(method, path, **{**request, "headers": headers})
            stage.client.cookies.clear()
            if answer.status_code >= 500:
                errors.append(answer.text)
    return errors


async def _callers(stage: Stage) -> list[Caller]:
    stage.world.lift_limits()
    stranger = Caller(stage.client, stage.stranger.actor, f"{CANARY}-token")
    return [stranger, await stage.caller(Role.SUPERADMIN)]


@pytest.mark.slow
async def test_what_is_sent_reaches_no_log_and_no_metric(stage: Stage, log: io.StringIO) -> None:
    assert len(list(_requests(stage))) > 300

    await _send_everything(stage, await _callers(stage))

    written = log.getvalue()
    assert CANARY.casefold() not in written.casefold()
    assert CANARY.casefold() not in (await stage.stranger.get("/metrics")).text.casefold()


@pytest.mark.slow
async def test_what_goes_wrong_inside_tells_nobody_its_words(
    stage: Stage, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = await _callers(stage)
    whole = type(stage.world.deeds.health.store)
    as_ever = whole.get

    async def broken(*_: object) -> Any:
        raise RuntimeError(f"the statement had the parameters {CANARY}") from KeyError(CANARY)

    async def get(store: Any, keys: Iterable[Key]) -> Any:
        wanted = list(keys)
        is_sign_in = {key.kind for key in wanted} == {"session", "account", "installation"}
        return await (as_ever(store, wanted) if is_sign_in else broken())

    monkeypatch.setattr(whole, "get", get)
    monkeypatch.setattr(whole, "commit", broken)
    monkeypatch.setattr(whole, "list", broken)
    errors = await _send_everything(stage, callers)

    written = log.getvalue()
    assert len(errors) > 50, "many routes ask the store"
    assert "builtins.RuntimeError" in written
    assert CANARY.casefold() not in (written + "".join(errors)).casefold()


async def test_a_mail_that_cannot_be_sent_is_not_read_out(
    stage: Stage, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails: list[Mail] = []

    async def refuses(_: object, mail: Mail) -> None:
        mails.append(mail)
        raise MailFailed(f"550 {mail.to}: {mail.text}")

    monkeypatch.setattr(type(stage.world.mailbox), "send", refuses)
    await stage.stranger.post("/accounts", {"email": f"{CANARY}@example.com", "password": PASSWORD, "name": CANARY})
    await stage.world.settle()

    written = log.getvalue()
    assert mails, "it was tried"
    assert "a reaction failed" in written
    assert CANARY.casefold() not in written.casefold()
    assert not any(secret in written for mail in mails for secret in re.findall(r"[\w-]{30,}", mail.text))


async def test_a_log_that_puts_words_together_would_be_caught(
    stage: Stage, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control: with the usual formatter the words of exceptions are there to be found."""
    callers = await _callers(stage)

    async def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(type(stage.world.deeds.health.store), "list", broken)
    monkeypatch.setattr(AllowListed, "format", logging.Formatter("%(message)s").format)
    await callers[1].get("/accounts")

    assert CANARY in log.getvalue()


@pytest.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[Stage]:
    store = await open_sql_store(f"sqlite:///{tmp_path}/relexbooking.db")
    async with Stage.of(tmp_path, store) as stage:
        yield stage
    await store.close()


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("relexbooking.db*"))


async def _secrets(stage: Stage) -> list[str]:
    """Everything that opens something, as it was given to people."""
    world: World = stage.world
    person = await Person.with_app(world)
    signed_up = {"email": "new@example.com", "password": f"{CANARY} and more", "name": "New"}
    assert (await stage.stranger.post("/accounts", signed_up)).status_code < 300
    await stage.stranger.post("/password-resets", {"email": person.account.email})
    await world.settle()
    links = [secret for mail in world.mailbox.mails for secret in re.findall(r"token=([\w-]+)", mail.text)]
    assert len(links) >= 2, "one confirms, one resets"
    half = await stage.stranger.post("/sessions", {"email": person.account.email, "password": PASSWORD})
    stage.client.cookies.clear()
    buyer = await stage.caller()
    return [f"{CANARY} and more", PASSWORD, person.app_secret, half.json()["token"], buyer.token, *links]


async def test_what_opens_something_is_nowhere_on_the_disk_in_clear(on_disk: Stage, tmp_path: Path) -> None:
    secrets = await _secrets(on_disk)

    kept = _files(tmp_path)
    # A secret of a session begins with whose it is, which is no secret.
    assert [secret for secret in secrets if secret[-30:].encode() in kept] == []
    assert b"new@example.com" in kept, "the search sees what is there"


async def test_without_the_hash_the_search_would_find_a_session(
    on_disk: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.opening.secret_id", lambda secret: secret)
    buyer = await on_disk.world.person()
    opened = await on_disk.stranger.post("/sessions", {"email": buyer.signed_in().email, "password": PASSWORD})

    sqlite3.connect(tmp_path / "relexbooking.db").execute("PRAGMA wal_checkpoint").close()
    kept = _files(tmp_path)
    assert opened.json()["token"][-30:].encode() in kept
