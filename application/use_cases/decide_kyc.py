"""What reviewers do with requests: one at a time, or many with the same reason."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from attrs import frozen

from application.access import Actor
from application.ports.clock import Clock
from application.work import Begin, retrying
from domain.account import Account, AccountStatus, KycStatus, Role
from domain.errors import DomainError
from domain.ids import AccountId
from domain.kyc import KycNotOpen, KycPolicy, KycRequest


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_INFO = "request_info"
    REVOKE = "revoke"


_BECOMES = {
    Decision.APPROVE: KycStatus.APPROVED,
    Decision.REJECT: KycStatus.REJECTED,
    Decision.REQUEST_INFO: KycStatus.NEEDS_INFO,
    Decision.REVOKE: KycStatus.REVOKED,
}


@frozen
class DecideKycCommand:
    request_id: str
    decision: Decision
    reason: str


@frozen
class Decided:
    """What became of one request of many."""

    request_id: str
    is_done: bool
    """Or would be, in a rehearsal."""
    why_not: str = ""


@frozen
class DecideKyc:
    """Approve, reject, ask for more or revoke, as an administrator other than who asked."""

    begin: Begin
    clock: Clock
    policy: KycPolicy

    async def __call__(self, actor: Actor, command: DecideKycCommand) -> KycRequest:
        actor.check(Role.ADMIN)
        return await self._tried(actor, command)

    async def many(
        self,
        actor: Actor,
        request_ids: Sequence[str],
        decision: Decision,
        reason: str,
        *,
        rehearse: bool = False,
        advance: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> list[Decided]:
        """Each by itself, with its own record of who decided and why; one that cannot be keeps no other from it."""
        actor.check(Role.ADMIN)
        decided: list[Decided] = []
        for request_id in request_ids:
            command = DecideKycCommand(request_id, decision, reason)
            try:
                request = await self._tried(actor, command, rehearse=rehearse)
                decided.append(Decided(request.id, is_done=True))
            except DomainError as error:
                decided.append(Decided(request_id, is_done=False, why_not=str(error)))
            advance(len(decided), len(request_ids))
        return decided

    async def _tried(self, actor: Actor, command: DecideKycCommand, *, rehearse: bool = False) -> KycRequest:
        return await retrying(lambda: self._once(actor, command, rehearse=rehearse))

    async def _once(self, actor: Actor, command: DecideKycCommand, *, rehearse: bool = False) -> KycRequest:
        status = _BECOMES[command.decision]
        async with self.begin() as work:
            request = await work.kyc_requests.get(command.request_id)
            now = self.clock.now()
            decided = request.decide(status, AccountId(actor.name), command.reason, now, self.policy.valid)
            if decided is request:
                return request
            account = await work.accounts.get(request.account_id)
            if command.decision is Decision.APPROVE and account.status is not AccountStatus.ACTIVE:
                raise KycNotOpen(f"the account is {account.status}")
            if rehearse:
                return request
            work.kyc_requests.save(decided)
            if decided.is_open:
                work.accounts.save(account.wait_for_kyc(status, request.id))
            elif status is not KycStatus.REVOKED or stands_on(account, request):
                work.accounts.save(account.decide_kyc(status, now, decided.expires_at, request.id))
            work.audit(actor, f"kyc.{command.decision}", request.id, reason=command.reason)
            await work.commit()
        return decided


def stands_on(account: Account, request: KycRequest) -> bool:
    """Whether it is this approval by which the person publishes, and not a later one."""
    return account.kyc is not KycStatus.APPROVED or account.kyc_expires_at == request.expires_at
