"""What a unit of work collects until it is committed."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from attrs import Factory, define, evolve, frozen

from application.access import Actor
from application.ports.store import Expect, Record
from application.records import AuditRecord
from application.request import current_request
from domain.account import Account
from domain.allotment import Allotment, AllotmentChange
from domain.facts import Fact, StandingChanged
from domain.ids import AllotmentId


@frozen
class Audited:
    """A deed that is to be written down with what it changes."""

    actor: Actor
    action: str
    subject: str
    detail: str
    reason: str

    def record(self, record_id: str, at: datetime, before: str, after: str) -> AuditRecord:
        return AuditRecord(
            record_id,
            at,
            self.actor.name,
            self.actor.way,
            self.action,
            self.subject,
            self.detail,
            request_id=current_request.get(),
            on_behalf_of=self.actor.on_behalf_of,
            # The words may name people, and nothing in the audit can ever be erased.
            reason=sha256(self.reason.encode("utf-8", "replace")).hexdigest() if self.reason else "",
            before=before,
            after=after,
        )


Digest = Callable[[Record], str]
"""What a record's stored form comes to, in a few letters."""


def no_digest(_record: Record) -> str:
    """For units of work whose records need no digests."""
    return ""


@define
class Changes:
    """What one unit of work has come to so far."""

    inserts: list[Record] = Factory(list)
    saves: list[Record] = Factory(list)
    deletes: list[Record] = Factory(list)
    expects: list[Expect] = Factory(list)
    allotments: list[Allotment] = Factory(list)
    changes: dict[AllotmentId, AllotmentChange] = Factory(dict)
    facts: list[Fact] = Factory(list)
    audits: list[Audited] = Factory(list)
    read: dict[str, Record] = Factory(dict)
    """What was read last under each id, for the audit."""

    def digest_before(self, subject: str, digest: Digest) -> str:
        record = self.read.get(subject)
        return "" if record is None else digest(record)

    def digest_after(self, subject: str, digest: Digest) -> str:
        """Empty if the subject itself was not stored."""
        stored = next((record for record in (*self.saves, *self.inserts) if record.id == subject), None)
        return "" if stored is None else digest(stored)

    def changed_standing(self, at: datetime) -> list[StandingChanged]:
        """Of whom an identity provider must learn. Told here, so that no deed of the future forgets to."""
        accounts = [record for record in self.saves if isinstance(record, Account) and record.login_id]
        changed = [now for now in accounts if _standing(now) != _standing(self.read.get(now.id))]
        return [StandingChanged(at, account.id) for account in changed]

    def change(self, change: AllotmentChange) -> None:
        """Count it in: one allotment is changed once in a commit."""
        earlier = self.changes.get(change.allotment_id)
        self.changes[change.allotment_id] = change if earlier is None else _sum(earlier, change)


def _standing(record: Record | None) -> tuple[object, ...]:
    """Empty for what was not read: then nobody knows what changed."""
    if not isinstance(record, Account):
        return ()
    return record.login_id, record.roles, record.status, record.epoch


def _sum(one: AllotmentChange, other: AllotmentChange) -> AllotmentChange:
    return evolve(
        other,
        held=one.held + other.held,
        sold=one.sold + other.sold,
        capacity=one.capacity + other.capacity,
        ceiling=other.ceiling if other.ceiling is not None else one.ceiling,
    )
