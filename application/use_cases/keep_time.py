"""What time brings: it is stored when somebody gets round to it, and holds before that."""

from datetime import timedelta
from typing import Any, Final

from attrs import evolve, frozen

from application.counted import GuessCount, KnownDevice, RateCount
from application.errors import StaleVersion
from application.kind import microseconds
from application.listing import each
from application.ports.clock import Clock
from application.ports.store import Listing, Record, Store
from application.records import (
    ANSWER_KEPT,
    NOTICE_KEPT,
    Answer,
    Challenge,
    EventInvitation,
    NoticeReceipt,
    NoticeState,
    OneTimeToken,
    Session,
)
from application.records_of_kind import Records
from application.work import Begin, Work
from domain.api_key import ApiKey
from domain.event import Event

KEY_KEPT: Final = timedelta(days=90)
"""For how long its owner still sees a key that has expired."""


@frozen
class SettleEvents:
    """Store that events have opened their doors or are over."""

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self) -> int:
        """How many events moved."""
        due = microseconds(self.clock.now()) + 1
        return await each(self.store, Listing("event", "changing", "all", below=due), self._settle)

    async def _settle(self, listed: Event) -> bool:
        async with self.begin() as work:
            event = await work.events.get(listed.id)
            settled = event.settle(self.clock.now())
            if settled == event:
                return False
            work.events.save(settled)
            try:
                await work.commit()
            except StaleVersion:
                return False
        return True


@frozen
class Forget:
    """Remove sessions, keys, links, kept answers, counts and notices whose time is over.

    A notice that was never applied stays, for a person to see, and loses only what the gateway said in it.
    """

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self) -> int:
        """How many records went."""
        now = microseconds(self.clock.now())
        kept = microseconds(self.clock.now() - ANSWER_KEPT)
        gone = 0
        for listing in (
            Listing("session", "expiring", "all", below=now),
            Listing("one_time_token", "expiring", "all", below=now),
            Listing("rate_count", "expiring", "all", below=now),
            Listing("guess_count", "expiring", "all", below=now),
            Listing("known_device", "expiring", "all", below=now),
            Listing("api_key", "expiring", "all", below=microseconds(self.clock.now() - KEY_KEPT)),
            Listing("challenge", "expiring", "all", below=now),
            Listing("event_invitation", "expiring", "all", below=now),
            Listing("answer", "expiring", "all", below=kept),
            Listing("notice", "everything", "all", below=microseconds(self.clock.now() - NOTICE_KEPT)),
        ):
            gone += await each(self.store, listing, self._remove)
        return gone

    async def _remove(self, record: Record) -> bool:
        async with self.begin() as work:
            if not isinstance(record, NoticeReceipt) or record.state is NoticeState.APPLIED:
                _of_its_kind(work, record).delete(record)
            elif record.body:
                work.notices.save(evolve(record, body=b""))
            else:
                return False
            try:
                await work.commit()
            except StaleVersion:
                return False
        return True


def _of_its_kind(work: Work, record: Record) -> Records[Any]:
    known: dict[type[Any], Records[Any]] = {
        Session: work.sessions,
        OneTimeToken: work.tokens,
        Challenge: work.challenges,
        EventInvitation: work.invitations,
        ApiKey: work.api_keys,
        RateCount: work.rate_counts,
        GuessCount: work.guess_counts,
        KnownDevice: work.known_devices,
        Answer: work.answers,
        NoticeReceipt: work.notices,
    }
    return known[type(record)]
