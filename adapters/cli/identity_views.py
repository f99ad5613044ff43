"""What identity checks look like in the documents of commands. No number is ever shown whole."""

from adapters.cli.views import Document, moment
from application.queries.identity_checks import IdentityCheck
from domain.kyc import KycRequest


def kyc_request(request: KycRequest) -> Document:
    return {
        "id": request.id,
        "account_id": request.account_id,
        "legal_name": request.legal_name,
        "document_type": request.document_type,
        "status": request.status,
        "submitted_at": moment(request.submitted_at),
        "reviewer_id": request.reviewer_id,
        "notes": request.notes,
        "decided_at": moment(request.decided_at),
        "expires_at": moment(request.expires_at),
    }


def identity_check(check: IdentityCheck) -> Document:
    return {
        "request": kyc_request(check.request),
        "documents": [
            {
                "id": document.id,
                "type": document.type,
                "number": document.masked,
                "sides": [file.side for file in document.files],
                "added_at": moment(document.added_at),
            }
            for document in check.documents
        ],
        "reused": [
            {"document_id": reuse.document_id, "account_id": reuse.account_id, "request_id": reuse.request_id}
            for reuse in check.reused
        ],
        "steps": [
            {"at": moment(step.at), "by": step.by, "status": step.status, "words": step.words}
            for step in check.request.steps
        ],
    }
