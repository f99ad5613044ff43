"""Buying without an account: an address is enough, and its mail is the key."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.codec import encode
from adapters.persistence.gathering import GatheringStore
from application.access import Actor
from application.errors import NotFound, SignInFailed, SignInRequired, TokenInvalid
from application.ports.store import Listing, Page
from application.reactions.mail_guests import GUEST_LINK
from application.records_of_kind import Records
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.create_event import RefundTerms, TicketTypePlan
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.guest_bookings import GuestBookingCommand
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.allotment import BuyerLimitReached
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.rate_limit import LimitReached
from tests.support.mailed_links import link_in
from tests.support.world import PASSWORD, World

GUEST = "gina@example.com"


async def _booked(world: World, event: Event, email: str = GUEST, quantity: int = 1) -> tuple[Booking, Actor]:
    """A hold without an account, and who may pay for it."""
    wish = BookPlacesCommand(event.id, ((event.ticket_types[0].id, quantity),))
    held = await world.deeds.book_as_guest(GuestBookingCommand(email, "Gina", wish))
    booking, opened = await world.deeds.open_guest_session.for_new(held.id)
    await world.settle()
    return booking, await _actor(world, opened.secret)


async def _actor(world: World, secret: str) -> Actor:
    actor = await world.deeds.authenticate(secret)
    assert actor is not None
    return actor


async def _by_link(world: World) -> Actor:
    opened = await world.deeds.open_guest_session.by_link(link_in(world, GUEST, "guest/open"))
    return await _actor(world, opened.secret)


async def test_a_guest_pays_at_once_and_finds_the_tickets_by_the_link_of_the_mail(every_world: World) -> None:
    world = every_world
    held, buyer = await _booked(world, await world.event())

    bought = await world.buy_held(buyer, held)
    guest = await _by_link(world)

    assert bought.status is BookingStatus.CONFIRMED
    assert [booking.id for booking in (await world.deeds.bookings.mine(guest, None, 10)).items] == [held.id]
    [ticket] = (await world.deeds.bookings.show(guest, held.id)).tickets
    assert (await world.deeds.bookings.ticket_code(guest, ticket.id)).token


async def test_fifty_uses_of_one_link_at_once_open_one_session(every_world: World) -> None:
    world = every_world
    await _booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")

    answers = await asyncio.gather(
        *(world.deeds.open_guest_session.by_link(secret) for _ in range(50)), return_exceptions=True
    )

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, TokenInvalid) for answer in answers) == 49


async def test_a_link_that_is_not_deleted_would_open_more_than_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control of the one above."""
    monkeypatch.setattr(Records, "delete", lambda *_: None)
    await _booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")

    for _ in range(2):
        assert (await world.deeds.open_guest_session.by_link(secret)).secret


@pytest.mark.parametrize(
    "mangle", [str.swapcase, lambda secret: secret + "=", lambda secret: f" {secret}", "{}\0".format]
)
async def test_a_link_is_taken_letter_by_letter_and_wrong_ones_use_up_nothing(
    world: World, mangle: Callable[[str], str]
) -> None:
    await _booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")

    with pytest.raises(TokenInvalid):
        await world.deeds.open_guest_session.by_link(mangle(secret))

    assert (await world.deeds.open_guest_session.by_link(secret)).secret


async def test_a_link_for_one_purpose_serves_no_other(world: World) -> None:
    await _booked(world, await world.event())
    await world.deeds.ask_for_reset(GUEST)
    await world.settle()
    opening, resetting = link_in(world, GUEST, "guest/open"), link_in(world, GUEST, "reset-password")

    with pytest.raises(TokenInvalid):
        await world.deeds.open_guest_session.by_link(resetting)
    with pytest.raises(TokenInvalid):
        await world.deeds.reset_password(ResetPasswordCommand(opening, PASSWORD + "s"))
    with pytest.raises(TokenInvalid):
        await world.deeds.confirm_email(opening)


async def test_a_stranger_who_types_the_address_of_another_sees_no_booking_but_the_new_one(world: World) -> None:
    event = await world.event()
    earlier, _ = await _booked(world, event)

    made, stranger = await _booked(world, event)

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
    await _booked_quietly(world, event, "first@example.com")
    trips: list[str] = []
    for name in ("get", "commit", "list", "allotments"):
        monkeypatch.setattr(GatheringStore, name, _counted(name, trips))
    paths: list[object] = []
    for email in (GUEST, "known@example.com"):
        trips.clear()
        booking, buyer = await _booked_quietly(world, event, email)
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


async def _booked_quietly(world: World, event: Event, email: str) -> tuple[Booking, Actor]:
    wish = BookPlacesCommand(event.id, ((event.ticket_types[0].id, 1),))
    held = await world.deeds.book_as_guest(GuestBookingCommand(email, "Gina", wish))
    booking, opened = await world.deeds.open_guest_session.for_new(held.id)
    return booking, await _actor(world, opened.secret)


