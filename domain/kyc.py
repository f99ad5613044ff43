"""KYC request: the identity check that makes an organizer."""

from datetime import datetime, timedelta
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.account import KycStatus, NotAllowed
from domain.checks import at_most, text
from domain.errors import InvalidValue, NotAllowedNow
from domain.facts import Aggregate, IdentityCheckAsked, IdentityCheckMoved
from domain.identity_document import DocumentType
from domain.ids import AccountId, KycDocumentId, KycRequestId
from domain.time import is_aware

DOCUMENTS_MAX: Final = 5
STEPS_MAX: Final = 100
WORDS_MAX: Final = 2_000
FORGOTTEN: Final = "Forgotten"
WARNED_BEFORE: Final = timedelta(days=30)
OPEN: Final = frozenset({KycStatus.PENDING, KycStatus.NEEDS_INFO})
"""Somebody has yet to decide, or to answer."""
_MAY_BECOME: Final = {
    KycStatus.PENDING: OPEN,
    KycStatus.NEEDS_INFO: frozenset({KycStatus.PENDING}),
    KycStatus.APPROVED: OPEN,
    KycStatus.REJECTED: OPEN,
    KycStatus.REVOKED: frozenset({KycStatus.APPROVED}),
}
"""What a reviewer decides, and from which states."""


class KycDecided(NotAllowedNow):
    """The request was decided already."""

    code = "kyc_decided"


class KycNotOpen(NotAllowedNow):
    """The request takes no more documents or answers."""

    code = "kyc_not_open"


class NothingToCheck(NotAllowedNow):
    """Nobody is approved without a document."""

    code = "nothing_to_check"


@frozen
class KycPolicy:
    """How long an approval holds, and how long documents are kept."""

    valid: timedelta = timedelta(days=730)
    keep_rejected: timedelta = timedelta(days=90)
    keep_ended: timedelta = timedelta(days=365)
    """After the account has ended."""


@frozen
class KycStep:
    """Who moved a request where, when, and why."""

    at: datetime = field(validator=is_aware)
    by: str
    status: KycStatus
    words: str = field(default="", validator=text(WORDS_MAX, lines=True))


@frozen
class KycRequest(Aggregate):
    """An account asks to become an organizer; somebody else decides."""

    id: KycRequestId
    account_id: AccountId
    legal_name: str = field(validator=text(200, least=1))
    document_type: DocumentType
    """Of the first document."""
    submitted_at: datetime = field(validator=is_aware)
    status: KycStatus = KycStatus.PENDING
    reviewer_id: AccountId | None = None
    notes: str = field(default="", validator=text(WORDS_MAX, lines=True))
    """The reviewer's last words, for the applicant."""
    decided_at: datetime | None = None
    document_ids: tuple[KycDocumentId, ...] = field(default=(), validator=at_most(DOCUMENTS_MAX))
    steps: tuple[KycStep, ...] = ()
    expires_at: datetime | None = None
    """When an approval ends."""
    warned_at: datetime | None = None
    account_ended_at: datetime | None = None
    """When we first saw that the account is no more: from here on its documents are kept for a while."""

    def asked(self) -> Self:
        """New, for the reviewers to hear of."""
        return self.telling(IdentityCheckAsked(self.submitted_at, self.id))

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def check_open(self) -> None:
        if not self.is_open:
            raise KycNotOpen(f"the request is {self.status}: send a new one")

    def with_document(self, document_id: KycDocumentId) -> Self:
        self.check_open()
        return evolve(self, document_ids=(*self.document_ids, document_id))

    def decide(self, decision: KycStatus, reviewer_id: AccountId, why: str, at: datetime, valid: timedelta) -> Self:
        """Approve, reject, ask for more or revoke, with a reason, by somebody else; the same once more is no change."""
        if reviewer_id == self.account_id:
            raise NotAllowed("nobody reviews their own request")
        if self.status is decision:
            return self
        if not why.strip():
            raise InvalidValue("say why: every decision has a reason")
        if self.status not in _MAY_BECOME[decision]:
            raise KycDecided(f"the request is {self.status} already")
        if decision is KycStatus.APPROVED and not self.document_ids:
            raise NothingToCheck("the request has no document: ask for one first")
        decided = evolve(
            self,
            reviewer_id=reviewer_id,
            notes=why,
            decided_at=at,
            expires_at=at + valid if decision is KycStatus.APPROVED else None,
        )
        return self._moved(decided, decision, reviewer_id, at)

    def answer(self, words: str, at: datetime) -> Self:
        """The applicant has added what was asked for."""
        if self.status is not KycStatus.NEEDS_INFO:
            raise KycNotOpen(f"the request is {self.status}: nothing was asked")
        moved = evolve(self, status=KycStatus.PENDING, steps=self._and(self.account_id, KycStatus.PENDING, words, at))
        return moved.telling(IdentityCheckAsked(at, self.id))

    def withdraw(self, at: datetime) -> Self:
        """The applicant no longer wants it."""
        self.check_open()
        steps = self._and(self.account_id, KycStatus.WITHDRAWN, "", at)
        return evolve(self, status=KycStatus.WITHDRAWN, decided_at=at, steps=steps)

    def expire(self, at: datetime) -> Self:
        """What time does to an approval; the same if nothing."""
        if self.status is not KycStatus.APPROVED or self.expires_at is None or at < self.expires_at:
            return self
        return self._moved(evolve(self, notes=""), KycStatus.EXPIRED, "system", at)

    def warn(self, at: datetime) -> Self:
        """Say once that the approval ends soon; the same if it does not."""
        if self.status is not KycStatus.APPROVED or self.expires_at is None or self.warned_at is not None:
            return self
        if at < self.expires_at - WARNED_BEFORE:
            return self
        return evolve(self, warned_at=at).telling(IdentityCheckMoved(at, self.id))

    def forget_at(self, policy: KycPolicy) -> datetime | None:
        """From when on its documents are destroyed; None while that is not known."""
        if self.status is KycStatus.WITHDRAWN:
            return self.decided_at
        if self.status is KycStatus.REJECTED and self.decided_at is not None:
            return self.decided_at + policy.keep_rejected
        return None if self.account_ended_at is None else self.account_ended_at + policy.keep_ended

    def forgotten(self) -> Self:
        """Without documents, and without words that may speak of the person. Who decided what, and when, stays."""
        steps = tuple(evolve(step, words="") for step in self.steps)
        return evolve(self, document_ids=(), legal_name=FORGOTTEN, notes="", steps=steps)

    def _moved(self, changed: Self, status: KycStatus, by: str, at: datetime) -> Self:
        moved = evolve(changed, status=status, steps=self._and(by, status, changed.notes, at))
        return moved.telling(IdentityCheckMoved(at, self.id))

    def _and(self, by: str, status: KycStatus, words: str, at: datetime) -> tuple[KycStep, ...]:
        return (*self.steps, KycStep(at, by, status, words))[-STEPS_MAX:]
