"""A code's uses are places of a kind: taken with the booking, given back with it, never more than there are."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from application.access import Actor
from application.errors import AlreadyExists, NotFound
from application.ports.payment_gateway import ChargeState
from application.ports.store import Key
from application.records_of_kind import Records
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.create_event import TicketTypePlan
from application.use_cases.edit_event import EventEdit, TicketTypeEdit
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.refund_booking import RefundCommand
from domain.allotment import SoldOut, TakeRefused
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.money import Money
from domain.pricing import Quote
from domain.promo_code import (
    PromoCode,
    PromoCodeLimitReached,
    PromoCodeNotForTickets,
    PromoCodeNotYet,
    PromoCodeOver,
    PromoCodeStatus,
    PromoCodeUnknown,
    PromoCodeUsedUp,
)
from domain.refund import RefundStatus
from domain.tax import TaxRate
from tests.support.world import World


async def rush(world: World, event: Event, promo: PromoCode, buyers: list[Actor]) -> int:
    """How many of those who come at once get a booking with the code."""

    async def won(buyer: Actor) -> bool:
        try:
            return bool(await world.hold(buyer, event, promo_code=promo.code))
        except TakeRefused:
            return False

    return sum(await asyncio.gather(*map(won, buyers)))


async def crowd(world: World, count: int) -> list[Actor]:
    """People are made once, and played again: making one costs more than what they do."""
    some = [await world.person() for _ in range(10)]
    return [some[number % 10] for number in range(count)]


async def quoted(world: World, buyer: Actor, event: Event, code: str = "", quantity: int = 1) -> Quote:
    wanted = ((event.ticket_types[0].id, quantity),)
    return await world.deeds.quote_places(buyer, BookPlacesCommand(event.id, wanted, promo_code=code))


async def test_two_hundred_at_once_use_a_code_as_often_as_it_may_be(every_world: World) -> None:
    world = every_world
    event = await world.event(capacity=1_000)
    promo = await world.promo_code(event, uses_max=5)

    assert await rush(world, event, promo, await crowd(world, 200)) == 5

    assert await world.uses(promo) == (5, 0)
    [places] = (await world.deeds.events.show(world.operator, event.id)).allotments
    assert places.taken == 5


async def test_without_the_take_more_use_it(every_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    world = every_world
    event = await world.event(capacity=1_000)
    promo = await world.promo_code(event, uses_max=5)
    monkeypatch.setattr(PromoCode, "takes", lambda _promo, _buyer_id: ())

    assert await rush(world, event, promo, await crowd(world, 50)) == 50


async def test_fifty_requests_of_one_buyer_use_a_code_once(every_world: World) -> None:
    world = every_world
    event = await world.event(capacity=1_000)
    promo = await world.promo_code(event, per_buyer_max=1)
    buyer, other = await world.person(), await world.person()

    assert await rush(world, event, promo, [buyer] * 50) == 1

    with pytest.raises(PromoCodeLimitReached):
        await world.hold(buyer, event, promo_code=promo.code)
    assert (await world.hold(other, event, promo_code=promo.code)).promo_code == "EARLY-20"
    assert await world.uses(promo) == (2, 0)


async def test_a_use_comes_back_once_when_a_hold_ends_or_a_booking_is_cancelled(every_world: World) -> None:
    world = every_world
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    promo = await world.promo_code(event, uses_max=2, per_buyer_max=2)
    paid = await world.buy(buyer, event, promo_code="early-20")
    await world.hold(buyer, event, promo_code=" Early-20 ")
    assert await world.uses(promo) == (1, 1)
    with pytest.raises(PromoCodeUsedUp):
        await world.hold(await world.person(), event, promo_code=promo.code)

    world.clock.advance(timedelta(minutes=16))
    await asyncio.gather(*(world.deeds.jobs.run_once() for _ in range(5)))
    assert await world.uses(promo) == (0, 1)
    cancel = CancelBookingCommand(paid.id, "sorry")
    await asyncio.gather(*(world.deeds.cancel_booking(organizer, cancel) for _ in range(10)))
    await world.settle()

    assert await world.uses(promo) == (0, 0)
    assert await rush(world, event, promo, [buyer] * 9) == 2


async def test_a_use_of_a_lapsed_hold_is_free_by_the_clock_though_no_sweeper_ran(world: World) -> None:
    event = await world.event()
    promo = await world.promo_code(event, uses_max=1)
    buyer = await world.person()
    await world.hold(buyer, event, promo_code=promo.code)
    world.clock.advance(timedelta(minutes=15))

    assert (await quoted(world, buyer, event, promo.code)).promo_code == promo.code
    assert (await world.hold(buyer, event, promo_code=promo.code)).status is BookingStatus.HELD


async def test_a_code_ended_between_quote_and_commit_is_not_used(
    every_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = every_world
    event, buyer = await world.event(), await world.person()
    promo = await world.promo_code(event)
    assert (await quoted(world, buyer, event, promo.code)).total == Money(2_000, "EUR")
    end_after_reading(world, promo, monkeypatch)

    with pytest.raises(PromoCodeOver):
        await world.hold(buyer, event, promo_code=promo.code)

    assert await world.uses(promo) == (0, 0)


async def test_without_the_expected_version_an_ended_code_is_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    event, buyer = await world.event(), await world.person()
    promo = await world.promo_code(event)
    end_after_reading(world, promo, monkeypatch)
    monkeypatch.setattr(Records, "expect", lambda _records, _record: None)

    assert (await world.hold(buyer, event, promo_code=promo.code)).promo_code == promo.code


def end_after_reading(world: World, promo: PromoCode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its organizer ends the code when a booking has just read it."""
    find, is_told = Records.find, asyncio.Event()

    async def reading(records: "Records[PromoCode]", record_id: str) -> PromoCode | None:
        found = await find(records, record_id)
        if isinstance(found, PromoCode) and not is_told.is_set():
            is_told.set()
            await world.deeds.end_promo_code(world.operator, promo.event_id, promo.code)
        return found

    monkeypatch.setattr(Records, "find", reading)


