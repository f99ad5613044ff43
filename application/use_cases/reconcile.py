from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from attrs import evolve, frozen

from application.access import Actor
from application.errors import AlreadyExists, StaleVersion
from application.gateways import Gateway, Gateways
from application.listing import every
from application.once import AnsweredAlready, Once
from application.ports.clock import Clock
from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable
from application.ports.store import Listing, Store
from application.use_cases.compare_books import CompareBooks
from application.use_cases.heal_finding import HealFinding
from application.use_cases.note_finding import NoteFinding
from application.work import Begin
from domain.account import Role
from domain.errors import InvalidValue, NotAllowedNow
from domain.ids import FindingId
from domain.reconciliation import LEASE, Difference, FindingStatus, Reconciliation, ReconciliationRunning

DAYS_MAX: Final = 366
AGREED: Final = "they agree again"

Watch = Callable[[Reconciliation], None]


class NothingToCompare(NotAllowedNow):
    """No payment provider of this installation gives a list that our books could be compared with."""

    code = "nothing_to_compare"


@frozen
class ReconcileCommand:
    """Days are whole ones in UTC, the last one included; of today as much as is over."""

    first: date
    last: date
    gateway: str = ""
    """Empty: every one that gives a list."""

    def days(self) -> Sequence[datetime]:
        """When each begins; InvalidValue for none or too many."""
        count = (self.last - self.first).days + 1
        if not 1 <= count <= DAYS_MAX:
            raise InvalidValue(
                f"the last day is not before the first, and no more than {DAYS_MAX} are compared at once"
            )
        return [datetime.combine(self.first + timedelta(days=day), time(), UTC) for day in range(count)]


@frozen
class Compared:
    """What a comparison did. `differences` are those of a dry run, which keeps nothing."""

    days: Sequence[Reconciliation]
    differences: Sequence[Difference] = ()

    @property
    def is_finished(self) -> bool:
        return all(day.finished_at is not None for day in self.days)


