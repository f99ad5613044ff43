"""Identity checks of people who are no more."""

from functools import partial
from typing import Final

from attrs import frozen

from application.access import Actor
from application.listing import every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.use_cases.keep_documents import ForgetDocuments
from application.work import Begin, retrying
from domain.account import KycStatus
from domain.ids import AccountId, KycRequestId
from domain.kyc import FORGOTTEN

_NEVER_APPROVED: Final = frozenset({KycStatus.WITHDRAWN, KycStatus.REJECTED})


@frozen
class ForgetChecks:
    """Destroy at once what was never approved.

    Who was approved has sold to the public: that is kept for as long as the installation sets, from the end of the
    account on, and then destroyed by ForgetDocuments.
    """

    begin: Begin
    clock: Clock
    store: Store
    documents: ForgetDocuments

    async def __call__(self, account_id: AccountId) -> int:
        """How many requests were forgotten."""
        found = 0
        async for listed in every(self.store, Listing("kyc_request", "by_account", account_id)):
            found += await retrying(partial(self._forget, listed.id))
        return found

    async def _forget(self, request_id: KycRequestId) -> bool:
        async with self.begin() as work:
            request = await work.kyc_requests.get(request_id)
            if request.is_open:
                work.kyc_requests.save(request.withdraw(self.clock.now()))
                await work.commit()
        request = await self.begin().kyc_requests.get(request_id)
        if request.status not in _NEVER_APPROVED or (request.legal_name == FORGOTTEN and not request.document_ids):
            return False
        await self.documents.shred(Actor.system(), request)
        return True
