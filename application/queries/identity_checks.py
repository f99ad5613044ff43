"""Identity checks, for those who ask and those who decide."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.identity_document import IdentityDocument
from domain.kyc import KycRequest


@frozen
class Reuse:
    """A document that another account has handed in too."""

    document_id: str
    account_id: str
    request_id: str


@frozen
class IdentityCheck:
    """A request with its documents."""

    request: KycRequest
    documents: tuple[IdentityDocument, ...]
    reused: tuple[Reuse, ...] = ()
    """For reviewers alone: whose a document is elsewhere is nobody else's business."""


@frozen
class IdentityChecks:
    begin: Begin
    store: Store

    async def list(self, actor: Actor, status: str, cursor: str | None, limit: int) -> Page[KycRequest]:
        """In one state, oldest first."""
        actor.check(Role.ADMIN)
        page: Page[Any] = await self.store.list(Listing("kyc_request", "by_status", status, limit=limit, after=cursor))
        return page

    async def mine(self, actor: Actor) -> Page[KycRequest]:
        """The actor's own requests, newest first."""
        listing = Listing("kyc_request", "by_account", actor.signed_in().id, descending=True)
        page: Page[Any] = await self.store.list(listing)
        return page

    async def show(self, actor: Actor, request_id: str) -> IdentityCheck:
        """One's own, or any to an administrator; NotFound otherwise."""
        actor.check(Role.USER)
        work = self.begin()
        request = await work.kyc_requests.find(request_id)
        if request is None or not (actor.has(Role.ADMIN) or actor.is_person(request.account_id)):
            raise NotFound("no such kyc request")
        documents = tuple(await work.kyc_documents.get_all(request.document_ids))
        # Nobody reviews their own request, an administrator's own neither.
        reused = () if actor.is_person(request.account_id) else await self._reused(documents)
        return IdentityCheck(request, documents, reused)

    async def _reused(self, documents: Sequence[IdentityDocument]) -> tuple[Reuse, ...]:
        found: list[Reuse] = []
        for document in documents:
            if document.fingerprint is None:
                continue
            page: Page[Any] = await self.store.list(Listing("kyc_document", "by_fingerprint", document.fingerprint))
            found += [
                Reuse(document.id, other.account_id, other.request_id)
                for other in page.items
                if other.account_id != document.account_id
            ]
        return tuple(found)
