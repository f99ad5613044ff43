"""What identity checks look like from outside. No number is ever shown whole."""

from datetime import datetime
from typing import Annotated, ClassVar, Self
from urllib.parse import urlencode

import msgspec

from adapters.http.fields import Notes
from adapters.http.views import Body, View, moment
from application.queries.identity_checks import IdentityCheck, Reuse
from application.use_cases.decide_kyc import Decision
from application.use_cases.read_document import REASON_MAX, DocumentLink
from domain.identity_document import IdentityDocument
from domain.kyc import KycRequest

Reason = Annotated[str, msgspec.Meta(max_length=REASON_MAX, pattern="^[^\x00-\x1f\x7f]*$")]


class AnswerBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"words": "the back is there now"}

    words: Notes = ""


class DecisionBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"decision": "approve", "reason": "name and picture agree"}

    decision: Decision
    reason: Notes


class ReasonBody(Body, frozen=True):
    """Reviewers must say why they look; it is written down."""

    EXAMPLE: ClassVar = {"reason": "first look"}

    reason: Reason = ""


class LinkView(View, frozen=True):
    """Works for a minute, in the session that asked for it, and nowhere else."""

    EXAMPLE: ClassVar = {
        "url": "/api/v1/kyc-documents/kyd_01arz3ndektsv4rrffq69g5fav/front?expires=1795348860&reason=look&proof=5f",
        "expires_at": "2026-11-22T12:01:00Z",
    }

    url: str
    expires_at: datetime | None

    @classmethod
    def of(cls, link: DocumentLink) -> Self:
        return cls(link_path(link), link.expires_at)


def link_path(link: DocumentLink) -> str:
    """Where the file is, for a minute."""
    query = {"expires": int(link.expires_at.timestamp()), "reason": link.reason, "proof": link.proof}
    return f"/api/v1/kyc-documents/{link.document_id}/{link.side}?{urlencode(query)}"


class DocumentView(View, frozen=True):
    """`number` shows the last four characters. `sides` name its files."""

    EXAMPLE: ClassVar = {
        "id": "kyd_01arz3ndektsv4rrffq69g5fav",
        "type": "aadhaar",
        "number": "XXXX XXXX 0019",
        "sides": ["front", "back"],
        "added_at": "2026-11-22T12:00:00Z",
    }

    id: str
    type: str
    number: str
    sides: list[str]
    added_at: datetime | None

    @classmethod
    def of(cls, document: IdentityDocument) -> Self:
        sides = [str(file.side) for file in document.files]
        return cls(document.id, document.type, document.masked, sides, moment(document.added_at))


class ReuseView(View, frozen=True):
    """Another account has handed in the same document."""

    EXAMPLE: ClassVar = {
        "document_id": "kyd_01arz3ndektsv4rrffq69g5fav",
        "account_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "request_id": "kyc_01arz3ndektsv4rrffq69g5fav",
    }

    document_id: str
    account_id: str
    request_id: str

    @classmethod
    def of(cls, reuse: Reuse) -> Self:
        return cls(reuse.document_id, reuse.account_id, reuse.request_id)


class KycView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "id": "kyc_01arz3ndektsv4rrffq69g5fav",
        "account_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "legal_name": "Asha Rao",
        "document_type": "passport",
        "status": "approved",
        "notes": "name and picture agree",
        "submitted_at": "2026-11-22T12:00:00Z",
        "decided_at": "2026-11-22T15:00:00Z",
        "expires_at": "2028-11-21T15:00:00Z",
    }

    id: str
    account_id: str
    legal_name: str
    document_type: str
    status: str
    notes: str
    submitted_at: datetime | None
    decided_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, request: KycRequest) -> Self:
        return cls(
            id=request.id,
            account_id=request.account_id,
            legal_name=request.legal_name,
            document_type=request.document_type,
            status=request.status,
            notes=request.notes,
            submitted_at=moment(request.submitted_at),
            decided_at=moment(request.decided_at),
            expires_at=moment(request.expires_at),
        )


class KycCheckView(View, frozen=True):
    """A request with its documents. `reused` is for reviewers, and empty for everybody else."""

    EXAMPLE: ClassVar = {
        "request": KycView.EXAMPLE,
        "documents": [DocumentView.EXAMPLE],
        "reused": [ReuseView.EXAMPLE],
    }

    request: KycView
    documents: list[DocumentView]
    reused: list[ReuseView]

    @classmethod
    def of(cls, check: IdentityCheck) -> Self:
        return cls(
            KycView.of(check.request),
            [DocumentView.of(document) for document in check.documents],
            [ReuseView.of(reuse) for reuse in check.reused],
        )
