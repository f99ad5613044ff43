"""What an applicant does: ask to become an organizer, add documents, answer, withdraw."""

from collections.abc import Callable

from attrs import frozen

from application.access import Actor
from application.document_custody import DocumentCustody, DocumentUpload
from application.errors import NotFound
from application.ids import Ids
from application.limits import DOCUMENT, Limits
from application.once import Once
from application.ports.clock import Clock
from application.work import Begin, Work, retrying
from domain.account import Account, AccountStatus
from domain.errors import DomainError, NotAllowedNow
from domain.ids import KycRequestId
from domain.kyc import OPEN, WARNED_BEFORE, KycRequest


class AlreadyApplied(NotAllowedNow):
    """A request is open, or an approval holds for long enough."""

    code = "already_applied"


@frozen
class ApplyForKycCommand:
    legal_name: str
    documents: tuple[DocumentUpload, ...]


@frozen
class ApplyForKyc:
    """Ask to become an organizer, or to stay one."""

    begin: Begin
    clock: Clock
    ids: Ids
    custody: DocumentCustody
    limits: Limits

    async def __call__(self, actor: Actor, command: ApplyForKycCommand, once: Once | None = None) -> KycRequest:
        async with self.begin() as work:
            self._check(await work.accounts.get(actor.signed_in().id))
        if not command.documents:
            raise NotAllowedNow("send a document with your request")
        await self.limits.check_person(DOCUMENT, actor)
        request_id = KycRequestId(self.ids.new("kyc"))
        account_id = actor.signed_in().id
        request = KycRequest(
            id=request_id,
            account_id=account_id,
            legal_name=command.legal_name,
            document_type=command.documents[0].type,
            submitted_at=self.clock.now(),
        )
        documents = [await self.custody.take_in(account_id, request_id, upload) for upload in command.documents]
        for document in documents:
            request = request.with_document(document.id)

        async def store() -> KycRequest:
            async with self.begin() as work:
                account = await work.accounts.get(account_id)
                self._check(account)
                for document in documents:
                    work.kyc_documents.add(document)
                work.kyc_requests.add(asked := request.asked())
                work.accounts.save(account.wait_for_kyc(request.status, request.id))
                work.answer(once, asked)
                await work.commit()
            return asked

        try:
            return await retrying(store)
        except DomainError:
            # It is certain that no record names these files. After any other error one may.
            await self.custody.remove_files(documents)
            raise

    def _check(self, account: Account) -> None:
        if account.status is not AccountStatus.ACTIVE:
            raise NotFound("no such account")
        if account.kyc_request_id or account.kyc in OPEN:
            raise AlreadyApplied("your request is under way already")
        ends = account.kyc_expires_at
        now = self.clock.now()
        if account.is_approved(now) and (ends is None or now < ends - WARNED_BEFORE):
            raise AlreadyApplied("your request is approved already")


@frozen
class FollowUpKyc:
    """Add to one's own open request, answer what was asked, or withdraw it."""

    begin: Begin
    clock: Clock
    custody: DocumentCustody
    limits: Limits

    async def add_document(self, actor: Actor, request_id: str, upload: DocumentUpload) -> KycRequest:
        """One more document, while the request is open."""
        request = await own_request(self.begin(), actor, request_id)
        request.check_open()
        await self.limits.check_person(DOCUMENT, actor)
        document = await self.custody.take_in(request.account_id, request.id, upload)

        def change(work: Work, current: KycRequest) -> KycRequest:
            work.kyc_documents.add(document)
            return current.with_document(document.id)

        try:
            return await self._changed(actor, request_id, change)
        except DomainError:
            await self.custody.remove_files([document])
            raise

    async def answer(self, actor: Actor, request_id: str, words: str) -> KycRequest:
        """What a reviewer asked for is there now."""
        return await self._changed(actor, request_id, lambda _, request: request.answer(words, self.clock.now()))

    async def withdraw(self, actor: Actor, request_id: str) -> KycRequest:
        """The request ends, and its documents are destroyed with the next tidying up."""
        return await self._changed(actor, request_id, lambda _, request: request.withdraw(self.clock.now()))

    async def _changed(
        self, actor: Actor, request_id: str, change: Callable[[Work, KycRequest], KycRequest]
    ) -> KycRequest:
        async def once() -> KycRequest:
            async with self.begin() as work:
                request = await own_request(work, actor, request_id)
                changed = change(work, request)
                account = await work.accounts.get(request.account_id)
                waiting = account.wait_for_kyc(changed.status, request.id)
                work.kyc_requests.save(changed)
                work.accounts.save(waiting if changed.is_open else account.stop_waiting_for_kyc())
                await work.commit()
            return changed

        return await retrying(once)


async def own_request(work: Work, actor: Actor, request_id: str) -> KycRequest:
    """NotFound unless it is the actor's: that of others and none at all look the same."""
    request = await work.kyc_requests.find(request_id)
    if request is None or request.account_id != actor.signed_in().id:
        raise NotFound("no such kyc request")
    return request