async def test_a_code_of_another_event_is_answered_like_none_at_all(world: World) -> None:
    event, other, buyer = await world.event(), await world.event(), await world.person()
    await world.promo_code(other, "THEIRS")
    world.lift_limits()
    answers = []

    for typed in ("THEIRS", "NOBODYS", "no code", "\u0422HEIRS", "T" * 200, "*"):
        for deed in (world.hold(buyer, event, promo_code=typed), quoted(world, buyer, event, typed)):
            with pytest.raises(PromoCodeUnknown) as refused:
                await deed
            answers.append(str(refused.value))

    assert len(set(answers)) == 1


async def test_a_code_of_another_event_is_not_even_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that not even the time of an answer tells of it."""
    event, other, buyer = await world.event(), await world.event(), await world.person()
    theirs = await world.promo_code(other, "THEIRS")
    store, asked = world.container.store(), []
    get = type(store).get

    async def noting(self: object, keys: list[Key]) -> object:
        asked.extend(keys)
        return await get(store, keys)

    monkeypatch.setattr(type(store), "get", noting)
    with pytest.raises(PromoCodeUnknown):
        await world.hold(buyer, event, promo_code="THEIRS")

    assert Key("promo_code", theirs.id) not in asked


async def test_each_reason_against_a_code_has_an_error_of_its_own(world: World) -> None:
    kinds = (TicketTypePlan("Adult", "25.00", 9), TicketTypePlan("Child", "10.00", 9), TicketTypePlan("Baby", "0", 9))
    event, buyer = await world.event(ticket_types=kinds), await world.person()
    soon, now = world.clock.now() + timedelta(hours=1), world.clock.now()
    await world.promo_code(event, "LATER", valid_from=soon)
    await world.promo_code(event, "BEFORE", valid_until=now)
    await world.promo_code(event, "CHILDREN", ticket_type_ids=(event.ticket_types[1].id,))
    await world.promo_code(event, "BABIES", ticket_type_ids=(event.ticket_types[2].id,))
    gone = await world.promo_code(event, "GONE")
    await world.deeds.end_promo_code(world.operator, event.id, gone.code)

    for code, error in (
        ("LATER", PromoCodeNotYet),
        ("BEFORE", PromoCodeOver),
        ("GONE", PromoCodeOver),
        ("CHILDREN", PromoCodeNotForTickets),
        ("BABIES", PromoCodeNotForTickets),
    ):
        with pytest.raises(error):
            await world.hold(buyer, event, promo_code=code)


async def test_a_code_makes_only_its_own_tickets_cheaper(world: World) -> None:
    kinds = (TicketTypePlan("Adult", "25.00", 9), TicketTypePlan("Child", "10.00", 9))
    event, buyer = await world.event(ticket_types=kinds), await world.person()
    adult, child = (kind.id for kind in event.ticket_types)
    await world.promo_code(event, "CHILDREN", percent=50, ticket_type_ids=(child,))

    wanted = ((adult, 1), (child, 2))
    booking = await world.deeds.book_places(buyer, BookPlacesCommand(event.id, wanted, promo_code="CHILDREN"))

    assert [line.discount.decimal() for line in booking.lines] == ["0.00", "10.00"]
    assert booking.price == Money(3_500, "EUR")


async def test_a_booking_that_a_code_makes_free_is_confirmed_at_once(every_world: World) -> None:
    world = every_world
    event, buyer = await world.event(price="25.00"), await world.person()
    promo = await world.promo_code(event, "GUEST", amount="100.00")

    booking = await world.buy(buyer, event, 2, promo_code="GUEST")

    assert (booking.status, booking.price, booking.discount) == (
        BookingStatus.CONFIRMED,
        Money(0, "EUR"),
        Money(5_000, "EUR"),
    )
    assert len(await world.tickets(booking)) == 2
    assert await world.uses(promo) == (0, 1)


async def test_the_discounted_price_is_what_is_asked_for_and_what_goes_back(world: World) -> None:
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, price="25.00")
    await world.promo_code(event)

    booking = await world.buy(buyer, event, 2, promo_code="EARLY-20")
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(booking.id))
    await world.settle()

    full = await world.deeds.bookings.show(buyer, booking.id)
    assert [payment.amount for payment in full.payments] == [Money(4_000, "EUR")]
    assert [refund.amount for refund in full.refunds] == [Money(4_000, "EUR")]


async def test_money_that_comes_late_goes_back_if_others_used_the_code_up_meanwhile(every_world: World) -> None:
    """The places are there, but not at this price."""
    world = every_world
    event, buyer = await world.event(capacity=10), await world.person()
    promo = await world.promo_code(event, uses_max=1)
    booking = await world.hold(buyer, event, promo_code=promo.code)
    payment = await world.start_payment(buyer, booking)
    world.clock.advance(timedelta(minutes=20))
    await world.buy(await world.person(), event, promo_code=promo.code)

    await world.bank_says(payment, ChargeState.CAPTURED)

    full = await world.deeds.bookings.show(world.operator, booking.id)
    assert full.booking.status is BookingStatus.EXPIRED
    assert [refund.status for refund in full.refunds] == [RefundStatus.SUCCEEDED]
    assert await world.uses(promo) == (0, 1)


async def test_a_price_that_was_sold_keeps_its_tax_and_its_discount(every_world: World) -> None:
    world = every_world
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer, price="118.00", tax=TaxRate("GST", 1_800))
    promo = await world.promo_code(event, percent=50)
    sold = await world.buy(buyer, event, promo_code=promo.code)

    dearer = {str(event.ticket_types[0].id): TicketTypeEdit(price="210.00", tax=TaxRate("GST", 500))}
    await world.deeds.edit_event(organizer, event.id, EventEdit(tax=TaxRate("VAT", 0), ticket_types=dearer))
    await world.deeds.end_promo_code(organizer, event.id, promo.code)
    new = await world.hold(buyer, event)

    def bill(booking: Booking) -> tuple[str, str, str]:
        [line] = booking.lines
        return str(line.total), str(line.tax_included), str(line.tax)

    assert bill(await world.booking(sold)) == ("59.00 EUR", "9.00 EUR", "GST 18 %")
    assert bill(new) == ("210.00 EUR", "10.00 EUR", "GST 5 %")


async def test_a_quote_takes_nothing_and_says_what_a_booking_would(world: World) -> None:
    event, buyer = await world.event(capacity=4, tax=TaxRate("VAT", 1_900)), await world.person()
    promo = await world.promo_code(event, uses_max=2, per_buyer_max=1)
    asked = await quoted(world, buyer, event, "early-20", 3)
    assert await world.uses(promo) == (0, 0)

    booking = await world.hold(buyer, event, 3, promo_code="early-20")

    assert (asked.lines, asked.total, asked.promo_code) == (booking.lines, booking.price, booking.promo_code)
    with pytest.raises(SoldOut):
        await quoted(world, buyer, event, quantity=2)
    with pytest.raises(PromoCodeLimitReached):
        await quoted(world, buyer, event, "early-20")


async def test_a_code_is_written_once_by_whoever_manages_the_event(world: World) -> None:
    organizer, other = await world.organizer(), await world.organizer()
    event = await world.event(organizer)
    deeds, plan = world.deeds, PromoCodePlan("early", percent=10)

    with pytest.raises(NotFound):
        await deeds.create_promo_code(other, event.id, plan)
    promo = await deeds.create_promo_code(organizer, event.id, plan)
    await deeds.end_promo_code(organizer, event.id, "Early")
    with pytest.raises(AlreadyExists):
        await deeds.create_promo_code(organizer, event.id, PromoCodePlan("EARLY", percent=90))
    for deed in (deeds.promo_codes.show(other, event.id, "EARLY"), deeds.end_promo_code(other, event.id, "EARLY")):
        with pytest.raises(NotFound):
            await deed
    with pytest.raises(NotFound):
        await deeds.promo_codes.show(organizer, event.id, "*")

    listed = (await deeds.promo_codes.of_event(organizer, event.id, None, 20)).items
    assert [(counted.promo.code, counted.promo.status) for counted in listed] == [
        (promo.code, PromoCodeStatus.ENDED),
    ]


async def test_what_was_stored_before_there_were_codes_and_taxes_is_read_as_without_any(tmp_path: Path) -> None:
    import json

    from adapters.codec import decode, encode
    from tests import build

    for kind, record, new in (
        ("event", build.event(), ("tax",)),
        ("booking", build.booking(), ("promo_code",)),
    ):
        body = json.loads(encode(record))
        for name in new:
            del body[name]
        for part in (*body.get("ticket_types", ()), *body.get("lines", ())):
            del part["tax"]

        assert decode(kind, json.dumps(body), 0) == record


async def test_a_use_comes_back_with_the_last_ticket_of_its_booking_and_not_before(world: World) -> None:
    organizer, buyer = await world.organizer(), await world.person()
    event = await world.event(organizer)
    promo = await world.promo_code(event, uses_max=1)
    booking = await world.buy(buyer, event, 2, promo_code=promo.code)
    first, last = await world.tickets(booking)

    await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", ticket_ids=(first.id,)))
    assert await world.uses(promo) == (0, 1)
    await world.deeds.refund_booking(organizer, RefundCommand(booking.id, "ill", ticket_ids=(last.id,)))

    assert await world.uses(promo) == (0, 0)
    full = await world.deeds.bookings.show(organizer, booking.id)
    assert [refund.amount for refund in full.refunds] == [Money(2_000, "EUR")] * 2
