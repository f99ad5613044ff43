"""However often and in whatever order a gateway's notices come, or none of them: there is one end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from application.listing import every
from application.ports.payment_gateway import ChargeState, DisputeState, RefundState
from application.ports.store import Listing
from application.queries.notices import NoticeFilter
from application.use_cases.poll_gateways import PollGateways
from domain.booking import Booking, BookingStatus
from domain.ids import PaymentId
from domain.ledger import LedgerEntry, LedgerTransaction, balances
from domain.money import Money
from domain.payment import Payment
from domain.ticket import TicketStatus
from tests.support.pocket_gateway import PocketGateway
from tests.support.world import World

Chapter = Callable[[PocketGateway, PaymentId], None]


def becomes(state: ChargeState) -> Chapter:
    return lambda bank, payment: bank.becomes(payment, state)


def by_hand(reference: str, cents: int, state: RefundState) -> Chapter:
    return lambda bank, payment: bank.refund_by_hand(payment, Money(cents, "EUR"), state, reference=reference)


def dispute(state: DisputeState) -> Chapter:
    fee = Money(1500, "EUR")
    return lambda bank, payment: bank.dispute(payment, state, Money(3000, "EUR"), fee=fee)


STORY: tuple[Chapter, ...] = (
    becomes(ChargeState.REQUIRES_ACTION),
    becomes(ChargeState.FAILED),
    becomes(ChargeState.CAPTURED),
    by_hand("partly", 1000, RefundState.PENDING),
    by_hand("partly", 1000, RefundState.SUCCEEDED),
    by_hand("bounced", 500, RefundState.SUCCEEDED),
    by_hand("bounced", 500, RefundState.FAILED),
    dispute(DisputeState.OPEN),
)
"""What happens at the gateway, one thing after another, each with a notice of its own; then the dispute is closed."""
LAST = (DisputeState.WON, DisputeState.LOST)
CHAPTERS = len(STORY) + 1


class Told:
    """One telling of the story to a world of its own."""

    def __init__(self, world: World, booking: Booking, payment: Payment) -> None:
        self.world, self.booking, self.payment = world, booking, payment

    @classmethod
    async def begin(cls, world: World) -> "Told":
        event = await world.event(in_hours=24 * 30)
        buyer = await world.person()
        booking = await world.hold(buyer, event, 2)
        return cls(world, booking, await world.start_payment(buyer, booking))

    async def happens(self, chapter: int, last: DisputeState) -> None:
        (*STORY, dispute(last))[chapter](self.world.bank, self.payment.id)

    async def arrives(self, chapter: int) -> None:
        headers, body = self.world.bank.notice(self.payment.id, f"{self.payment.id}-{chapter}")
        await self.world.deeds.receive_notice("pocket", headers, body)
        await self.world.settle()

    async def lines(self) -> list[LedgerTransaction]:
        store = self.world.container.store()
        return [line async for line in every(store, Listing("ledger", "by_booking", self.booking.id))]

    async def end(self) -> tuple[Any, ...]:
        """Where booking, tickets, payment, refunds and money stand, without what differs between two worlds."""
        full = await self.world.deeds.bookings.show(self.world.operator, self.booking.id)
        [payment] = full.payments
        entries: list[LedgerEntry] = [entry for line in await self.lines() for entry in line.entries]
        money = {account: cents for account, cents in balances(entries).get("EUR", {}).items() if cents}
        return (
            full.booking.status,
            # Whether they were made and withdrawn, or never made, depends on when we looked; who may come in does not.
            sum(ticket.status is not TicketStatus.VOID for ticket in full.tickets),
            (payment.status, payment.outside, payment.disputed, payment.charged_back, payment.remaining),
            Counter((refund.amount, refund.status, refund.outside) for refund in full.refunds),
            money,
        )

    async def traces(self) -> tuple[Any, ...]:
        """Every mail and every line of the ledger."""
        mails = Counter(mail.subject for mail in self.world.mailbox.mails)
        return mails, Counter((line.kind, line.entries[0].amount) for line in await self.lines())


async def straight(world: World, last: DisputeState) -> Told:
    """Each notice once, in its order, when all has happened."""
    told = await Told.begin(world)
    for chapter in range(CHAPTERS):
        await told.happens(chapter, last)
    for chapter in range(CHAPTERS):
        await told.arrives(chapter)
    return told


@given(
    order=st.permutations(range(CHAPTERS)),
    again=st.lists(st.integers(0, CHAPTERS - 1), max_size=6),
    last=st.sampled_from(LAST),
)
@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_permutation_with_repetition_has_one_end_and_leaves_the_same_traces(
    tmp_path_factory: pytest.TempPathFactory, order: Sequence[int], again: Sequence[int], last: DisputeState
) -> None:
    async def compared() -> None:
        reference = await straight(World.of(tmp_path_factory.mktemp("straight")), last)
        told = await Told.begin(World.of(tmp_path_factory.mktemp("mixed")))
        for chapter in range(CHAPTERS):
            await told.happens(chapter, last)
        for chapter in (*again, *order, *again):
            await told.arrives(chapter)

        assert await told.end() == await reference.end()
        assert await told.traces() == await reference.traces()
        assert (await told.end())[0] is not BookingStatus.AWAITING_PAYMENT

    asyncio.run(compared())


@given(
    delays=st.lists(st.integers(0, CHAPTERS), min_size=CHAPTERS, max_size=CHAPTERS),
    times=st.lists(st.integers(1, 2), min_size=CHAPTERS, max_size=CHAPTERS),
    last=st.sampled_from(LAST),
)
@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_notices_that_come_while_the_story_goes_on_end_in_the_same_place(
    tmp_path_factory: pytest.TempPathFactory, delays: Sequence[int], times: Sequence[int], last: DisputeState
) -> None:
    """What was never seen leaves no trace, such as a refund that came and bounced in between: the end is the same."""

    async def compared() -> None:
        reference = await straight(World.of(tmp_path_factory.mktemp("straight")), last)
        told = await Told.begin(World.of(tmp_path_factory.mktemp("mixed")))
        for now in range(CHAPTERS):
            await told.happens(now, last)
            for chapter in range(now + 1):
                if min(chapter + delays[chapter], CHAPTERS - 1) == now:
                    for _ in range(times[chapter]):
                        await told.arrives(chapter)

        assert await told.end() == await reference.end()

    asyncio.run(compared())


async def scattered(world: World) -> list[Booking]:
    """Buyers whose payments end in every way, one of them too late for the last places; no notice ever comes."""
    world.clock.advance(1)
    event = await world.event(capacity=3, in_hours=24 * 30)
    bookings = []
    for state in (ChargeState.CAPTURED, ChargeState.FAILED, ChargeState.CAPTURED):
        buyer = await world.person()
        bookings.append(await world.hold(buyer, event))
        world.bank.becomes((await world.start_payment(buyer, bookings[-1])).id, state)
    late = await world.person()
    world.clock.advance(timedelta(minutes=1))
    world.bank.down = True
    await world.deeds.poll_gateways()
    world.clock.advance(timedelta(hours=1))
    await world.deeds.jobs.run_once()
    for _ in range(3):
        bookings.append(await world.hold(late, event))
        world.bank.down = False
        payment = await world.start_payment(late, bookings[-1])
        world.bank.becomes(payment.id, ChargeState.CAPTURED)
    return bookings


async def ends(world: World, bookings: Sequence[Booking]) -> list[tuple[bool, bool]]:
    """For each captured payment at the bank: whether it confirmed its booking, and whether all of it went back."""
    found = []
    for booking in bookings:
        full = await world.deeds.bookings.show(world.operator, booking.id)
        for payment in full.payments:
            if world.bank.charges[payment.id].state is ChargeState.CAPTURED:
                confirmed = full.booking.status is BookingStatus.CONFIRMED and full.booking.payment_id == payment.id
                charge = world.bank.charges[payment.id]
                found.append((confirmed, payment.is_captured and charge.refunded == charge.amount))
    return found


async def test_with_every_webhook_dropped_polling_alone_confirms_or_refunds(every_world: World) -> None:
    world = every_world
    bookings = await scattered(world)

    world.clock.advance(timedelta(minutes=20))
    await world.deeds.poll_gateways()
    await world.settle()

    found = await ends(world, bookings)
    assert len(found) == 5
    assert all(confirmed != refunded for confirmed, refunded in found), found
    assert {(True, False), (False, True)} == set(found)
    assert (await world.deeds.notices.standing()).pending == 0


async def test_without_polling_dropped_webhooks_leave_money_in_the_air(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the one above."""
    bookings = await scattered(world)

    async def idle(_self: PollGateways) -> int:
        return 0

    monkeypatch.setattr(PollGateways, "__call__", idle)
    world.clock.advance(timedelta(minutes=20))
    await world.deeds.poll_gateways()
    await world.settle()

    assert (False, False) in await ends(world, bookings)


async def test_if_words_were_believed_the_order_of_notices_would_decide(world: World) -> None:
    """The control: told by its first word and not by the gateway's truth, a payment would stay where that put it."""
    told = await Told.begin(world)
    await told.happens(1, DisputeState.WON)
    await told.arrives(1)
    before = (await told.end())[0]
    for chapter in range(2, CHAPTERS):
        await told.happens(chapter, DisputeState.WON)

    # The very same notice, looked at again, now leads to another end: nothing in it was believed.
    [receipt] = (await world.deeds.notices.list(world.operator, NoticeFilter(), None, 10)).items
    await world.deeds.replay_notices.one(world.operator, receipt.id)
    await world.settle()

    assert before is BookingStatus.HELD
    assert (await told.end())[0] is BookingStatus.CONFIRMED
