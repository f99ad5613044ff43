"""KYC request: the identity check that makes an organizer."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.account import KycStatus, NotAllowed
from domain.checks import text
from domain.errors import NotAllowedNow
from domain.facts import Aggregate, OrganizerDecided
from domain.ids import AccountId, KycRequestId
from domain.time import is_aware


class DocumentType(StrEnum):
    AADHAAR = "aadhaar"
    PAN = "pan"
    PASSPORT = "passport"


class KycDecided(NotAllowedNow):
    """The request was decided already."""

    code = "kyc_decided"


@frozen
class KycRequest(Aggregate):
    """An account asks to become an organizer; somebody else decides."""

    id: KycRequestId
    account_id: AccountId
    legal_name: str = field(validator=text(200, least=1))
    document_type: DocumentType
    submitted_at: datetime = field(validator=is_aware)
    status: KycStatus = KycStatus.PENDING
    reviewer_id: AccountId | None = None
    notes: str = field(default="", validator=text(2_000, lines=True))
    decided_at: datetime | None = None

    def decide(self, decision: KycStatus, reviewer_id: AccountId, notes: str, at: datetime) -> Self:
        """Approve or reject, once, by somebody else."""
        if reviewer_id == self.account_id:
            raise NotAllowed("nobody reviews their own request")
        if self.status is decision:
            return self
        if self.status is not KycStatus.PENDING:
            raise KycDecided(f"the request was {self.status} already")
        decided = evolve(self, status=decision, reviewer_id=reviewer_id, notes=notes, decided_at=at)
        return decided.telling(OrganizerDecided(at, self.account_id))
