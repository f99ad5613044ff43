"""The sandbox's file outlives the sandbox's versions."""

import json
import sqlite3
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.payments.sandbox.bank import Bank
from adapters.payments.sandbox.records import RefundPlan, RefundRequest, RefundStatus
from adapters.payments.sandbox.statement import Place
from adapters.payments.sandbox.storage import SCHEMA_VERSION, Storage, WrongDatabase

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
FIRST_SCHEMA = """
CREATE TABLE payments (
    number INTEGER PRIMARY KEY, payment_id TEXT NOT NULL UNIQUE, page_token TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL, due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payments_created ON payments (created_at, number);
CREATE TABLE refunds (
    refund_id TEXT PRIMARY KEY, payment_id TEXT NOT NULL REFERENCES payments (payment_id),
    due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX refunds_payment ON refunds (payment_id);
CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX deliveries_due ON deliveries (due_at, number) WHERE due_at IS NOT NULL;
"""
ASKED = {
    "refund_id": "ref_1",
    "payment_id": "pay_1",
    "payment_reference": "sbx_pay_1",
    "amount_minor": 400,
    "currency": "EUR",
}


def first_version(path: Path) -> None:
    """A file as the first version left it: a captured payment, a refund on its way, a notice to deliver."""
    hook = "http://127.0.0.1:9/hook"
    request = {
        "payment_id": "pay_1", "amount_minor": 1500, "currency": "EUR", "description": "2 seats",
        "buyer_email": "a@b.c", "return_url": hook, "webhook_url": hook, "expires_at": "2026-11-22T18:15:00Z",
    }  # fmt: skip
    payment = {
        "request": request, "reference": "sbx_pay_1", "page_token": "token", "created_at": "2026-11-22T17:59:00Z",
        "status": "captured", "reason": "", "captured_at": "2026-11-22T18:00:00Z", "captures_late_at": None,
    }  # fmt: skip
    refund = {
        "request": ASKED, "reference": "sbx_ref_1", "created_at": "2026-11-22T18:00:00Z",
        "settles_at": "2026-11-22T18:00:30Z", "settles_as": "succeeded", "status": "pending", "reason": "",
    }  # fmt: skip
    delivery = {"message_id": "msg_1", "url": hook, "body": "{}", "due_at": "2026-11-22T18:00:00Z", "tries": 0}
    with sqlite3.connect(path) as database:
        database.executescript(FIRST_SCHEMA)
        database.execute(
            "INSERT INTO payments VALUES (1, 'pay_1', 'token', 0, NULL, ?)", (json.dumps(payment).encode(),)
        )
        database.execute(
            "INSERT INTO refunds VALUES ('ref_1', 'pay_1', ?, ?)", (AT.timestamp() + 30, json.dumps(refund).encode())
        )
        database.execute(
            "INSERT INTO deliveries VALUES (1, 'msg_1', ?, ?)", (AT.timestamp(), json.dumps(delivery).encode())
        )
    database.close()


def test_what_the_first_version_kept_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    first_version(path)

    for _ in range(2):  # Opened again, there is nothing more to take over.
        storage = Storage(str(path))
        bank = Bank(storage, "sandbox")
        [captured], _following = bank.captured(AT, AT + timedelta(seconds=1), Place(0, 0), 10)
        assert (captured.payment.reference, captured.left_minor, captured.fee_minor) == ("sbx_pay_1", 1100, 60)
        assert [each.message_id for each in storage.due_deliveries(AT, 10)] == ["msg_1"]
        storage.close()

    storage = Storage(str(path))
    bank = Bank(storage, "sandbox")
    asked = RefundRequest("ref_1", "pay_1", "sbx_pay_1", 400, "EUR")
    assert bank.give_back(asked, RefundPlan(), AT)[1] is False, "its id is still taken"
    assert bank.settle_due(AT + timedelta(seconds=30)) == 1
    assert bank.refund("ref_1", AT).status is RefundStatus.SUCCEEDED
    storage.close()


def test_a_file_that_cannot_be_taken_over_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    first_version(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE payments SET document = ?", (b"{}",))
        before = list(database.iterdump())
    database.close()

    with pytest.raises(ValueError, match="missing required field"):
        Storage(str(path))

    with sqlite3.connect(path) as database:
        assert list(database.iterdump()) == before
    database.close()


def test_without_its_transaction_such_a_file_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Storage, "transaction", lambda _: nullcontext())

    with pytest.raises(AssertionError):
        test_a_file_that_cannot_be_taken_over_stays_as_it_was(tmp_path)


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    Storage(str(path)).close()
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()

    with pytest.raises(WrongDatabase, match="later version"):
        Storage(str(path))
