"""What time brings: it is stored when somebody gets round to it, and holds before that."""

from attrs import evolve, frozen

from application.errors import StaleVersion
from application.kinds import microseconds
from application.listing import each
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.records import (
    ANSWER_KEPT,
    NOTICE_KEPT,
    Answer,
    Challenge,
    NoticeReceipt,
    NoticeState,
    OneTimeToken,
    Session,
)
from application.work import Begin
from domain.event import Event


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
    """Remove sessions, links, kept answers and notices whose time is over.

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
            Listing("challenge", "expiring", "all", below=now),
            Listing("answer", "expiring", "all", below=kept),
            Listing("notice", "everything", "all", below=microseconds(self.clock.now() - NOTICE_KEPT)),
        ):
            gone += await each(self.store, listing, self._remove)
        return gone

    async def _remove(self, record: Session | OneTimeToken | Challenge | Answer | NoticeReceipt) -> bool:
        async with self.begin() as work:
            match record:
                case Session():
                    work.sessions.delete(record)
                case OneTimeToken():
                    work.tokens.delete(record)
                case Challenge():
                    work.challenges.delete(record)
                case Answer():
                    work.answers.delete(record)
                case NoticeReceipt() if record.state is NoticeState.APPLIED:
                    work.notices.delete(record)
                case NoticeReceipt() if record.body:
                    work.notices.save(evolve(record, body=b""))
                case NoticeReceipt():
                    return False
            try:
                await work.commit()
            except StaleVersion:
                return False
        return True
