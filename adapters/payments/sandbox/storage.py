"""The sandbox's own SQLite file. Rows are documents beside the few columns that we search by."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from adapters.payments.sandbox.records import Delivery, Payment, Refund
from adapters.payments.sandbox.settings import IN_MEMORY

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 5.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS payments (
    number INTEGER PRIMARY KEY, payment_id TEXT NOT NULL UNIQUE, page_token TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL, due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS payments_due ON payments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS payments_created ON payments (created_at, number);
CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY, payment_id TEXT NOT NULL REFERENCES payments (payment_id),
    due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS refunds_payment ON refunds (payment_id);
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, due_at REAL, document BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at, number) WHERE due_at IS NOT NULL;
"""


class Storage:
    """Keeps records through restarts. Used by one thread at a time; changes only inside `transaction`."""

    def __init__(self, database: str) -> None:
        if database != IN_MEMORY:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
            # For its owner alone, before there is anything in it; the files beside it get the same mode.
            descriptor = os.open(database, os.O_CREAT | os.O_RDWR, 0o600)
            os.fchmod(descriptor, 0o600)
            os.close(descriptor)
        # The desk's one thread is the only user, but it is not the thread that opens and closes.
        self._db = sqlite3.connect(database, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Takes the write lock at once, so that what is read stays true until the end."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def payment(self, payment_id: str) -> Payment | None:
        return self._one(Payment, "SELECT document FROM payments WHERE payment_id = ?", payment_id)

    def payment_by_token(self, page_token: str) -> Payment | None:
        return self._one(Payment, "SELECT document FROM payments WHERE page_token = ?", page_token)

    def payments_created(
        self, since: datetime, until: datetime, after: int, limit: int
    ) -> Sequence[tuple[int, Payment]]:
        """Oldest first, each with the number from which the next page goes on."""
        rows = self._db.execute(
            "SELECT number, document FROM payments WHERE created_at >= ? AND created_at < ? AND number > ?"
            " ORDER BY number LIMIT ?",
            (since.timestamp(), until.timestamp(), after, limit),
        )
        return [(number, msgspec.json.decode(document, type=Payment)) for number, document in rows]

    def due_payments(self, at: datetime, limit: int) -> Sequence[Payment]:
        return self._due(Payment, "SELECT document FROM payments WHERE due_at <= ? ORDER BY due_at LIMIT ?", at, limit)

    def add_payment(self, payment: Payment) -> None:
        """A new one; sqlite3.IntegrityError if its id is taken, should anyone have forgotten to look."""
        self._db.execute(
            "INSERT INTO payments (payment_id, page_token, created_at, due_at, document) VALUES (?, ?, ?, ?, ?)",
            (
                payment.request.payment_id,
                payment.page_token,
                payment.created_at.timestamp(),
                _seconds(payment.due_at),
                msgspec.json.encode(payment),
            ),
        )

    def put_payment(self, payment: Payment) -> None:
        """A new state of a known one."""
        self._db.execute(
            "UPDATE payments SET due_at = ?, document = ? WHERE payment_id = ?",
            (_seconds(payment.due_at), msgspec.json.encode(payment), payment.request.payment_id),
        )

    def refund(self, refund_id: str) -> Refund | None:
        return self._one(Refund, "SELECT document FROM refunds WHERE refund_id = ?", refund_id)

    def refunds_of(self, payment_id: str) -> Sequence[Refund]:
        rows = self._db.execute("SELECT document FROM refunds WHERE payment_id = ?", (payment_id,))
        return [msgspec.json.decode(document, type=Refund) for (document,) in rows]

    def due_refunds(self, at: datetime, limit: int) -> Sequence[Refund]:
        return self._due(Refund, "SELECT document FROM refunds WHERE due_at <= ? ORDER BY due_at LIMIT ?", at, limit)

    def add_refund(self, refund: Refund) -> None:
        """A new one; sqlite3.IntegrityError if its id is taken."""
        self._db.execute(
            "INSERT INTO refunds (refund_id, payment_id, due_at, document) VALUES (?, ?, ?, ?)",
            (refund.request.refund_id, refund.request.payment_id, _seconds(refund.due_at), msgspec.json.encode(refund)),
        )

    def put_refund(self, refund: Refund) -> None:
        """A new state of a known one."""
        self._db.execute(
            "UPDATE refunds SET due_at = ?, document = ? WHERE refund_id = ?",
            (_seconds(refund.due_at), msgspec.json.encode(refund), refund.request.refund_id),
        )

    def due_deliveries(self, at: datetime, limit: int) -> Sequence[Delivery]:
        return self._due(
            Delivery, "SELECT document FROM deliveries WHERE due_at <= ? ORDER BY due_at, number LIMIT ?", at, limit
        )

    def put_delivery(self, delivery: Delivery) -> None:
        self._db.execute(
            "INSERT INTO deliveries (message_id, due_at, document) VALUES (?, ?, ?)"
            " ON CONFLICT (message_id) DO UPDATE SET due_at = excluded.due_at, document = excluded.document",
            (delivery.message_id, _seconds(delivery.due_at), msgspec.json.encode(delivery)),
        )

    def next_due(self) -> float | None:
        """The earliest instant, in seconds since 1970, at which something here changes by itself."""
        row = self._db.execute(
            "SELECT min(due_at) FROM (SELECT min(due_at) AS due_at FROM payments UNION ALL"
            " SELECT min(due_at) FROM refunds UNION ALL SELECT min(due_at) FROM deliveries)"
        ).fetchone()
        due: float | None = row[0]
        return due

    def _one(self, kind: type[T], query: str, key: str) -> T | None:
        row = self._db.execute(query, (key,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def _due(self, kind: type[T], query: str, at: datetime, limit: int) -> Sequence[T]:
        rows = self._db.execute(query, (at.timestamp(), limit))
        return [msgspec.json.decode(document, type=kind) for (document,) in rows]


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()
