"""How identity checks are spoken of on pages."""

from datetime import datetime
from typing import Any, Final

from application.queries.identity_checks import IdentityCheck
from domain.account import KycStatus
from domain.identity_document import DocumentType, IdentityDocument
from domain.kyc import KycRequest

TYPE_WORDS: Final = {
    DocumentType.AADHAAR: "Aadhaar",
    DocumentType.PAN: "PAN card",
    DocumentType.PASSPORT: "Passport",
}
STATUS_WORDS: Final = {
    KycStatus.PENDING: "waits for a decision",
    KycStatus.NEEDS_INFO: "needs more from the applicant",
    KycStatus.APPROVED: "approved",
    KycStatus.REJECTED: "declined",
    KycStatus.WITHDRAWN: "withdrawn",
    KycStatus.EXPIRED: "ended with time",
    KycStatus.REVOKED: "revoked",
}


def day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d %B %Y}"


def document_card(document: IdentityDocument) -> dict[str, Any]:
    sides = [str(file.side) for file in document.files]
    return {"id": document.id, "type": TYPE_WORDS[document.type], "number": document.masked, "sides": sides}


def request_card(request: KycRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "account_id": request.account_id,
        "legal_name": request.legal_name,
        "type": TYPE_WORDS[request.document_type],
        "status": STATUS_WORDS[request.status],
        "notes": request.notes,
        "since": day(request.submitted_at),
        "ends": day(request.expires_at),
        "is_open": request.is_open,
        "needs_info": request.status is KycStatus.NEEDS_INFO,
        "is_approved": request.status is KycStatus.APPROVED,
    }


def check_card(check: IdentityCheck) -> dict[str, Any]:
    """A request with all that its page shows."""
    return {
        **request_card(check.request),
        "documents": [document_card(document) for document in check.documents],
        "reused": [
            {"document_id": reuse.document_id, "account_id": reuse.account_id, "request_id": reuse.request_id}
            for reuse in check.reused
        ],
        "steps": [
            {"at": day(step.at), "by": step.by, "status": STATUS_WORDS[step.status], "words": step.words}
            for step in check.request.steps
        ],
    }
