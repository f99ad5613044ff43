"""Everything that is known about one person, as one document."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

from attrs import frozen

from application.access import Actor
from application.listing import every
from application.personal_file import FORM, FORMAT, Document, kinds_told, plain, told, without_others
from application.ports.clock import Clock
from application.ports.store import Listing, Record, Store
from application.use_cases.administer_accounts import find_account
from application.work import Begin
from domain.account import Account, Role

_BY_ACCOUNT: Final = ("kyc_request", "session", "api_key", "known_device", "event_grant", "consent")
_BY_BOOKING: Final = ("ticket", "admission", "payment", "refund")

Found = dict[str, list[Any]]


@frozen
class ExportPerson:
    """For the person, or for an operator who was asked by them, which is audited. Nobody else is named in it."""

    begin: Begin
    clock: Clock
    store: Store

    async def mine(self, actor: Actor) -> Document:
        """One's own."""
        return await self._document(await self.begin().accounts.get(actor.signed_in().id))

    async def __call__(self, actor: Actor, wanted: str) -> Document:
        """Anybody's, by id or address."""
        actor.check(Role.SUPERADMIN)
        async with self.begin() as work:
            account = await find_account(work, wanted)
            work.audit(actor, "account.export", account.id)
            await work.commit()
        return await self._document(account)

    async def _document(self, account: Account) -> Document:
        found: Found = {kind: [] for kind in kinds_told()}
        found["account"] = [account]
        await self._gather(account, found)
        found["audit"] = await self._audit(account, found)
        lists: Document = {kind: [told(kind, record) for record in records] for kind, records in found.items()}
        records = without_others(account.id, lists)
        return {"format": FORMAT, "form": FORM, "made_at": plain(self.clock.now()), "records": records}

    async def _gather(self, account: Account, found: Found) -> None:
        work = self.begin()
        found["booking"] = await self._all(Listing("booking", "by_buyer", account.id))
        found["event"] = await self._all(Listing("event", "by_organizer", account.id))
        for kind in _BY_ACCOUNT:
            found[kind] = await self._all(Listing(kind, "by_account", account.id))
        found["event_invitation"] = await self._all(Listing("event_invitation", "by_email", account.email))
        for booking in found["booking"]:
            for kind in _BY_BOOKING:
                found[kind] += await self._all(Listing(kind, "by_booking", booking.id))
        for payment in found["payment"]:
            found["dispute"] += await self._all(Listing("dispute", "by_payment", payment.id))
        found["booking_outcome"] = await work.booking_outcomes.get_all(_ids(found["booking"]))
        found["second_factors"] = await work.second_factors.get_all([account.id])
        documents = [document_id for request in found["kyc_request"] for document_id in request.document_ids]
        found["kyc_document"] = await work.kyc_documents.get_all(documents)

    async def _audit(self, account: Account, found: Found) -> list[Any]:
        """What the person did, and what was done to the person and what is theirs."""
        about = (account.id, *_ids(found["booking"]), *_ids(found["ticket"]), *_ids(found["kyc_request"]))
        records = {record.id: record async for record in self._traces(account.id, about)}
        return sorted(records.values(), key=lambda record: (record.at, record.id))

    async def _traces(self, account_id: str, subjects: Sequence[str]) -> AsyncIterator[Any]:
        async for record in every(self.store, Listing("audit", "by_actor", account_id)):
            yield record
        for subject in subjects:
            async for record in every(self.store, Listing("audit", "by_subject", subject)):
                yield record

    async def _all(self, listing: Listing) -> list[Any]:
        return [record async for record in every(self.store, listing)]


def _ids(records: Iterable[Record]) -> list[str]:
    return [record.id for record in records]
