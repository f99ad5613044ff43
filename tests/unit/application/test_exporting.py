"""An export tells everything about one person, and nothing about another."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import frozen

from application import personal_file
from application.access import Actor
from application.personal_file import ELSE, OPERATOR
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.account import NotAllowed, Role
from domain.event import Event
from domain.identity_document import DocumentType, masked_number
from domain.ids import AccountId
from tests import build
from tests.support.documents import PASSPORT
from tests.support.remembered import EMAIL, NAME, PHONE, remembered
from tests.support.second_steps import Person
from tests.support.world import World

ID = re.compile(r"\b[a-z]{3}_[0-9a-z]{26}\b")


@frozen
class Two:
    """A buyer, and others who have dealt with that buyer: the organizer has also sold to a third."""

    world: World
    actor: Actor
    organizer: Actor
    third: Actor
    theirs: set[str]
    """Every number that is the third's alone."""


@pytest.fixture
async def two(tmp_path: Path) -> Two:
    world = World.of(tmp_path)
    organizer = await world.person(Role.ORGANIZER, email="olga.other@example.org", approved=True)
    third = await world.person(email="theo.third@example.org")
    show = await world.event(organizer, door_sales=True)
    sold = await world.buy(third, show)
    await world.deeds.cancel_booking(organizer, CancelBookingCommand(sold.id, "asked"))
    check = await world.apply(third)
    person = await remembered(world, show, organizer)
    await world.deeds.administer_account.sign_out(await world.person(Role.ADMIN), EMAIL)
    shown = await world.deeds.bookings.show(world.operator, sold.id)
    theirs = {third.name, sold.id, check.id, *(ticket.id for ticket in shown.tickets)}
    return Two(world, person.actor, organizer, third, theirs)


async def test_an_export_tells_all_that_there_is(two: Two) -> None:
    document = await two.world.deeds.export_person.mine(two.actor)

    assert (document["format"], document["form"]) == ("relexbooking.personal-data", 1)
    [account] = document["records"]["account"]
    assert (account["name"], account["email"], account["phone"]) == (NAME, EMAIL, PHONE)
    empty = {kind for kind in personal_file.kinds_told() if not document["records"][kind]}
    assert empty == {"api_key", "dispute", "event", "second_factors", "consent"}
    assert len(document["records"]["booking"]) == 3
    assert len(document["records"]["ticket"]) == 6
    assert [kyc["number"] for kyc in document["records"]["kyc_document"]] == [
        masked_number(DocumentType.PASSPORT, PASSPORT)
    ]
    assert {record["action"] for record in document["records"]["audit"]} >= {"account.create", "account.sign_out"}


async def test_no_secret_and_no_code_of_a_ticket_is_told(world: World) -> None:
    person = await Person.with_app(world)
    actor = await person.actor()
    sold = await world.buy(actor, await world.event())
    text = json.dumps(await world.deeds.export_person.mine(actor))

    account = await world.deeds.accounts.show(world.operator, actor.name)
    factors = await world.container.begin()().second_factors.get(actor.name)
    secrets = {account.password_hash, sold.group_token, person.token, person.app_secret, *factors.recovery_codes}
    secrets |= {ticket.token for ticket in await world.tickets(sold)}
    assert {secret for secret in secrets if secret and secret in text} == set()
    assert '"app_since"' in text


async def _others_in(two: Two, actor: Actor) -> set[str]:
    """What an export of one person tells of the others."""
    text = json.dumps(await two.world.deeds.export_person.mine(actor), ensure_ascii=False)
    people = [two.actor, two.organizer, two.third]
    others = {other.signed_in() for other in people if other.name != actor.name}
    words = {word for other in others for word in (other.id, other.email)} | {"Person 1", "Person 2", NAME, EMAIL}
    own = actor.signed_in()
    return {word for word in (words - {own.name, own.email}) | two.theirs if word in text and word != own.id}


async def test_an_export_names_nobody_else(two: Two) -> None:
    document = await two.world.deeds.export_person.mine(two.actor)

    assert await _others_in(two, two.actor) == set()
    assert {found for found in ID.findall(json.dumps(document)) if found.startswith("acc_")} == {two.actor.name}
    actors = {record["actor"] for record in document["records"]["audit"]}
    assert actors >= {OPERATOR, ELSE}
    assert actors <= {OPERATOR, ELSE, two.actor.name}


async def test_who_sold_to_others_gets_the_deeds_and_not_the_others(two: Two) -> None:
    document = await two.world.deeds.export_person.mine(two.organizer)

    assert await _others_in(two, two.organizer) == set()
    assert [event["title"] for event in document["records"]["event"]] == ["Concert", "Concert"]
    deeds = {record["action"]: record["subject"] for record in document["records"]["audit"]}
    assert deeds["booking.cancel"] == ELSE
    # Both events are of one instant: which of them comes first is chance.
    assert deeds["event.create"] in {event["id"] for event in document["records"]["event"]}


async def test_without_the_mask_others_would_be_named(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.use_cases.export_person.without_others", lambda _account_id, document: document)

    assert two.organizer.name in str(await two.world.deeds.export_person.mine(two.actor))
    assert await _others_in(two, two.organizer) >= {two.actor.name}


async def test_an_operator_exports_for_somebody_and_that_is_written_down(two: Two) -> None:
    for nobody in (two.third, await two.world.person(Role.ADMIN)):
        with pytest.raises(NotAllowed):
            await two.world.deeds.export_person(nobody, EMAIL)

    document = await two.world.deeds.export_person(two.world.operator, EMAIL)

    assert "account.export" in {record["action"] for record in document["records"]["audit"]}


async def test_what_an_erased_person_left_names_nobody(world: World) -> None:
    person = await world.person(email=EMAIL)
    event: Event = await world.event(price="0.00")
    await world.buy(person, event)
    world.clock.advance(timedelta(days=3))
    await world.deeds.erase_account(world.operator, EMAIL)

    document = await world.deeds.export_person(world.operator, person.name)

    assert document["records"]["booking"][0]["buyer_name"] == "Deleted account"
    assert EMAIL not in json.dumps(document)


def test_a_field_of_bytes_can_not_be_told() -> None:
    with pytest.raises(AssertionError, match="no plain form"):
        personal_file.plain(b"secret")


def test_a_number_of_another_is_masked_in_the_middle_of_words() -> None:
    own, other = AccountId(build.new_id("acc")), build.new_id("acc")

    masked = personal_file.without_others(own, {"audit": [{"id": "a", "detail": f"from {other} to {own}"}]})

    assert masked["audit"][0]["detail"] == f"from {ELSE} to {own}"
