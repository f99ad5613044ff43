"""How what the application keeps for its own work is stored and found: facts, the audit's chain, answers."""

from typing import Final

from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, UnsealedRecord
from application.installation import Installation
from application.kind import Index, Kind, always, number, text, time
from application.records import Answer, AuditRecord, OutboxEntry

UPKEEP: Final = (
    Kind("installation", Installation),
    Kind(
        "outbox",
        OutboxEntry,
        (text("state", is_common=True), time("due_at")),
        (Index("queue", "state", "due_at"),),
    ),
    Kind(
        "audit",
        AuditRecord,
        (text("subject"), text("actor"), text("action"), time("at"), always("everything")),
        (
            Index("by_subject", "subject", "at"),
            Index("by_actor", "actor", "at"),
            Index("everything", "everything", "at"),
        ),
        only_grows=True,
    ),
    Kind(
        "audit_unsealed",
        UnsealedRecord,
        (time("at"), always("everything")),
        (Index("everything", "everything", "at"),),
    ),
    Kind(
        "audit_link",
        AuditLink,
        (number("sequence"), always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind("audit_head", AuditHead),
    Kind(
        "audit_checkpoint",
        AuditCheckpoint,
        (number("sequence"), always("everything")),
        (Index("everything", "everything", "sequence"),),
        only_grows=True,
    ),
    Kind(
        "answer",
        Answer,
        (time("created_at"), always("everything")),
        (Index("expiring", "everything", "created_at"),),
    ),
)
