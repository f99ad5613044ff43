"""Data that an earlier version stored is found by what a later one asks for."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from attrs import evolve

from adapters.codec import encode
from adapters.persistence.sql_store import open_sql_store
from application.ports.store import Key, Listing, Page
from domain.payment import Payment
from tests import build
from tests.support.older_schema import at


async def test_payments_and_notices_of_the_first_version_are_found_by_reference_and_state(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0001")
    paid = build.payment(gateway_reference="pi_1")
    fresh = build.payment()
    notice = build.notice_receipt()
    with sqlite3.connect(path) as connection:
        for payment in (paid, fresh):
            connection.execute(
                "INSERT INTO payment (id, version, created_at, body) VALUES (?, 1, 1, ?)",
                (payment.id, _as_then(payment)),
            )
        connection.execute(
            "INSERT INTO notice (id, version, received_at, outcome, body) VALUES (?, 1, 1, '', ?)",
            (notice.id, _as_then(notice)),
        )
    connection.close()

    store = await open_sql_store(f"sqlite:///{path}")
    found: Page[Any] = await store.list(Listing("payment", "by_reference", "pi_1"))
    pending: Page[Any] = await store.list(Listing("notice", "by_state", "pending"))
    read = await store.get([Key("payment", fresh.id)])
    await store.close()

    assert [payment.id for payment in found.items] == [paid.id]
    assert [receipt.id for receipt in pending.items] == [notice.id]
    [old] = read.values()
    assert isinstance(old, Payment)
    assert not old.outside


async def test_accounts_that_counted_their_wrong_passwords_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0003")
    account = build.account()
    counting = json.loads(encode(account)) | {"wrong_tries": 7, "locked_until": "2026-11-22T12:00:00+00:00"}
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO account (id, version, created_at, body) VALUES (?, 1, 1, ?)",
            (account.id, json.dumps(counting)),
        )
    connection.close()

    store = await open_sql_store(f"sqlite:///{path}")
    key = Key("account", account.id)
    read = await store.get([key])
    await store.close()

    assert read[key] == evolve(account, version=1)


def _as_then(record: Any) -> str:
    """The body as it was before there was more to say."""
    body = json.loads(encode(record))
    for name in ("outside", "charged_back", "dispute_ids", "disputed", "fee", "announced", "checkout", "quarantined"):
        if name != "quarantined" or isinstance(body.get(name), bool):
            body.pop(name, None)
    return json.dumps(body)
