"""Whoever looks at somebody else's document has given a password or a factor just now."""

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import FreshSignInRequired, NotFound
from domain.account import Role
from tests.support.world import World


def _since_long(actor: Actor) -> Actor:
    assert actor.session is not None
    return evolve(actor, session=evolve(actor.session, fresh_until=None))


async def _document(world: World, applicant: Actor) -> str:
    return (await world.apply(applicant)).document_ids[0]


async def test_a_reviewer_who_signed_in_long_ago_confirms_first(world: World) -> None:
    document, reviewer = await _document(world, await world.person()), await world.person(Role.ADMIN)

    with pytest.raises(FreshSignInRequired):
        await world.deeds.read_document.link(_since_long(reviewer), document, "front", "first look")

    link = await world.deeds.read_document.link(reviewer, document, "front", "first look")
    assert (await world.deeds.read_document.follow(reviewer, link)).data


async def test_whoever_handed_it_in_is_not_asked_and_strangers_learn_nothing(world: World) -> None:
    applicant = await world.person()
    document = await _document(world, applicant)

    link = await world.deeds.read_document.link(_since_long(applicant), document, "front", "")

    assert link.side == "front"
    with pytest.raises(NotFound):
        await world.deeds.read_document.link(_since_long(await world.person()), document, "front", "curious")


async def test_without_the_question_a_stolen_session_reads_documents(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Actor, "check_fresh", lambda *_: None)
    document, reviewer = await _document(world, await world.person()), _since_long(await world.person(Role.ADMIN))

    link = await world.deeds.read_document.link(reviewer, document, "front", "first look")

    assert (await world.deeds.read_document.follow(reviewer, link)).data
