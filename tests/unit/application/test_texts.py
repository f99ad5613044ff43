"""Buyers who gave a number are kept from travelling in vain, and texted of nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from adapters.messaging.english_texts import EnglishTexts
from application.access import Actor
from application.ports.texts import Texter, phone_number
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.edit_event import EventEdit
from application.use_cases.edit_profile import EditProfileCommand
from domain.event import Event
from domain.facts import EventRescheduled
from domain.ids import EventId
from tests import build
from tests.contracts.texter import Received, TexterContract
from tests.support.pocket_texter import PocketTexter
from tests.support.world import World


class TestPocketTexter(TexterContract):
    @pytest.fixture
    def texter(self) -> Texter:
        return PocketTexter()

    @pytest.fixture
    def received(self, texter: PocketTexter) -> Received:
        return lambda: texter.received


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+91 98765 43210", "+919876543210"),
        ("0049 (30) 123-456", "+4930123456"),
        ("+49.30/123456", "+4930123456"),
        ("98765 43210", None),
        ("", None),
        ("+0 123 4567", None),
        ("+12", None),
        ("+1234567890123456", None),
        ("+91 98765 43210 ext 5", None),
        ("+٩١٩٨٧٦٥٤٣٢", None),
        ("+91\n98765\r43210", "+919876543210"),
    ],
)
def test_only_a_number_that_names_its_country_is_one(typed: str, number: str | None) -> None:
    assert phone_number(typed) == number


def test_words_are_short_and_carry_no_link() -> None:
    event = evolve(build.event(), title="Jazz night " * 18)
    words = (EnglishTexts().called_off(event), EnglishTexts().moved(event))

    assert all(said.isprintable() and len(said) <= 240 for said in words)
    assert not any("http" in said for said in words)


async def _stage(folder: Path, *phones: str) -> tuple[World, PocketTexter, Event, list[Actor]]:
    """An event on sale, and a buyer with a ticket for each of those numbers."""
    texter = PocketTexter()
    world = World.of(folder, texter=texter)
    event = await world.event()
    buyers = []
    for phone in phones:
        buyer = await world.person()
        await world.deeds.edit_profile(buyer, EditProfileCommand("Asha", phone))
        await world.buy(buyer, event)
        buyers.append(buyer)
    await world.settle()
    assert texter.received == [], "nobody is texted of what a mail says well enough"
    return world, texter, event, buyers


async def _call_off(world: World, event: Event) -> None:
    await world.deeds.move_event.cancel(world.operator, event.id, event.title, "rain")
    await world.settle()


async def test_who_gave_a_number_is_told_that_the_event_is_called_off(tmp_path: Path) -> None:
    world, texter, event, _ = await _stage(tmp_path, "+91 98765 43210", "", "98765 43210")

    await _call_off(world, event)

    [(number, words)] = texter.received
    assert number == "+919876543210"
    assert event.title in words
    assert "called off" in words


async def test_who_gives_a_booking_up_is_not_texted(tmp_path: Path) -> None:
    world, texter, _, [buyer] = await _stage(tmp_path, "+91 98765 43210")
    [booking] = (await world.deeds.bookings.mine(buyer, None, 10)).items

    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id))
    await world.settle()

    assert texter.received == []


async def test_everybody_is_told_of_a_new_date(tmp_path: Path) -> None:
    world, texter, event, _ = await _stage(tmp_path, "+91 98765 43210", "+49 30 123456")
    later = event.schedule.starts_at + timedelta(hours=1)

    await world.deeds.edit_event(world.operator, event.id, EventEdit(starts_at=later))
    await world.settle()

    assert {number for number, _ in texter.received} == {"+919876543210", "+4930123456"}
    assert all("has changed" in words for _, words in texter.received)


async def test_a_text_that_fails_holds_nobody_up_and_is_not_tried_again(tmp_path: Path) -> None:
    world, texter, event, _ = await _stage(tmp_path, "+91 98765 43210", "+49 30 123456")
    texter.deaf = {"+919876543210"}

    await _call_off(world, event)
    texter.deaf = set()
    world.clock.advance(timedelta(hours=2))
    await world.settle()

    assert [number for number, _ in texter.received] == ["+4930123456"]
    assert (await world.deeds.relay.left()).waiting == 0


async def test_without_a_texter_the_mails_go_out_as_ever(tmp_path: Path) -> None:
    world = World.of(tmp_path)
    event, buyer = await world.event(), await world.person()
    await world.buy(buyer, event)

    await _call_off(world, event)

    assert world.mailbox.mails
    assert not any(reaction.name.startswith("text_") for reaction in world.container.reactions().to(_FACT))


_FACT: Final = EventRescheduled(build.NOW, EventId("evt_1"))
