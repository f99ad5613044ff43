from datetime import timedelta

import pytest
from attrs import evolve

from domain.errors import InvalidValue
from domain.event import (
    GRACE,
    EventFrozen,
    EventNotOnSale,
    EventStatus,
    EventTransitionRefused,
    SaleClosed,
    Schedule,
    Venue,
)
from domain.facts import EventCancelled, EventRescheduled
from domain.money import Money
from tests import build

SECOND = timedelta(seconds=1)


def test_a_published_event_opens_its_doors_and_ends_by_the_clock_alone() -> None:
    event = build.event(status=EventStatus.PUBLISHED)
    doors, end = event.schedule.doors_open_at, event.schedule.ends_at + GRACE

    assert event.status_at(doors - SECOND) is EventStatus.PUBLISHED
    assert event.status_at(doors) is EventStatus.ACTIVE
    assert event.status_at(end - SECOND) is EventStatus.ACTIVE
    assert event.status_at(end) is EventStatus.COMPLETED
    assert event.settle(end).status is EventStatus.COMPLETED


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.CANCELLED, EventStatus.COMPLETED])
def test_the_clock_moves_no_other_state(status: EventStatus) -> None:
    event = build.event(status=status)

    assert event.status_at(event.schedule.closes_at) is status


def test_an_active_event_takes_no_bookings_unless_it_sells_at_the_door() -> None:
    event = build.event(status=EventStatus.PUBLISHED)
    inside = event.schedule.doors_open_at + SECOND

    with pytest.raises(EventNotOnSale):
        event.check_on_sale(inside)
    evolve(event, door_sales=True).check_on_sale(inside)
    with pytest.raises(SaleClosed):
        evolve(event, door_sales=True).check_on_sale(event.schedule.ends_at)


def test_a_sale_ends_at_its_second() -> None:
    schedule = build.event().schedule
    early = evolve(schedule, sales_end_at=schedule.doors_open_at - timedelta(hours=1))
    event = build.event(status=EventStatus.PUBLISHED, schedule=early)

    event.check_on_sale(early.sales_end_at - SECOND)
    with pytest.raises(SaleClosed):
        event.check_on_sale(early.sales_end_at)


def test_a_draft_is_published_once_and_a_cancelled_event_never_again() -> None:
    draft = build.event(status=EventStatus.DRAFT)
    published = draft.publish(build.NOW)

    assert published.status is EventStatus.PUBLISHED
    assert published.publish(build.NOW) is published
    with pytest.raises(EventTransitionRefused):
        published.cancel(build.NOW).publish(build.NOW)
    with pytest.raises(EventTransitionRefused):
        draft.publish(draft.schedule.ends_at)
    with pytest.raises(EventTransitionRefused):
        evolve(draft, ticket_types=()).publish(build.NOW)


def test_cancelling_is_told_once() -> None:
    event = build.event(status=EventStatus.PUBLISHED)
    cancelled = event.cancel(build.NOW)

    assert cancelled.facts == (EventCancelled(build.NOW, event.id),)
    assert cancelled.cancel(build.NOW) is cancelled


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.COMPLETED])
def test_what_is_not_on_cannot_be_called_off(status: EventStatus) -> None:
    with pytest.raises(EventTransitionRefused):
        build.event(status=status).cancel(build.NOW)


def test_new_dates_after_a_booking_are_told_and_words_are_not() -> None:
    event = build.event(status=EventStatus.PUBLISHED)
    moved = evolve(event, venue=Venue("Elsewhere"))

    assert event.edit(moved, build.NOW, booked=True).facts == (EventRescheduled(build.NOW, event.id),)
    assert event.edit(moved, build.NOW, booked=False).facts == ()
    assert event.edit(evolve(event, title="New words"), build.NOW, booked=True).facts == ()


def test_dates_moved_into_the_future_open_the_sale_again_whether_or_not_a_job_ran() -> None:
    event = build.event(status=EventStatus.PUBLISHED)
    inside = event.schedule.doors_open_at + SECOND
    week = timedelta(days=7)
    times = event.schedule
    later = evolve(
        times,
        starts_at=times.starts_at + week,
        ends_at=times.ends_at + week,
        doors_open_at=times.doors_open_at + week,
        sales_end_at=times.sales_end_at + week,
    )
    for stored in (event, event.settle(inside)):
        moved = stored.edit(evolve(stored, schedule=later), inside, booked=False)

        assert moved.status is EventStatus.PUBLISHED
        moved.check_on_sale(inside)


def test_currency_and_ticket_types_freeze_with_the_first_booking() -> None:
    event = build.event(status=EventStatus.PUBLISHED, currency="EUR")
    kind = event.ticket_types[0]
    dollars = evolve(event, currency="USD", ticket_types=(evolve(kind, price=Money(1, "USD")),))

    assert event.edit(dollars, build.NOW, booked=False).currency == "USD"
    with pytest.raises(EventFrozen):
        event.edit(dollars, build.NOW, booked=True)
    with pytest.raises(EventFrozen):
        event.edit(evolve(event, ticket_types=()), build.NOW, booked=True)


def test_only_what_is_over_is_archived() -> None:
    event = build.event(status=EventStatus.PUBLISHED)

    assert event.archive(event.schedule.closes_at).archived
    with pytest.raises(EventTransitionRefused):
        event.archive(build.NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"ends_at": timedelta(0)}, {"ends_at": timedelta(days=400)}, {"doors_open_at": timedelta(days=2)}],
)
def test_a_schedule_in_the_wrong_order_is_none(wrong: dict[str, timedelta]) -> None:
    start = build.later(days=1)
    times = {"ends_at": start + timedelta(hours=2), **{name: start + by for name, by in wrong.items()}}

    with pytest.raises(InvalidValue):
        Schedule(starts_at=start, zone="Asia/Kolkata", **times)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime"])
def test_a_zone_is_an_iana_zone(zone: str) -> None:
    with pytest.raises(InvalidValue):
        evolve(build.event().schedule, zone=zone)
