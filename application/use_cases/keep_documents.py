"""What time and operators do to identity checks: approvals end, documents are destroyed, keys are replaced."""

from collections.abc import AsyncIterator, Callable
from typing import Final

from attrs import evolve, frozen

from application.access import Actor
from application.document_custody import DocumentCustody
from application.errors import StaleVersion
from application.listing import each, every
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.work import Begin, retrying
from domain.account import AccountStatus, KycStatus, Role
from domain.errors import NotAllowedNow
from domain.identity_document import IdentityDocument
from domain.kyc import KycPolicy, KycRequest

_HELD: Final = (KycStatus.APPROVED, KycStatus.EXPIRED, KycStatus.REVOKED, KycStatus.PENDING, KycStatus.NEEDS_INFO)
_DONE: Final = (KycStatus.WITHDRAWN, KycStatus.REJECTED)


@frozen
class ExpireApprovals:
    """Warn of approvals that end soon, and end those whose time is over. Publishing goes by the clock meanwhile."""

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self) -> int:
        """How many requests changed."""
        return await each(self.store, Listing("kyc_request", "by_status", KycStatus.APPROVED), self._look_at)

    async def _look_at(self, listed: KycRequest) -> bool:
        now = self.clock.now()
        async with self.begin() as work:
            request = await work.kyc_requests.get(listed.id)
            account = await work.accounts.get(request.account_id)
            changed = request.expire(now)
            if changed is request and account.kyc_expires_at == request.expires_at:
                changed = request.warn(now)  # Of an approval that was renewed nobody is warned.
            if changed is request:
                return False
            expired = account.expire_kyc(now)
            if expired is not account:
                work.accounts.save(expired)
            work.kyc_requests.save(changed)
            try:
                await work.commit()
            except StaleVersion:
                return False
        return True


@frozen
class ForgetDocuments:
    """Destroy documents whose time is over: first their keys, in the store; then the files; then the records.

    Killed anywhere in between, it goes on from there the next time.
    """

    begin: Begin
    clock: Clock
    store: Store
    custody: DocumentCustody
    policy: KycPolicy

    async def __call__(self) -> int:
        """As a job: how many requests lost their documents."""
        return len(await self.forget(Actor.system()))

    async def due(self) -> list[KycRequest]:
        """Exactly those whose documents `forget` would destroy now."""
        return [request async for request in self._due()]

    async def forget(self, actor: Actor) -> list[KycRequest]:
        """Those whose documents it destroyed."""
        actor.check(Role.SUPERADMIN)
        gone = []
        for request in await self.due():
            await self.shred(actor, request)
            gone.append(request)
        return gone

    async def _due(self) -> AsyncIterator[KycRequest]:
        now = self.clock.now()
        for status in (*_DONE, *_HELD):
            async for listed in every(self.store, Listing("kyc_request", "by_status", status)):
                if not listed.document_ids:
                    continue
                request = await self._with_end_of_account(listed)
                at = request.forget_at(self.policy)
                if request.document_ids and at is not None and now >= at:
                    yield request

    async def _with_end_of_account(self, listed: KycRequest) -> KycRequest:
        """The request as it now is. That its account has ended is noted when it is first seen."""
        return await retrying(lambda: self._noted(listed))

    async def _noted(self, listed: KycRequest) -> KycRequest:
        async with self.begin() as work:
            request, account = await work.find_both(work.kyc_requests, listed.id, work.accounts, listed.account_id)
            if request is None:
                return listed
            is_gone = account is None or account.status is AccountStatus.DELETED
            if is_gone and request.account_ended_at is None:
                request = evolve(request, account_ended_at=self.clock.now())
                work.kyc_requests.save(request)
                await work.commit()
                return evolve(request, version=request.version + 1)
        return request

    async def shred(self, actor: Actor, request: KycRequest) -> None:
        """Whatever its time: keys first, then files, then records."""

        async def destroy_keys() -> list[IdentityDocument]:
            async with self.begin() as work:
                documents = await work.kyc_documents.get_all(request.document_ids)
                alive = [document for document in documents if not document.is_shredded]
                for document in alive:
                    work.kyc_documents.save(document.shredded())
                if alive:
                    work.audit(actor, "kyc.forget", request.id, f"{len(alive)} documents")
                    await work.commit()
            return documents

        await self.custody.remove_files(await retrying(destroy_keys))

        async def remove_records() -> None:
            async with self.begin() as work:
                current = await work.kyc_requests.get(request.id)
                for document in await work.kyc_documents.get_all(current.document_ids):
                    work.kyc_documents.delete(document)
                work.kyc_requests.save(current.forgotten())
                await work.commit()

        await retrying(remove_records)


class StillWrapped(NotAllowedNow):
    """Some document needs the earlier key: wrap it anew first."""

    code = "still_wrapped"


@frozen
class RewrapDocuments:
    """Replace the key that wraps the documents' keys, while everybody goes on reading. The files stay as they are."""

    begin: Begin
    store: Store
    custody: DocumentCustody

    async def __call__(
        self, actor: Actor, *, rotate: bool = True, advance: Callable[[int], None] = lambda _done: None
    ) -> tuple[str, int]:
        """The id of the key that wraps now, and how many documents were wrapped anew."""
        actor.check(Role.SUPERADMIN)
        key_id = await (self.custody.envelopes.rotate() if rotate else self.custody.envelopes.current_key_id())
        done = 0
        async for listed in self._all():
            if await self._rewrapped(listed):
                done += 1
                advance(done)
        async with self.begin() as work:
            work.audit(actor, "kyc.rewrap", key_id, f"{done} documents")
            await work.commit()
        return key_id, done

    async def retire(self, actor: Actor) -> tuple[str, ...]:
        """Destroy the earlier keys, and with them every old copy of the wrapped keys; StillWrapped if one is in use.

        Not in the same minute as a rotation: an upload that began before it may still store what the old key wrapped.
        """
        actor.check(Role.SUPERADMIN)
        current = await self.custody.envelopes.current_key_id()
        async for document in self._all():
            if any(key.key_id != current for key in document.keys):
                raise StillWrapped("some document is still wrapped by an earlier key: rewrap first")
        async with self.begin() as work:
            work.audit(actor, "kyc.retire_keys", current)
            await work.commit()
        return await self.custody.envelopes.retire()

    def _all(self) -> AsyncIterator[IdentityDocument]:
        return every(self.store, Listing("kyc_document", "everything", "all"))

    async def _rewrapped(self, listed: IdentityDocument) -> bool:
        return await retrying(lambda: self._one(listed))

    async def _one(self, listed: IdentityDocument) -> bool:
        async with self.begin() as work:
            document = await work.kyc_documents.find(listed.id)
            if document is None:
                return False
            fresh = await self.custody.rewrap(document)
            if fresh is document:
                return False
            work.kyc_documents.save(fresh)
            await work.commit()
        return True
