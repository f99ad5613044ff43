"""A process that calls an event off is killed at every named point; the planned refunds are made, once each."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest

from application.passing import Point, unwatched
from domain.booking import BookingStatus
from domain.booking_outcome import OutcomeState
from domain.event_cancellation import CancellationState
from domain.money import Money
from domain.refund import RefundStatus
from tests.support import calling_off
from tests.support.calling_off_story import QUANTITIES, CallingOff, KeylessCallingOff
from tests.support.fake_clock import NOON, FakeClock
from tests.support.killing import cast, in_a_process, opened
from tests.support.story import Cast, Killer

PRICE = Money(2500, "EUR")
PLANNED = sorted([PRICE * quantity for quantity in QUANTITIES] + [PRICE], key=lambda amount: amount.amount_minor)
"""What goes back: what was paid before, and what was paid while the event was called off."""


async def sold(url: str, folder: Path, name: str) -> Cast:
    acting = await cast(url, folder, name)
    async with opened(url) as store:
        await CallingOff.on(store, folder, acting, FakeClock(), unwatched).sell_all()
    return acting


async def check(url: str, folder: Path, acting: Cast) -> None:
    async with opened(url) as store:
        story = CallingOff.on(store, folder, acting, FakeClock(NOON.replace(minute=10)), unwatched)
        world, event = story.world, acting.event
        bookings = (await world.deeds.bookings.of_event(world.operator, event.id, None, 100)).items
        assert Counter(booking.status for booking in bookings) == {BookingStatus.CANCELLED: 4}
        planned = []
        for booking in bookings:
            full = await world.deeds.bookings.show(world.operator, booking.id)
            for payment in full.payments:
                assert [refund.status for refund in full.refunds] == [RefundStatus.SUCCEEDED]
                assert story.bank.charges[payment.id].refunded == payment.amount, "at the gateway, once"
                planned.append(payment.amount)
        assert sorted(planned, key=lambda amount: amount.amount_minor) == PLANNED
        told = await calling_off.report(world, event)
        assert (told.cancellation.state, told.ended) == (CancellationState.DONE, 4)
        assert told.outcomes[OutcomeState.SUCCEEDED].sums == {"EUR": Money.total(PLANNED, "EUR")}
        assert told.outcomes[OutcomeState.NOTHING_PAID].count == 1
        assert await calling_off.places(world, event) == (0, 0)
        assert await world.deeds.relay.run_once() == 0, "nothing is left under way"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", list(Point))
def test_killed_anywhere_it_ends_with_the_planned_refunds_once_each(
    durable_url: str, tmp_path: Path, point: Point
) -> None:
    # What is left before a commit is what the one before it left, but for what has points of its own.
    stride = 3 if point is Point.BEFORE_COMMIT else 1
    kills = 0
    for nth in range(1, 200, stride):
        acting = asyncio.run(sold(durable_url, tmp_path, f"{point}-{nth}"))
        code = in_a_process(durable_url, tmp_path, acting, Killer(point, nth), CallingOff)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
        assert in_a_process(durable_url, tmp_path, acting, None, CallingOff) == 0
        asyncio.run(check(durable_url, tmp_path, acting))

    assert kills >= 3, "each refund passes every point"


def test_without_keys_a_killed_process_refunds_twice(durable_url: str, tmp_path: Path) -> None:
    """The control: the check above does see money that goes back twice."""
    acting = asyncio.run(sold(durable_url, tmp_path, "keyless"))
    killer = Killer(Point.AFTER_GATEWAY, 1)
    assert in_a_process(durable_url, tmp_path, acting, killer, KeylessCallingOff) == -signal.SIGKILL
    assert in_a_process(durable_url, tmp_path, acting, None, KeylessCallingOff) == 0

    with pytest.raises(AssertionError, match="at the gateway, once"):
        asyncio.run(check(durable_url, tmp_path, acting))