async def test_the_limit_of_a_buyer_holds_however_the_address_is_spelt(world: World) -> None:
    event = await world.event(ticket_types=(TicketTypePlan("Standard", "25.00", 10, per_buyer_max=2),))
    known = await world.person(email="known@example.com")
    await world.hold(known, event, 1)
    await _booked(world, event, "KNOWN@example.com")

    with pytest.raises(BuyerLimitReached):
        await _booked(world, event, " Known@Example.com ")


async def test_who_signs_up_later_owns_what_was_booked_before(world: World) -> None:
    booking, _ = await _booked(world, await world.event())
    guest = await _by_link(world)

    await world.deeds.sign_up(SignUpCommand(GUEST, "Mallory", PASSWORD))
    await world.settle()
    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(GUEST, PASSWORD))
    await world.deeds.reset_password(ResetPasswordCommand(link_in(world, GUEST, "reset-password"), PASSWORD + "s"))
    signed_in = await world.deeds.sign_in(SignInCommand(GUEST, PASSWORD + "s"))
    person = await _actor(world, signed_in.secret)

    assert [mine.id for mine in (await world.deeds.bookings.mine(person, None, 10)).items] == [booking.id]
    assert guest.session is not None
    assert (await world.deeds.accounts.show(world.operator, booking.buyer_id)).epoch > guest.session.epoch
    assert person.signed_in().name == "Gina"


async def test_a_guest_is_nobody_where_an_account_is_asked_for(world: World) -> None:
    booking, _ = await _booked(world, await world.event())
    guest = await _by_link(world)

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
    other, _ = await _booked(world, event)

    own, stranger = await _booked(world, event, owner.signed_in().email)

    assert own.buyer_id == owner.name
    with pytest.raises(NotFound):
        await world.deeds.bookings.show(stranger, other.id)
    with pytest.raises(SignInRequired):
        await world.deeds.bookings.of_event(stranger, event.id, None, 10)


async def test_a_link_ends_after_half_an_hour_and_a_session_after_a_day(world: World) -> None:
    await _booked(world, await world.event(in_hours=96))
    secret = link_in(world, GUEST, "guest/open")
    world.clock.advance(GUEST_LINK)
    with pytest.raises(TokenInvalid):
        await world.deeds.open_guest_session.by_link(secret)

    await world.deeds.ask_for_guest_link(GUEST)
    await world.settle()
    opened = await world.deeds.open_guest_session.by_link(link_in(world, GUEST, "guest/open"))
    world.clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert await world.deeds.authenticate(opened.secret) is not None
    world.clock.advance(timedelta(seconds=1))
    assert await world.deeds.authenticate(opened.secret) is None


async def test_a_password_that_a_stranger_chose_for_the_address_opens_nothing_when_its_owner_books(
    world: World,
) -> None:
    """Somebody signs up with the address of another and waits for them to prove it."""
    await world.deeds.sign_up(SignUpCommand(GUEST, "Mallory", PASSWORD))
    await world.settle()
    booking, _ = await _booked(world, await world.event())

    guest = await _by_link(world)

    assert (await world.deeds.bookings.show(guest, booking.id)).booking.id == booking.id
    assert (await world.deeds.accounts.show(world.operator, booking.buyer_id)).email_confirmed_at is None


async def test_a_guest_gives_a_paid_booking_back_within_the_policy(world: World) -> None:
    event = await world.event(refund_policy=RefundTerms(percent=50, until_hours=1, by_buyer=True))
    held, buyer = await _booked(world, event)
    bought = await world.buy_held(buyer, held)
    guest = await _by_link(world)
    world.clock.advance(timedelta(hours=20))

    refund = await world.deeds.refund_booking(guest, RefundCommand(bought.id, "ill"))

    assert refund.amount.amount_minor * 2 == bought.price.amount_minor
    guest.check_fresh(world.clock.now())


async def test_links_are_sent_to_guests_only_and_not_too_often(world: World) -> None:
    await _booked(world, await world.event())
    before = len(world.mailbox.mails)
    await world.deeds.ask_for_guest_link("nobody@example.com")
    await world.settle()
    assert len(world.mailbox.mails) == before

    for _ in range(3):
        await world.deeds.ask_for_guest_link(GUEST)
    with pytest.raises(LimitReached):
        await world.deeds.ask_for_guest_link(GUEST)


async def test_no_more_than_ten_holds_an_hour_are_made_for_one_address(world: World) -> None:
    event = await world.event(capacity=50)
    for _ in range(10):
        await _booked(world, event)

    with pytest.raises(LimitReached):
        await _booked(world, event)


async def test_what_is_stored_of_a_link_and_a_session_is_no_secret(world: World) -> None:
    await _booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")
    store = world.container.store()
    tokens: Page[Any] = await store.list(Listing("one_time_token", "expiring", "all"))
    opened = await world.deeds.open_guest_session.by_link(secret)
    sessions: Page[Any] = await store.list(Listing("session", "expiring", "all"))

    assert tokens.items
    assert sessions.items
    stored = [encode(record) + record.id for record in (*tokens.items, *sessions.items)]
    assert not any(said in text for text in stored for said in (secret, opened.secret))
