"""How the secrets of API keys end: rotated with an overlap, revoked, or found by somebody else."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from application.errors import NotFound
from application.key_format import checksum
from application.ports.store import Listing, Page
from application.use_cases.api_keys import NewKey
from domain import api_key
from domain.account import Role
from domain.api_key import ApiKey, KeyEnded, RotationRunning, WhyRevoked
from tests.support.key_people import PLAN, made, opens, person
from tests.support.world import World

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.of(tmp_path)


async def recorded(world: World, new: NewKey) -> list[str]:
    """What the audit has of a key."""
    page: Page[Any] = await world.container.store().list(Listing("audit", "by_subject", new.key.id))
    return sorted(record.action for record in page.items)


async def test_after_a_rotation_both_secrets_open_until_the_overlap_ends(world: World) -> None:
    owner = await person(world)
    old = await made(world, owner=owner)
    new = await world.deeds.rotate_api_key(owner, old.key.id, overlap_hours=2)

    world.clock.advance(2 * HOUR - SECOND)
    assert [await opens(world, key.secret) for key in (old, new)] == [True, True]
    world.clock.advance(SECOND)

    assert [await opens(world, key.secret) for key in (old, new)] == [False, True]
    assert new.key.expires_at == old.key.created_at + timedelta(days=90)


async def test_an_overlap_ends_with_the_term_of_the_old_secret(world: World) -> None:
    owner = await person(world)
    old = await made(world, evolve(PLAN, days=1), owner=owner)
    world.clock.advance(timedelta(hours=23))
    await world.deeds.rotate_api_key(world.operator, old.key.id, overlap_hours=168)

    world.clock.advance(HOUR)

    assert not await opens(world, old.secret)


async def test_of_fifty_rotations_at_once_one_wins_and_no_secret_in_use_dies(every_world: World) -> None:
    owner = await person(every_world)
    old = await made(every_world, owner=owner)
    rotations = [every_world.deeds.rotate_api_key(owner, old.key.id) for _ in range(50)]

    done = await asyncio.gather(*rotations, return_exceptions=True)

    won = [one for one in done if isinstance(one, NewKey)]
    assert len(won) == 1
    assert all(isinstance(one, RotationRunning) for one in done if not isinstance(one, NewKey))
    assert [await opens(every_world, secret) for secret in (old.secret, won[0].secret)] == [True, True]
    assert await recorded(every_world, old) == ["api_key.create", "api_key.rotate"]


async def test_without_that_refusal_a_secret_in_use_would_die(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    owner = await person(world)
    old = await made(world, owner=owner)
    rotate = ApiKey.rotate
    monkeypatch.setattr(ApiKey, "is_rotating", lambda *_: False)
    for _ in range(2):
        await world.deeds.rotate_api_key(owner, old.key.id)
    monkeypatch.undo()

    assert ApiKey.rotate is rotate
    assert not await opens(world, old.secret)


async def test_fifty_revocations_at_once_are_one_and_it_holds(every_world: World) -> None:
    owner = await person(every_world)
    new = await made(every_world, owner=owner)

    done = await asyncio.gather(*[every_world.deeds.revoke_api_key(owner, new.key.id) for _ in range(50)])

    assert {key.revoked for key in done} == {WhyRevoked.BY_OWNER}
    assert not await opens(every_world, new.secret)
    assert await recorded(every_world, new) == ["api_key.create", "api_key.revoke"]


async def test_a_revoked_key_is_not_brought_back_by_a_rotation(world: World) -> None:
    owner = await person(world)
    new = await made(world, owner=owner)
    await world.deeds.revoke_api_key(owner, new.key.id)

    with pytest.raises(KeyEnded):
        await world.deeds.rotate_api_key(owner, new.key.id)


async def test_a_key_that_ended_with_the_password_is_not_brought_back_by_a_rotation(world: World) -> None:
    new = await made(world)
    await world.deeds.administer_account.sign_out(world.operator, new.key.account_id)

    with pytest.raises(KeyEnded):
        await world.deeds.rotate_api_key(world.operator, new.key.id)


async def test_keys_of_others_look_like_none_and_administrators_may_end_them(world: World) -> None:
    new = await made(world)
    stranger, admin = await person(world), await person(world, Role.ADMIN)
    for deed in (world.deeds.rotate_api_key, world.deeds.revoke_api_key, world.deeds.api_keys.show):
        with pytest.raises(NotFound):
            await deed(stranger, new.key.id)
    with pytest.raises(NotFound):
        await world.deeds.rotate_api_key(admin, new.key.id)

    assert (await world.deeds.revoke_api_key(admin, new.key.id)).revoked is WhyRevoked.BY_STAFF


async def test_whoever_shows_a_secret_ends_the_key(world: World) -> None:
    new, other = await made(world), await made(world)
    await world.deeds.report_leaked_key(f"  {new.secret}\n")

    assert [await opens(world, key.secret) for key in (new, other)] == [False, True]
    stored = await world.container.begin()().api_keys.get(new.key.id)
    assert stored.revoked is WhyRevoked.LEAKED
    assert await recorded(world, new) == ["api_key.create", "api_key.leaked"]


async def test_a_key_is_not_ended_by_who_knows_its_id_alone(world: World) -> None:
    new, other = await made(world), await made(world)
    forged = api_key_text(new, other)
    for text in (forged, new.secret[:-1], new.key.id, "", "rlx_"):
        await world.deeds.report_leaked_key(text)

    assert await opens(world, new.secret)


def api_key_text(one: NewKey, other: NewKey) -> str:
    """The names of one key with the secret of another, and a right checksum."""
    text = one.secret[:56] + other.secret[56:-7]
    return text + checksum(text)


async def test_without_the_secrets_hash_any_well_formed_text_would_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    new, other = await made(world), await made(world)
    assert not await opens(world, api_key_text(new, other))

    monkeypatch.setattr(api_key, "compare_digest", lambda *_: True)

    assert await opens(world, api_key_text(new, other))
