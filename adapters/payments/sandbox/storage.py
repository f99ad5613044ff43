"""The sandbox's own SQLite file. Rows are documents beside the few columns that we search by."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from adapters.payments.sandbox.records import Delivery, Dispute, Payment, Refund
from adapters.payments.sandbox.settings import IN_MEMORY
from adapters.payments.sandbox.statement import Place, microseconds

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 5.0

SCHEMA_VERSION: Final = 2
"""What `PRAGMA user_version` says of a file that has these tables. The first version left it at 0."""

_TABLES: Final = (
    """CREATE TABLE payments (
    number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, payment_id TEXT UNIQUE, page_token TEXT NOT NULL UNIQUE,
    captured_at_us INTEGER, due_at REAL, document BLOB NOT NULL) STRICT""",
    "CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX payments_captured ON payments (captured_at_us, number) WHERE captured_at_us IS NOT NULL",
    """CREATE TABLE refunds (
    number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, refund_id TEXT UNIQUE,
    payment_reference TEXT NOT NULL REFERENCES payments (reference), due_at REAL, document BLOB NOT NULL) STRICT""",
    "CREATE INDEX refunds_payment ON refunds (payment_reference)",
    "CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL",
    """CREATE TABLE disputes (
    number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE,
    payment_reference TEXT NOT NULL REFERENCES payments (reference), document BLOB NOT NULL) STRICT""",
    "CREATE INDEX disputes_payment ON disputes (payment_reference)",
    """CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, due_at REAL, document BLOB NOT NULL) STRICT""",
    """CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at, number) WHERE due_at IS NOT NULL""",
)


class WrongDatabase(Exception):
    """The file was written by a later version of the sandbox."""


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
        self._prepare()

    def close(self) -> None:
        self._db.close()

    def _prepare(self) -> None:
        """Make the tables; what an earlier version kept is taken over, since documents hold everything."""
        with self.transaction():
            version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise WrongDatabase("the sandbox's database is of a later version: remove it, it is test data")
            if version == SCHEMA_VERSION:
                return
            # Refunds refer to payments, so they go first.
            refunds, payments = self._taken_out("refunds", Refund), self._taken_out("payments", Payment)
            for statement in _TABLES:
                self._db.execute(statement)
            for payment in payments:
                self.add_payment(payment)
            for refund in refunds:
                self.add_refund(refund)
            self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _taken_out(self, table: str, kind: type[T]) -> Sequence[T]:
        """What the first version kept in that table, in its order. The table is gone then, and nothing refers to it."""
        if not self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
            return []
        kept = self._db.execute(f"SELECT document FROM {table} ORDER BY rowid").fetchall()  # noqa: S608 - our own names
        self._db.execute(f"DROP TABLE {table}")
        return [msgspec.json.decode(document, type=kind) for (document,) in kept]

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

    def payment_by_reference(self, reference: str) -> Payment | None:
        return self._one(Payment, "SELECT document FROM payments WHERE reference = ?", reference)

    def latest_payments(self, limit: int) -> Sequence[Payment]:
        """Those that were added last, the newest first."""
        rows = self._db.execute("SELECT document FROM payments ORDER BY number DESC LIMIT ?", (limit,))
        return [msgspec.json.decode(document, type=Payment) for (document,) in rows]

    def payments_captured(
        self, start: datetime, end: datetime, after: Place, limit: int
    ) -> Sequence[tuple[Place, Payment]]:
        """Oldest capture first, each with the place behind which the next page goes on."""
        rows = self._db.execute(
            "SELECT captured_at_us, number, document FROM payments"
            " WHERE captured_at_us >= ? AND captured_at_us < ? AND (captured_at_us, number) > (?, ?)"
            " ORDER BY captured_at_us, number LIMIT ?",
            (microseconds(start), microseconds(end), after.captured_at_us, after.number, limit),
        )
        return [(Place(at_us, number), msgspec.json.decode(document, type=Payment)) for at_us, number, document in rows]

    def due_payments(self, at: datetime, limit: int) -> Sequence[Payment]:
        return self._due(Payment, "SELECT document FROM payments WHERE due_at <= ? ORDER BY due_at LIMIT ?", at, limit)

    def add_payment(self, payment: Payment) -> None:
        """A new one; sqlite3.IntegrityError if its id is taken, should anyone have forgotten to look."""
        self._db.execute(
            "INSERT INTO payments (reference, payment_id, page_token, captured_at_us, due_at, document)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                payment.reference,
                payment.request.payment_id,
                payment.page_token,
                _microseconds(payment.captured_at),
                _seconds(payment.due_at),
                msgspec.json.encode(payment),
            ),
        )

    def put_payment(self, payment: Payment) -> None:
        """A new state of a known one."""
        self._db.execute(
            "UPDATE payments SET captured_at_us = ?, due_at = ?, document = ? WHERE reference = ?",
            (
                _microseconds(payment.captured_at),
                _seconds(payment.due_at),
                msgspec.json.encode(payment),
                payment.reference,
            ),
        )

    def refund(self, refund_id: str) -> Refund | None:
        return self._one(Refund, "SELECT document FROM refunds WHERE refund_id = ?", refund_id)

    def refunds_of(self, payment_reference: str) -> Sequence[Refund]:
        """The oldest first."""
        return self._about(
            Refund, "SELECT document FROM refunds WHERE payment_reference = ? ORDER BY number", payment_reference
        )

    def due_refunds(self, at: datetime, limit: int) -> Sequence[Refund]:
        return self._due(Refund, "SELECT document FROM refunds WHERE due_at <= ? ORDER BY due_at LIMIT ?", at, limit)

    def add_refund(self, refund: Refund) -> None:
        """A new one; sqlite3.IntegrityError if its id is taken."""
        request = refund.request
        self._db.execute(
            "INSERT INTO refunds (reference, refund_id, payment_reference, due_at, document) VALUES (?, ?, ?, ?, ?)",
            (
                refund.reference,
                request.refund_id,
                request.payment_reference,
                _seconds(refund.due_at),
                msgspec.json.encode(refund),
            ),
        )

    def put_refund(self, refund: Refund) -> None:
        """A new state of a known one."""
        self._db.execute(
            "UPDATE refunds SET due_at = ?, document = ? WHERE reference = ?",
            (_seconds(refund.due_at), msgspec.json.encode(refund), refund.reference),
        )

    def disputes_of(self, payment_reference: str) -> Sequence[Dispute]:
        """The oldest first."""
        return self._about(
            Dispute, "SELECT document FROM disputes WHERE payment_reference = ? ORDER BY number", payment_reference
        )

    def add_dispute(self, dispute: Dispute) -> None:
        self._db.execute(
            "INSERT INTO disputes (reference, payment_reference, document) VALUES (?, ?, ?)",
            (dispute.reference, dispute.payment_reference, msgspec.json.encode(dispute)),
        )

    def put_dispute(self, dispute: Dispute) -> None:
        """A new state of a known one."""
        self._db.execute(
            "UPDATE disputes SET document = ? WHERE reference = ?", (msgspec.json.encode(dispute), dispute.reference)
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

    def _about(self, kind: type[T], query: str, payment_reference: str) -> Sequence[T]:
        rows = self._db.execute(query, (payment_reference,))
        return [msgspec.json.decode(document, type=kind) for (document,) in rows]

    def _due(self, kind: type[T], query: str, at: datetime, limit: int) -> Sequence[T]:
        rows = self._db.execute(query, (at.timestamp(), limit))
        return [msgspec.json.decode(document, type=kind) for (document,) in rows]


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _microseconds(instant: datetime | None) -> int | None:
    return None if instant is None else microseconds(instant)
