"""The numbers of the capacity page are counted anew, on the sets that a booking really commits."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.aws import capacity
from adapters.aws.capacity import BOOKING, STEPS, Step, ceiling, together
from adapters.aws.dynamo_guards import put_all
from adapters.aws.dynamo_items import item_of, size_of
from adapters.aws.estimate import ALARM_COUNT, Estimate
from adapters.aws.site.description import things
from adapters.aws.site.place import Environment, place_in_template
from adapters.persistence.gathering import GatheringStore
from application.kinds import kind_of
from application.ports.payment_gateway import ChargeState
from application.ports.store import ChangeSet, Key, Listing, Outcome
from tests.support.command_line import CommandLine
from tests.support.metered_store import SMALL_BYTES, Charged, MeteredStore
from tests.support.world import World

PAGE = (Path(__file__).parents[3] / "docs" / "aws-capacity.md").read_text()


async def counted(store: MeteredStore, folder: Path) -> list[Charged]:
    """What each step of a booking of two places is charged for. Everybody has booked once before: limits are known."""
    world = World.of(folder, GatheringStore(store))
    event = await world.event(capacity=100)
    buyer = await world.person()
    await world.buy(buyer, event, 2)
    store.stored_bytes, found = 0, [store.charged]
    booking = await world.hold(buyer, event, 2)
    found.append(store.charged)
    payment = await world.start_payment(buyer, booking)
    found.append(store.charged)
    world.bank.becomes(payment.id, ChargeState.CAPTURED, at=world.clock.now())
    await world.deeds.receive_notice("pocket", *world.bank.notice(payment.id, ""))
    found.append(store.charged)
    await world.settle()
    found.append(store.charged)
    return [after - before for before, after in pairwise(found)]


async def test_a_booking_is_charged_for_what_the_page_says(tmp_path: Path) -> None:
    store = MeteredStore()
    charged = await counted(store, tmp_path)

    assert [Step(step.told, *_numbers(each)) for step, each in zip(STEPS, charged, strict=True)] == list(STEPS)
    assert store.stored_bytes == capacity.STORED_BYTES


def _numbers(charged: Charged) -> tuple[int, int, int, int]:
    return charged.transactions, charged.items, charged.writes, charged.reads


async def test_what_a_hold_shares_with_others_is_charged_as_the_ceiling_says(tmp_path: Path) -> None:
    store = MeteredStore()
    world = World.of(tmp_path, GatheringStore(store))
    held = await world.hold(await world.person(), await world.event())

    [booking] = (await store.inner.get([Key("booking", held.id)])).values()
    assert _units(size_of(item_of(booking))) == capacity.BOOKING_ITEM_WRITES
    assert capacity.COUNTER_WRITES == capacity.GUARD_WRITES == _units(SMALL_BYTES)
    [guard, *_] = put_all("relexbooking-dev-Event", held.event_id, 999_999)
    assert size_of(guard["Put"]["Item"]) < SMALL_BYTES


def _units(size: int) -> int:
    return 2 * -(-size // 1024)


async def test_a_look_for_work_is_charged_as_the_page_says() -> None:
    store = MeteredStore()
    await store.list(Listing("outbox", "queue", "pending", below=1))

    assert store.charged.reads == capacity.LOOK_READS


class ReadingFirst(MeteredStore):
    """Looks at what it is about to write, as nothing of ours does."""

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        await self.get([Key(kind_of(record).name, record.id) for changes in batch for record in changes.inserts])
        return await super().commit(batch)


async def test_a_round_trip_more_would_be_seen(tmp_path: Path) -> None:
    """The negative control."""
    [hold, *_] = await counted(ReadingFirst(), tmp_path)

    assert hold.reads > STEPS[0].reads
    assert hold.writes == STEPS[0].writes


@pytest.mark.parametrize("step", [*STEPS, BOOKING], ids=lambda step: step.told)
def test_the_page_has_the_numbers(step: Step) -> None:
    row = f"| {step.told} | {step.transactions} | {step.items} | {step.writes} | {step.reads} |"

    assert row in PAGE


@pytest.mark.parametrize(("counters", "in_one"), [(1, 1), (8, 1), (1, 12), (8, 12), (1, together(1)), (8, together(8))])
def test_the_page_has_the_ceilings(counters: int, in_one: int) -> None:
    most = ceiling(counters, in_one)

    assert f"| {counters} | {in_one} | {most.bookings_s:,} | {most.stopped_by} |" in PAGE


@pytest.mark.parametrize(("users", "bookings"), [(10_000, 5_000), (100_000, 50_000)])
def test_the_page_has_the_bill(users: int, bookings: int) -> None:
    month = Estimate(users, bookings)

    for line in month.lines():
        assert f"| {line.service} | {line.usage} | {line.usd} |" in PAGE
    assert f"| **{users:,} users, {bookings:,} bookings** | | **{month.total}** |" in PAGE


def test_the_bill_counts_the_alarms_that_are_made() -> None:
    made = things(place_in_template(Environment.PROD, "https://tickets.example.com"))

    assert sum(thing.title.startswith("alarm ") for thing in made) == ALARM_COUNT


def test_the_command_says_the_same(line: CommandLine) -> None:
    document = line.json("aws", "estimate", "--users", "10000", "--bookings", "5000")

    assert document["total_usd"] == str(Estimate(10_000, 5_000).total)
    assert document["prices"] == {"region": "us-east-1", "as_of": "2025-11"}
    assert "check them" in line.ok("aws", "estimate", "--users", "0", "--bookings", "0")
