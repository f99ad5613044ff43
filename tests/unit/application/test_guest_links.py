"""The links that guests are sent: they open bookings once, for whoever reads the mail."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.codec import encode
from application.errors import TokenInvalid
from application.ports.store import Listing, Page
from application.reactions.mail_guests import GUEST_LINK
from application.records_of_kind import Records
from application.use_cases.reset_password import ResetPasswordCommand
from domain.rate_limit import LimitReached
from tests.support.guests import GUEST, booked
from tests.support.mailed_links import link_in
from tests.support.world import PASSWORD, World


async def test_fifty_uses_of_one_link_at_once_open_one_session(every_world: World) -> None:
    world = every_world
    await booked(world, await world.event())
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
    await booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")

    for _ in range(2):
        assert (await world.deeds.open_guest_session.by_link(secret)).secret


@pytest.mark.parametrize(
    "mangle", [str.swapcase, lambda secret: secret + "=", lambda secret: f" {secret}", "{}\0".format]
)
async def test_a_link_is_taken_letter_by_letter_and_wrong_ones_use_up_nothing(
    world: World, mangle: Callable[[str], str]
) -> None:
    await booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")

    with pytest.raises(TokenInvalid):
        await world.deeds.open_guest_session.by_link(mangle(secret))

    assert (await world.deeds.open_guest_session.by_link(secret)).secret


async def test_a_link_for_one_purpose_serves_no_other(world: World) -> None:
    await booked(world, await world.event())
    await world.deeds.ask_for_reset(GUEST)
    await world.settle()
    opening, resetting = link_in(world, GUEST, "guest/open"), link_in(world, GUEST, "reset-password")

    with pytest.raises(TokenInvalid):
        await world.deeds.open_guest_session.by_link(resetting)
    with pytest.raises(TokenInvalid):
        await world.deeds.reset_password(ResetPasswordCommand(opening, PASSWORD + "s"))
    with pytest.raises(TokenInvalid):
        await world.deeds.confirm_email(opening)


async def test_a_link_ends_after_half_an_hour_and_a_session_after_a_day(world: World) -> None:
    await booked(world, await world.event(in_hours=96))
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


async def test_links_are_sent_to_guests_only_and_not_too_often(world: World) -> None:
    await booked(world, await world.event())
    before = len(world.mailbox.mails)
    await world.deeds.ask_for_guest_link("nobody@example.com")
    await world.settle()
    assert len(world.mailbox.mails) == before

    for _ in range(3):
        await world.deeds.ask_for_guest_link(GUEST)
    with pytest.raises(LimitReached):
        await world.deeds.ask_for_guest_link(GUEST)


async def test_what_is_stored_of_a_link_and_a_session_is_no_secret(world: World) -> None:
    await booked(world, await world.event())
    secret = link_in(world, GUEST, "guest/open")
    store = world.container.store()
    tokens: Page[Any] = await store.list(Listing("one_time_token", "expiring", "all"))
    opened = await world.deeds.open_guest_session.by_link(secret)
    sessions: Page[Any] = await store.list(Listing("session", "expiring", "all"))

    assert tokens.items
    assert sessions.items
    stored = [encode(record) + record.id for record in (*tokens.items, *sessions.items)]
    assert not any(said in text for text in stored for said in (secret, opened.secret))
