"""What is begun while somebody looks whether a person may go: it is refused, or over by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from application.access import Actor
from application.ports.store import ChangeSet, Outcome
from application.records_of_kind import Records
from domain.account import Account, AccountStatus, LastSuperAdmin, Role
from domain.booking import Booking, BookingStatus
from domain.erasure import LOOK_MAX, BeingErased, Erasure, ErasureRefused
from domain.errors import DomainError
from domain.event import Event, EventStatus
from tests.support.opening import open_any
from tests.support.world import World
from tests.support.worlds import EVERY_STORE

Deed = Callable[[], Awaitable[object]]


@define(eq=False)
class _Between(GatheringStore):
    """Lets somebody else act after the look of an erasure, and before the commit that ends the account."""

    deed: Deed | None = None
    refused: DomainError | None = None

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        deed = self.deed
        if deed is not None and any(isinstance(record, Erasure) for changes in batch for record in changes.inserts):
            self.deed = None
            try:
                await deed()
            except DomainError as refused:
                self.refused = refused
        return await super().commit(batch)


@define(eq=False)
class Race:
    """An erasure, and a deed that falls into the middle of it."""

    world: World
    store: _Between

    async def erase(self, person: Actor, meanwhile: Deed) -> None:
        self.store.deed = meanwhile
        await self.world.deeds.erase_account(self.world.operator, person.name)

    async def account(self, person: Actor) -> Account:
        return await self.world.container.begin()().accounts.get(person.name)

    async def bookings(self, person: Actor) -> Sequence[Booking]:
        return (await self.world.deeds.bookings.of_buyer(self.world.operator, person.name, None, 9)).items


@pytest.fixture(params=[*EVERY_STORE])
async def race(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Race]:
    is_memory = request.param == "memory"
    inner = MemoryStore() if is_memory else await open_any(request.getfixturevalue(f"{request.param}_url"))
    store = _Between(inner)
    yield Race(World.of(tmp_path, store), store)
    await store.close()


async def _known(race: Race) -> Event:
    """A free event that this process has read before: what is decided on it needs no fresh look."""
    event = await race.world.event(price="0")
    await race.world.hold(await race.world.person(), event)
    return event


async def test_a_free_booking_that_was_under_way_is_refused(race: Race) -> None:
    event, buyer = await _known(race), await race.world.person()

    await race.erase(buyer, lambda: race.world.hold(buyer, event))

    assert isinstance(race.store.refused, BeingErased)
    assert (await race.account(buyer)).status is AccountStatus.DELETED
    assert not await race.bookings(buyer)


async def test_without_the_mark_somebody_erased_would_have_a_ticket(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Account, "start_erasing", lambda account, _at: account)
    monkeypatch.setattr(Account, "is_marked_as", lambda *_: True)
    event, buyer = await _known(race), await race.world.person()

    await race.erase(buyer, lambda: race.world.hold(buyer, event))

    assert (await race.account(buyer)).status is AccountStatus.DELETED
    assert [booking.status for booking in await race.bookings(buyer)] == [BookingStatus.CONFIRMED]


async def test_a_booking_that_did_not_expect_the_account_would_not_see_the_mark(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, buyer = await _known(race), await race.world.person()
    expect: Any = Records.expect
    monkeypatch.setattr(Records, "expect", lambda to, one: None if isinstance(one, Account) else expect(to, one))

    await race.erase(buyer, lambda: race.world.hold(buyer, event))

    assert [booking.status for booking in await race.bookings(buyer)] == [BookingStatus.CONFIRMED]


async def test_an_event_that_was_about_to_be_published_stays_a_draft_and_goes(race: Race) -> None:
    organizer = await race.world.organizer()
    draft = await race.world.event(organizer, published=False)

    await race.erase(organizer, lambda: race.world.deeds.move_event.publish(race.world.operator, draft.id))

    assert isinstance(race.store.refused, BeingErased)
    assert await race.world.container.begin()().events.find(draft.id) is None


async def test_without_the_mark_an_event_of_nobody_would_be_on_sale(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Account, "check_stays", lambda *_: None)
    organizer = await race.world.organizer()
    draft = await race.world.event(organizer, published=False)

    await race.erase(organizer, lambda: race.world.deeds.move_event.publish(race.world.operator, draft.id))

    left = await race.world.container.begin()().events.get(draft.id)
    assert left.status is EventStatus.PUBLISHED


async def test_what_was_held_under_way_is_never_paid_and_lapses(race: Race) -> None:
    event, buyer = await race.world.event(), await race.world.person()
    await race.world.hold(await race.world.person(), event)
    held: list[Booking] = []

    async def hold_and_pay() -> None:
        held.append(await race.world.hold(buyer, event))
        came_back = Actor.person(await race.account(buyer), buyer.session)
        await race.world.start_payment(came_back, held[0])

    await race.erase(buyer, hold_and_pay)

    assert isinstance(race.store.refused, BeingErased)
    race.world.clock.advance(timedelta(hours=1))
    await race.world.container.expire_holds().everywhere()
    [lapsed] = await race.bookings(buyer)
    assert (lapsed.id, lapsed.status, lapsed.buyer_name) == (held[0].id, BookingStatus.EXPIRED, "Deleted account")


async def _two_leave_at_once(race: Race) -> list[AccountStatus]:
    one, other = await race.world.person(Role.SUPERADMIN), await race.world.person(Role.SUPERADMIN)
    leave = race.world.deeds.erase_account.mine
    race.store.deed = lambda: leave(other, other.signed_in().email)
    with suppress(LastSuperAdmin):
        await leave(one, one.signed_in().email)
    return [(await race.account(person)).status for person in (one, other)]


async def test_of_two_last_superadministrators_who_leave_at_once_one_stays(race: Race) -> None:
    assert await _two_leave_at_once(race) == [AccountStatus.ACTIVE, AccountStatus.DELETED]


async def test_if_neither_expected_the_other_nobody_would_be_left(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Records, "expect", lambda *_: None)

    assert await _two_leave_at_once(race) == [AccountStatus.DELETED, AccountStatus.DELETED]


async def test_who_is_needed_goes_on_as_before(race: Race) -> None:
    organizer = await race.world.organizer()
    first, second = await race.world.event(organizer), await race.world.event(organizer, published=False, price="0")

    with pytest.raises(ErasureRefused, match=first.id):
        await race.world.deeds.erase_account.mine(organizer, organizer.signed_in().email)

    await race.world.deeds.move_event.publish(organizer, second.id)
    assert (await race.world.hold(organizer, second)).status is BookingStatus.CONFIRMED


async def test_a_look_that_died_holds_nobody_up_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    event, buyer = await world.event(price="0"), await world.person()

    async def die(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(type(world.deeds.erase_account.check), "obstacles", die)
    with pytest.raises(MemoryError):
        await world.deeds.erase_account(world.operator, buyer.name)
    marked = Actor.person(await world.container.begin()().accounts.get(buyer.name), buyer.session)
    with pytest.raises(BeingErased):
        await world.hold(marked, event)

    world.clock.advance(LOOK_MAX)

    assert (await world.hold(marked, event)).status is BookingStatus.CONFIRMED


async def test_a_look_that_took_too_long_ends_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await world.person()

    async def dawdle(*_: object) -> list[object]:
        world.clock.advance(LOOK_MAX)
        return []

    monkeypatch.setattr(type(world.deeds.erase_account.check), "obstacles", dawdle)

    with pytest.raises(DomainError, match="took too long"):
        await world.deeds.erase_account(world.operator, buyer.name)

    account = await world.container.begin()().accounts.get(buyer.name)
    assert (account.status, account.erasing_until) == (AccountStatus.ACTIVE, None)


async def test_two_do_not_look_at_once(world: World) -> None:
    buyer = await world.person()
    async with world.container.begin()() as work:
        account = await work.accounts.get(buyer.name)
        work.accounts.save(account.start_erasing(world.clock.now()))
        await work.commit()

    with pytest.raises(BeingErased):
        await world.deeds.erase_account(world.operator, buyer.name)
    kept = await world.container.begin()().accounts.get(buyer.name)
    assert kept.erasing_until is not None, "the mark of the other holds"
