"""Sessions end when they were not used, and when they are old: to the second, on a clock that the test moves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from application.installation import INSTALLATION
from application.opening import Opening
from application.records import Session
from application.secrets import secret_id
from application.session_rules import SessionRules, SessionSpan
from application.use_cases.authenticate import Authenticate
from application.use_cases.sign_in import SignInCommand
from domain.account import Role
from domain.errors import InvalidValue
from tests.support.world import PASSWORD, World

STAFF, OTHERS = SessionRules().staff, SessionRules().others
SECOND = timedelta(seconds=1)
CASES = [(Role.ADMIN, STAFF), (Role.SUPERADMIN, STAFF), (Role.ORGANIZER, OTHERS), (Role.USER, OTHERS)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World.of(tmp_path)
    yield world
    await world.container.seen().settle()


async def signed_in(world: World, role: Role = Role.USER) -> str:
    account = (await world.person(role)).signed_in()
    return (await world.deeds.sign_in(SignInCommand(account.email, PASSWORD))).secret


async def is_open(world: World, secret: str) -> bool:
    """Whether a request with it would be let in; what it leaves to do beside is done then."""
    actor = await world.deeds.authenticate(secret)
    await world.container.seen().settle()
    return actor is not None


async def stored(world: World, secret: str) -> Session:
    return await world.container.begin()().sessions.get(secret_id(secret))


def test_the_limits_are_those_that_are_promised() -> None:
    assert SessionSpan(timedelta(hours=1), timedelta(hours=24)) == STAFF
    assert SessionSpan(timedelta(days=14), timedelta(days=30)) == OTHERS


@pytest.mark.parametrize(("role", "span"), CASES)
async def test_an_unused_session_ends_at_its_idle_limit_and_no_sooner(
    world: World, role: Role, span: SessionSpan
) -> None:
    sessions = [await signed_in(world, role), await signed_in(world, role)]

    world.clock.advance(span.idle - SECOND)
    assert await is_open(world, sessions[0])
    world.clock.advance(SECOND)

    assert not await is_open(world, sessions[1])
    assert await is_open(world, sessions[0]), "it was used a second before"


@pytest.mark.parametrize(("role", "span"), CASES)
async def test_a_session_that_is_used_all_the_time_ends_at_its_absolute_limit(
    world: World, role: Role, span: SessionSpan
) -> None:
    secret = await signed_in(world, role)
    end = world.clock.now() + span.absolute

    while world.clock.now() + span.idle / 2 < end:
        world.clock.advance(span.idle / 2)
        if world.clock.now() < end:
            assert await is_open(world, secret)
    world.clock.set(end - SECOND)
    assert await is_open(world, secret)
    world.clock.set(end)

    assert not await is_open(world, secret)


async def test_without_the_note_of_its_use_a_session_ends_though_it_is_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    monkeypatch.setattr(type(world.container.seen()), "note", lambda *_: None)
    secret = await signed_in(world, Role.ADMIN)
    world.clock.advance(timedelta(minutes=59))
    assert await is_open(world, secret)
    world.clock.advance(timedelta(minutes=2))

    assert not await is_open(world, secret)


async def test_without_the_limits_an_old_session_opens_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    secret = await signed_in(world, Role.ADMIN)
    world.clock.advance(timedelta(days=5))
    assert not await is_open(world, secret)

    monkeypatch.setattr(SessionRules, "holds", lambda *_: True)

    assert await is_open(world, secret)


async def test_a_use_is_written_down_at_most_every_few_minutes_and_not_by_the_request(world: World) -> None:
    secret = await signed_in(world, Role.ADMIN)
    versions = []
    for _ in range(60):
        world.clock.advance(timedelta(minutes=1))
        await world.deeds.authenticate(secret)
        versions.append((await stored(world, secret)).version)
        await world.container.seen().settle()

    last = await stored(world, secret)
    assert last.version - versions[0] == 12, "every five minutes"
    assert versions[:6] == [1, 1, 1, 1, 1, 2], "the request that saw the use was answered before it was stored"


async def test_uses_at_the_same_moment_are_one_write(world: World) -> None:
    secret = await signed_in(world, Role.ADMIN)
    world.clock.advance(timedelta(minutes=10))

    for _ in range(50):
        assert await world.deeds.authenticate(secret)
    await world.container.seen().settle()

    assert (await stored(world, secret)).version == 2


async def test_a_session_that_is_ended_while_its_use_is_noted_stays_ended(world: World) -> None:
    secret = await signed_in(world)
    world.clock.advance(timedelta(hours=2))
    await world.deeds.authenticate(secret)
    await world.deeds.sign_out(secret)
    await world.container.seen().settle()

    assert not await is_open(world, secret)


async def test_stricter_limits_hold_for_sessions_that_are_open_already(world: World) -> None:
    secret = await signed_in(world)
    world.clock.advance(timedelta(days=3))
    strict = SessionRules(others=SessionSpan(timedelta(days=2), timedelta(days=2)))
    authenticate: Authenticate = world.deeds.authenticate

    assert await is_open(world, secret)
    assert await evolve(authenticate, rules=strict)(secret) is None


async def test_a_session_that_an_earlier_version_stored_is_judged_by_when_it_was_opened(world: World) -> None:
    secret = await signed_in(world)
    async with world.container.begin()() as work:
        session = await work.sessions.get(secret_id(secret))
        work.sessions.save(evolve(session, used_at=None, device="", source=""))
        await work.commit()
    world.clock.advance(OTHERS.idle - SECOND)
    assert await world.deeds.authenticate(secret)
    await world.container.seen().settle()

    world.clock.advance(SECOND)
    assert await is_open(world, secret)


async def test_whoever_is_signing_in_while_everybody_is_signed_out_is_signed_out_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Opening.open

    async def slowly(self: Opening, *given: object) -> object:
        opened = await look(self, *given)  # type: ignore[arg-type]  # handed on as they came
        await world.deeds.sign_everybody_out(world.operator, "sign everybody out")
        return opened

    monkeypatch.setattr(Opening, "open", slowly)

    assert not await is_open(world, await signed_in(world))


async def test_everybody_is_signed_out_with_one_write_beside_its_record(world: World) -> None:
    secrets = [await signed_in(world, role) for role, _ in CASES]
    await world.deeds.sign_everybody_out(world.operator, "sign everybody out")

    assert [await is_open(world, secret) for secret in secrets] == [False] * len(CASES)
    assert (await world.container.begin()().installations.get(INSTALLATION)).era == 1
    assert [(await stored(world, secret)).version for secret in secrets] == [1] * len(CASES)
    assert await is_open(world, await signed_in(world)), "who signs in afterwards is in"


def test_a_session_cannot_be_allowed_to_be_unused_for_longer_than_it_lasts() -> None:
    with pytest.raises(InvalidValue):
        SessionSpan(timedelta(hours=2), timedelta(hours=1))
