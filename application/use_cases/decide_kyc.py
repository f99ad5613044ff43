from attrs import frozen

from application.access import Actor
from application.ids import Ids
from application.ports.clock import Clock
from application.work import Begin, retrying
from domain.account import KycStatus, Role
from domain.errors import NotAllowedNow
from domain.ids import AccountId, KycRequestId
from domain.kyc import DocumentType, KycRequest


class AlreadyApplied(NotAllowedNow):
    """A request is pending or approved already."""

    code = "already_applied"


@frozen
class ApplyForKycCommand:
    legal_name: str
    document_type: DocumentType


@frozen
class ApplyForKyc:
    """Ask to become an organizer."""

    begin: Begin
    clock: Clock
    ids: Ids

    async def __call__(self, actor: Actor, command: ApplyForKycCommand) -> KycRequest:
        async with self.begin() as work:
            account = await work.accounts.get(actor.signed_in().id)
            if account.kyc in {KycStatus.PENDING, KycStatus.APPROVED}:
                raise AlreadyApplied(f"your request is {account.kyc} already")
            request = KycRequest(
                id=KycRequestId(self.ids.new("kyc")),
                account_id=account.id,
                legal_name=command.legal_name,
                document_type=command.document_type,
                submitted_at=self.clock.now(),
            )
            work.kyc_requests.add(request)
            work.accounts.save(account.apply_for_kyc())
            await work.commit()
        return request


@frozen
class DecideKycCommand:
    request_id: str
    approve: bool
    notes: str = ""


@frozen
class DecideKyc:
    """Approve or reject a request, as an administrator other than who asked."""

    begin: Begin
    clock: Clock

    async def __call__(self, actor: Actor, command: DecideKycCommand) -> KycRequest:
        actor.check(Role.ADMIN)
        return await retrying(lambda: self._once(actor, command))

    async def _once(self, actor: Actor, command: DecideKycCommand) -> KycRequest:
        decision = KycStatus.APPROVED if command.approve else KycStatus.REJECTED
        async with self.begin() as work:
            request = await work.kyc_requests.get(command.request_id)
            decided = request.decide(decision, AccountId(actor.name), command.notes, self.clock.now())
            if decided is request:
                return request
            account = await work.accounts.get(request.account_id)
            work.kyc_requests.save(decided)
            work.accounts.save(account.decide_kyc(decision))
            work.audit(actor, f"kyc.{decision}", request.id, reason=command.notes)
            await work.commit()
        return decided
