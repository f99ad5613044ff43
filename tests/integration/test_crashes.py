"""A process is killed at every named point, as often as it is passed; what was acknowledged stays, nothing repeats."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.persistence.gathering import GatheringStore
from application.passing import Point, unwatched
from domain.admission import AdmissionOutcome
from domain.booking import BookingStatus
from domain.refund import RefundStatus
from domain.ticket import TicketStatus
from tests.support.fake_clock import NOON, FakeClock
from tests.support.killing import cast, in_a_process, opened
from tests.support.story import CarelessStory, Cast, Killer, Story


async def check(url: str, folder: Path, acting: Cast) -> None:
    async with opened(url) as store:
        await check_on(store, folder, acting)


async def check_on(store: GatheringStore, folder: Path, acting: Cast) -> None:
    story = Story.on(store, folder, acting, FakeClock(NOON.replace(minute=10)), unwatched)
    deeds, operator, event = story.world.deeds, story.world.operator, acting.event
    told = [line.split() for line in story.journal.read_text().splitlines()]
    answers = Counter({what: len({answer for w, answer in told if w == what}) for what, _ in told})
    assert set(answers.values()) == {1}, f"a repeated request was answered differently: {told}"

    bookings = (await deeds.bookings.of_event(operator, event.id, None, 100)).items
    assert Counter(booking.status for booking in bookings) == {BookingStatus.CONFIRMED: 1, BookingStatus.CANCELLED: 1}
    assert {booking.id for booking in bookings} == {answer for what, answer in told if what.startswith("hold")}
    for booking in bookings:
        full = await deeds.bookings.show(operator, booking.id)
        assert len(full.tickets) == 2
        assert len(full.payments) == 1
        if booking.status is BookingStatus.CANCELLED:
            assert {ticket.status for ticket in full.tickets} == {TicketStatus.VOID}
            assert [refund.status for refund in full.refunds] == [RefundStatus.SUCCEEDED]
            assert story.bank.charges[full.payments[0].id].refunded == booking.price
        else:
            assert sorted(ticket.status for ticket in full.tickets) == [TicketStatus.USED, TicketStatus.VALID]
            assert full.refunds == ()
    [allotment] = (await deeds.events.show(operator, event.id)).allotments
    assert (allotment.held, allotment.sold) == (0, 2)
    log = (await deeds.bookings.door_log(operator, event.id, None, 100)).items
    assert [entry.outcome for entry in log] == [AdmissionOutcome.ADMITTED]
    mails = Counter(story.mailbox.ids(acting.buyer.signed_in().email))
    assert len(mails) == 4, "tickets twice, one cancellation, one refund"
    assert max(mails.values()) <= 2, "killed between sending and noting it, a mail may go twice, and no more"
    assert await deeds.relay.run_once() == 0, "nothing is left under way"


@pytest.mark.slow
@pytest.mark.parametrize("point", list(Point))
def test_a_killed_process_loses_nothing_acknowledged_and_repeats_nothing(
    durable_url: str, tmp_path: Path, point: Point
) -> None:
    assert kills_of(durable_url, tmp_path, point, range(1, 100)) >= 2, "the story passes every point at least twice"


@pytest.mark.dynamo
@pytest.mark.slow
@pytest.mark.parametrize("point", list(Point))
def test_on_dynamodb_a_killed_process_loses_nothing_acknowledged_either(
    dynamo_url: str, tmp_path: Path, point: Point
) -> None:
    # Each takes seconds there, and commits are many: every third of them.
    step = 3 if point in {Point.BEFORE_COMMIT, Point.AFTER_COMMIT} else 1
    assert kills_of(dynamo_url, tmp_path, point, range(1, 100, step)) >= 2


def kills_of(durable_url: str, tmp_path: Path, point: Point, times: Iterable[int]) -> int:
    """How often a process could be killed at a point, with all in order after each."""
    kills = 0
    for nth in times:
        acting = asyncio.run(cast(durable_url, tmp_path, f"{point}-{nth}"))
        code = in_a_process(durable_url, tmp_path, acting, Killer(point, nth))
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
        assert in_a_process(durable_url, tmp_path, acting, None) == 0
        asyncio.run(check(durable_url, tmp_path, acting))
    return kills


def test_without_keys_a_killed_process_repeats_what_it_did(durable_url: str, tmp_path: Path) -> None:
    """The control: the check above does see a repetition."""
    acting = asyncio.run(cast(durable_url, tmp_path, "careless"))
    assert in_a_process(durable_url, tmp_path, acting, Killer(Point.AFTER_COMMIT, 1), CarelessStory) == -signal.SIGKILL
    in_a_process(durable_url, tmp_path, acting, None, CarelessStory)

    with pytest.raises(AssertionError):
        asyncio.run(check(durable_url, tmp_path, acting))
