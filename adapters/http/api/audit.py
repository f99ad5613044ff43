"""The audit: who did what, and its place in the chain."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView, View
from application.queries.audit_trail import AuditFilter, SealedRecord

Named = "^[!-~]*$"
Who = Annotated[str, QueryParameter(name="actor", max_length=100, pattern=Named, description="By one actor")]
What = Annotated[str, QueryParameter(max_length=100, pattern=Named, description="Deeds of one name")]
About = Annotated[str, QueryParameter(max_length=200, pattern=Named, description="About one object")]
Since = Annotated[datetime | None, QueryParameter(description="Then or later, with an offset")]
Until = Annotated[datetime | None, QueryParameter(description="Before then, with an offset")]


class AuditView(View, frozen=True):
    """`reason`, `before` and `after` are SHA-256 digests; `sequence` and `hash` are null until it has its place."""

    EXAMPLE: ClassVar = {
        "id": "aud_01arz3ndektsv4rrffq69g5fav",
        "at": "2026-11-22T12:00:00.123456Z",
        "actor": "acc_01arz3ndektsv4rrffq69g5fav",
        "via": "http",
        "on_behalf_of": "",
        "action": "event.edit",
        "subject": "evt_01arz3ndektsv4rrffq69g5fav",
        "detail": "",
        "reason": "",
        "before": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "after": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "request_id": "req_0123456789abcdef01234567",
        "sequence": 1,
        "hash": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    }

    id: str
    at: datetime
    actor: str
    via: str
    on_behalf_of: str
    action: str
    subject: str
    detail: str
    reason: str
    before: str
    after: str
    request_id: str
    sequence: int | None
    hash: str | None

    @classmethod
    def of(cls, sealed: SealedRecord) -> Self:
        record, link = sealed.record, sealed.link
        return cls(
            id=record.id,
            at=record.at,
            actor=record.actor,
            via=record.via,
            on_behalf_of=record.on_behalf_of,
            action=record.action,
            subject=record.subject,
            detail=record.detail,
            reason=record.reason,
            before=record.before,
            after=record.after,
            request_id=record.request_id,
            sequence=None if link is None else link.sequence,
            hash=None if link is None else link.hash,
        )


class AuditController(Controller):
    path = "/audit"
    tags = ("Administration",)

    @get("/", **route(Policy.SUPERADMIN, "List who did what", "invalid_cursor", "invalid_value"))
    async def list_all(
        self,
        request: Call,
        *,
        by: Who = "",
        action: What = "",
        subject: About = "",
        since: Since = None,
        until: Until = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[AuditView]:
        """The newest first."""
        wanted = AuditFilter(by, subject, action, since, until)
        page = await request.deeds.audit_trail.list(request.actor, wanted, cursor, limit)
        return PageView.of(page, AuditView.of)

    @get("/{record_id:str}", **route(Policy.SUPERADMIN, "Show an audit record", "not_found"))
    async def show(self, request: Call, record_id: FromPath[str]) -> AuditView:
        """With its place in the chain."""
        return AuditView.of(await request.deeds.audit_trail.show(request.actor, record_id))
