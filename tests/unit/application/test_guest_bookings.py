"""Buying without an account: an address is enough, and nobody learns whose it is."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.persistence.gathering import GatheringStore
from application.access import Actor
from application.errors import NotFound, SignInFailed, SignInRequired
from application.records_of_kind import Records
from application.use_cases.create_event import RefundTerms, TicketTypePlan
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.allotment import BuyerLimitReached
from domain.booking import BookingStatus
from domain.rate_limit import LimitReached
from tests.support.guests import GUEST, actor_of, booked, booked_quietly, by_link
from tests.support.mailed_links import link_in
from tests.support.world import PASSWORD, World


async def test_a_guest_pays_at_once_and_finds_the_tickets_by_the_link_of_the_mail(every_world: World) -> None:
    world = every_world
    held, buyer = await booked(world, await world.event())

    bought = await world.buy_held(buyer, held)
    guest = await by_link(world)

    assert bought.status is BookingStatus.CONFIRMED
    assert [booking.id for booking in (await world.deeds.bookings.mine(guest, None, 10)).items] == [held.id]
    [ticket] = (await world.deeds.bookings.show(guest, held.id)).tickets
    assert (await world.deeds.bookings.ticket_code(guest, ticket.id)).token


async def test_a_stranger_who_types_the_address_of_another_sees_no_booking_but_the_new_one(world: World) -> None:
    event = await world.event()
    earlier, _ = await booked(world, event)

    made, stranger = await booked(world, event)

    assert made.buyer_id == earlier.buyer_id
    assert [booking.id for booking in (await world.deeds.bookings.mine(stranger, None, 10)).items] == [made.id]
    for missing in (earlier.id, "bkg_none"):
        with pytest.raises(NotFound):
            await world.deeds.bookings.show(stranger, missing)
        with pytest.raises(NotFound):
            await world.deeds.start_payment(stranger, missing)


async def test_without_its_bound_a_session_would_open_the_bookings_of_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control of the one above."""
    monkeypatch.setattr(Actor, "is_buyer_of", lambda actor, booking: actor.buyer().id == booking.buyer_id)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await test_a_stranger_who_types_the_address_of_another_sees_no_booking_but_the_new_one(world)


async def _paths(world: World, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the store is asked for an unknown address and for one with an account, and what comes back."""
    event = await world.event()
    await world.person(email="known@example.com")
    await booked_quietly(world, event, "first@example.com")
    trips: list[str] = []
    for name in ("get", "commit", "list", "allotments"):
        monkeypatch.setattr(GatheringStore, name, _counted(name, trips))
    paths: list[object] = []
    for email in (GUEST, "known@example.com"):
        trips.clear()
        booking, buyer = await booked_quietly(world, event, email)
        paths.append((tuple(trips), booking.buyer_name, buyer.guest is not None, buyer.account))
    return paths


def _counted(name: str, trips: list[str]) -> Any:
    real = getattr(GatheringStore, name)

    async def counted(store: GatheringStore, *given: Any) -> Any:
        trips.append(name)
        return await real(store, *given)

    return counted


async def test_a_known_address_takes_the_same_path_as_an_unknown_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same round trips, and an answer of the same form; only the mail differs."""
    unknown, known = await _paths(world, monkeypatch)
    await world.settle()

    assert unknown == known
    assert "/guest/open" in world.mailbox.to(GUEST)[0].text
    [told] = world.mailbox.to("known@example.com")
    assert "/sign-in" in told.text
    assert "/guest/open" not in told.text


async def test_the_paths_would_differ_if_a_known_address_were_just_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setattr(Records, "expect", lambda *_: None)

    unknown, known = await _paths(world, monkeypatch)

    assert unknown != known


async def test_the_limit_of_a_buyer_holds_however_the_address_is_spelt(world: World) -> None:
    event = await world.event(ticket_types=(TicketTypePlan("Standard", "25.00", 10, per_buyer_max=2),))
    known = await world.person(email="known@example.com")
    await world.hold(known, event, 1)
    await booked(world, event, "KNOWN@example.com")

    with pytest.raises(BuyerLimitReached):
        await booked(world, event, " Known@Example.com ")


async def test_who_signs_up_later_owns_what_was_booked_before(world: World) -> None:
    booking, _ = await booked(world, await world.event())
    guest = await by_link(world)

    await world.deeds.sign_up(SignUpCommand(GUEST, "Mallory", PASSWORD))
    await world.settle()
    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(GUEST, PASSWORD))
    await world.deeds.reset_password(ResetPasswordCommand(link_in(world, GUEST, "reset-password"), PASSWORD + "s"))
    signed_in = await world.deeds.sign_in(SignInCommand(GUEST, PASSWORD + "s"))
    person = await actor_of(world, signed_in.secret)

    assert [mine.id for mine in (await world.deeds.bookings.mine(person, None, 10)).items] == [booking.id]
    assert guest.session is not None
    assert (await world.deeds.accounts.show(world.operator, booking.buyer_id)).epoch > guest.session.epoch
    assert person.signed_in().name == "Gina"


async def test_a_guest_is_nobody_where_an_account_is_asked_for(world: World) -> None:
    booking, _ = await booked(world, await world.event())
    guest = await by_link(world)

    for deed in (
        world.deeds.edit_profile(guest, EditProfileCommand("Other", "")),
        world.deeds.teams.shared(guest, None, 10),
        world.deeds.events.of_organizer(guest, booking.organizer_id, None, 10),
        world.hold(guest, await world.event()),
    ):
        with pytest.raises(SignInRequired):
            await deed


async def test_the_address_of_staff_opens_nothing_of_theirs(world: World) -> None:
    owner = await world.organizer()
    event = await world.event(owner)
    other, _ = await booked(world, event)

    own, stranger = await booked(world, event, owner.signed_in().email)

    assert own.buyer_id == owner.name
    with pytest.raises(NotFound):
        await world.deeds.bookings.show(stranger, other.id)
    with pytest.raises(SignInRequired):
        await world.deeds.bookings.of_event(stranger, event.id, None, 10)


async def test_a_password_that_a_stranger_chose_for_the_address_opens_nothing_when_its_owner_books(
    world: World,
) -> None:
    """Somebody signs up with the address of another and waits for them to prove it."""
    await world.deeds.sign_up(SignUpCommand(GUEST, "Mallory", PASSWORD))
    await world.settle()
    booking, _ = await booked(world, await world.event())

    guest = await by_link(world)

    assert (await world.deeds.bookings.show(guest, booking.id)).booking.id == booking.id
    assert (await world.deeds.accounts.show(world.operator, booking.buyer_id)).email_confirmed_at is None


async def test_a_guest_gives_a_paid_booking_back_within_the_policy(world: World) -> None:
    event = await world.event(refund_policy=RefundTerms(percent=50, until_hours=1, by_buyer=True))
    held, buyer = await booked(world, event)
    bought = await world.buy_held(buyer, held)
    guest = await by_link(world)
    world.clock.advance(timedelta(hours=20))

    refund = await world.deeds.refund_booking(guest, RefundCommand(bought.id, "ill"))

    assert refund.amount.amount_minor * 2 == bought.price.amount_minor
    guest.check_fresh(world.clock.now())


async def test_no_more_than_ten_holds_an_hour_are_made_for_one_address(world: World) -> None:
    event = await world.event(capacity=50)
    for _ in range(10):
        await booked(world, event)

    with pytest.raises(LimitReached):
        await booked(world, event)