@frozen
class Reconcile:
    """Compare our books with the gateways' own lists, day by day; put right what can be, and leave the rest to decide.

    A gateway that stops answering leaves its day unfinished: what was done stays done, and the next try begins that
    day again, where the same difference is the same finding.
    """

    begin: Begin
    clock: Clock
    store: Store
    gateways: Gateways
    compare: CompareBooks
    note: NoteFinding
    heal: HealFinding

    async def __call__(
        self, actor: Actor, command: ReconcileCommand, once: Once | None = None, watch: Watch = lambda _: None
    ) -> Compared:
        """`watch` is called after each day. ReconciliationRunning if somebody else is at one of them."""
        actor.check(Role.ADMIN)
        gateways, days = self.with_lists(command.gateway), command.days()
        await self._asked(actor, command, once)
        compared = []
        for gateway in gateways:
            for start in days:
                compared.append(await self.day(gateway, start))
                watch(compared[-1])
        done = Compared(compared)
        async with self.begin() as work:
            work.answer(once, done)
            await work.commit()
        return done

    async def foretell(self, actor: Actor, command: ReconcileCommand) -> Compared:
        """What would be found. Nothing is kept, and nothing is put right."""
        actor.check(Role.ADMIN)
        differences, days = [], []
        for gateway in self.with_lists(command.gateway):
            for start in command.days():
                record = Reconciliation.begin(gateway.name, start, self.clock.now())
                async for found in self.compare.span(gateway, record.start, record.end):
                    record = record.counting(matched=not found, findings=bool(found))
                    if found is not None:
                        differences.append(found)
                days.append(record.finish(self.clock.now()))
        return Compared(days, differences)

    def with_lists(self, name: str = "") -> Sequence[Gateway]:
        """Those that can be compared; NothingToCompare if that is none of them."""
        chosen = [self.gateways.named(name)] if name else list(self.gateways.known.values())
        able = [gateway for gateway in chosen if gateway.statements is not None]
        if not able:
            raise NothingToCompare("no payment provider here gives a list that our books can be compared with")
        return able

    async def day(self, gateway: Gateway, start: datetime) -> Reconciliation:
        """One day with one gateway: the record of it, unfinished if the gateway did not answer to the end."""
        record = await self._claim(gateway, start)
        assert record is not None, "only a day that is wanted once is left out"
        return await self._compared(gateway, record)

    async def day_once(self, gateway: Gateway, start: datetime) -> Reconciliation | None:
        """The same, and None if somebody has compared the whole day already."""
        record = await self._claim(gateway, start, only_if_missing=True)
        return None if record is None else await self._compared(gateway, record)

    async def _compared(self, gateway: Gateway, record: Reconciliation) -> Reconciliation:
        try:
            async for found in self.compare.span(gateway, record.start, record.end):
                record = await self._alive(await self._treat(gateway, record, found))
            record = await self._look_again(gateway, record)
        except (GatewayUnavailable, GatewayRefused) as error:
            return await self._keep(record.stop(f"{gateway.name} did not answer to the end: {error}"))
        return await self._keep(record.finish(self.clock.now()))

    async def _asked(self, actor: Actor, command: ReconcileCommand, once: Once | None) -> None:
        async with self.begin() as work:
            found = await work.answers.find(once.id) if once is not None else None
            if once is not None and found is not None and once.check(found, self.clock.now()):
                raise AnsweredAlready(once.id)
            work.audit(actor, "books.reconcile", command.gateway or "all", f"{command.first} to {command.last}")
            await work.commit()

    async def _claim(
        self, gateway: Gateway, start: datetime, *, only_if_missing: bool = False
    ) -> Reconciliation | None:
        """The record of the day, ours alone for a while; ReconciliationRunning if somebody else has it."""
        now = self.clock.now()
        record = Reconciliation.begin(gateway.name, start, now)
        async with self.begin() as work:
            known = await work.reconciliations.find(record.id)
            if known is not None and known.is_complete and only_if_missing:
                return None
            if known is None:
                work.reconciliations.add(record)
            else:
                record = known.begin_anew(now)
                work.reconciliations.save(record)
            try:
                await work.commit()
            except (AlreadyExists, StaleVersion):
                raise ReconciliationRunning(f"{record.id} is being compared by somebody else") from None
        return evolve(record, version=record.version + 1)

    async def _treat(self, gateway: Gateway, record: Reconciliation, found: Difference | None) -> Reconciliation:
        if found is None:
            return record.counting(matched=1)
        finding = await self.note(found)
        # What a person has decided is left as they decided it.
        how = await self.heal(gateway, found) if finding.status is FindingStatus.OPEN else ""
        if how:
            await self.note.healed(finding.id, how)
        return record.counting(findings=1, healed=bool(how))

    async def _look_again(self, gateway: Gateway, record: Reconciliation) -> Reconciliation:
        """Close what was found earlier and has been mended since."""
        mended: list[FindingId] = []
        async for finding in every(self.store, Listing("finding", "by_status", FindingStatus.OPEN)):
            is_older = finding.found_at < record.started_at
            if is_older and finding.gateway in {"", gateway.name}:
                record = await self._alive(record)
                if not await self.compare.is_still_there(gateway, finding):
                    mended.append(finding.id)
        for finding_id in mended:
            await self.note.healed(finding_id, AGREED)
        return record

    async def _alive(self, record: Reconciliation) -> Reconciliation:
        """Keep the day ours while it takes long; whoever lost it stops here."""
        now = self.clock.now()
        if record.lease_until is not None and record.lease_until - now > LEASE / 2:
            return record
        return await self._keep(record.alive(now))

    async def _keep(self, record: Reconciliation) -> Reconciliation:
        async with self.begin() as work:
            work.reconciliations.save(record)
            try:
                await work.commit()
            except StaleVersion:
                raise ReconciliationRunning(f"{record.id} was taken over by somebody else") from None
        return evolve(record, version=record.version + 1)
