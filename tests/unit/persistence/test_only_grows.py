"""Rows that must stay are guarded by the database too, against every program that reaches it."""

import json
import sqlite3
from pathlib import Path

import pytest

from adapters.persistence.sql_store import open_sql_store
from application.kinds import KINDS
from application.ports.store import ChangeSet
from tests import build
from tests.support.meddling import sealed_on
from tests.support.older_schema import at

GROWING = sorted(kind.name for kind in KINDS.values() if kind.only_grows)


async def _with_one(url: str, kind: str) -> Path:
    store = await open_sql_store(url)
    await store.commit([ChangeSet(inserts=(build.EXAMPLES[kind](),))])
    await store.close()
    return Path(url.removeprefix("sqlite:///"))


def _do(path: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("kind", GROWING)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET body = '{{}}'", "DELETE FROM {0}"])
async def test_a_hand_at_the_database_is_refused(sqlite_url: str, kind: str, statement: str) -> None:
    path = await _with_one(sqlite_url, kind)
    before = _do(path, f"SELECT * FROM {kind}")  # noqa: S608 - a name of ours

    with pytest.raises(sqlite3.IntegrityError, match=f"{kind} only grows"):
        _do(path, statement.format(kind))

    assert _do(path, f"SELECT * FROM {kind}") == before  # noqa: S608 - the kind is one of ours


@pytest.mark.parametrize("kind", GROWING)
async def test_without_the_guard_it_would_be_done(sqlite_url: str, kind: str) -> None:
    path = await _with_one(sqlite_url, kind)
    _do(path, f"DROP TRIGGER {kind}_no_delete")

    _do(path, f"DELETE FROM {kind}")  # noqa: S608 - a name of ours

    assert _do(path, f"SELECT * FROM {kind}") == []  # noqa: S608 - the kind is one of ours


async def test_what_else_is_stored_is_not_guarded(sqlite_url: str) -> None:
    path = await _with_one(sqlite_url, "audit_head")

    _do(path, "UPDATE audit_head SET version = 7")

    assert _do(path, "SELECT version FROM audit_head") == [(7,)]


async def test_what_was_recorded_before_there_was_a_chain_waits_for_its_place(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0007")
    old = build.audit_record()
    then = {"id": old.id, "at": old.at.isoformat(), "actor": "cli:ana", "via": "cli", "action": "key.rotate"}
    body = json.dumps({**then, "subject": "sign/1", "detail": ""})
    _do(
        path,
        "INSERT INTO audit (id, version, subject, actor, action, at, everything, body)"  # noqa: S608 - of our own
        f" VALUES ('{old.id}', 1, 'sign/1', 'cli:ana', 'key.rotate', 1, 'all', '{body}')",
    )

    async with sealed_on(f"sqlite:///{path}", tmp_path) as chain:
        assert await chain.world.deeds.seal_audit() == 1
        [link] = await chain.links()
        record = await chain.record_of(link)

    assert (record.id, record.actor, record.request_id) == (old.id, "cli:ana", "")
    assert link.hash == link.hash_with(record)
