"""Who may do what to whom: every deed, by every role, to every role, generated from the roles themselves."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from application.access import Actor
from domain.account import Account, NotAllowed, Role
from tests.support.world import World

Deed = Callable[[World, Actor, str], Awaitable[Any]]
RANKS = list(Role)
TOUCHES: dict[str, Deed] = {
    "disable": lambda world, actor, whom: world.deeds.administer_account.disable(actor, whom),
    "enable": lambda world, actor, whom: world.deeds.administer_account.enable(actor, whom),
    "sign_out": lambda world, actor, whom: world.deeds.administer_account.sign_out(actor, whom),
    "start_reset": lambda world, actor, whom: world.deeds.administer_account.start_reset(actor, whom),
    "temporary_password": lambda world, actor, whom: world.deeds.give_temporary_password(actor, whom),
    "erase": lambda world, actor, whom: world.deeds.erase_account(actor, whom),
}
"""What is done to a person, without a role in it."""


def _may_touch(actor: Role, whom: Role) -> bool:
    """As the guide says: administrators look after users and organizers, super-administrators after everybody."""
    looks_after = {
        Role.SUPERADMIN: {Role.USER, Role.ORGANIZER, Role.ADMIN, Role.SUPERADMIN},
        Role.ADMIN: {Role.USER, Role.ORGANIZER},
    }
    return whom in looks_after.get(actor, set())


async def _is_done(deed: Awaitable[Any]) -> bool:
    try:
        await deed
    except NotAllowed:
        return False
    return True


async def _wrong(world: World) -> list[str]:
    """Every cell of the matrix that is not as the guide says."""
    await world.person(Role.SUPERADMIN)
    actors = {role: await world.person(role) for role in RANKS}
    wrong = []
    for by, actor in actors.items():
        for role in RANKS:
            for name, deed in TOUCHES.items():
                whom = await world.person(role)
                if await _is_done(deed(world, actor, whom.name)) != _may_touch(by, role):
                    wrong.append(f"{by} {name} {role}")
            for given in RANKS:
                expected = _may_touch(by, role) and _may_touch(by, given)
                whom = await world.person(role)
                grant = world.deeds.administer_account.grant(actor, whom.name, given)
                if await _is_done(grant) != expected:
                    wrong.append(f"{by} grants {given} to {role}")
                if given is not Role.USER:
                    revoke = world.deeds.administer_account.revoke(actor, (await world.person(role)).name, given)
                    if await _is_done(revoke) != expected:
                        wrong.append(f"{by} revokes {given} of {role}")
    return wrong


async def test_everybody_looks_after_those_whom_the_guide_names_and_nobody_else(world: World) -> None:
    assert await _wrong(world) == []


async def test_the_matrix_sees_a_guard_that_is_switched_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "check_may_grant", lambda *_: None)

    wrong = await _wrong(world)

    assert {"admin erase superadmin", "admin grants superadmin to user", "admin temporary_password admin"} <= set(wrong)
    assert not any(line.startswith(("user", "organizer")) for line in wrong), "those are kept out by their rank"


@pytest.mark.parametrize("role", RANKS)
async def test_nobody_does_any_of_it_to_themselves(world: World, role: Role) -> None:
    await world.person(Role.SUPERADMIN)
    actor = await world.person(role)

    for deed in TOUCHES.values():
        assert not await _is_done(deed(world, actor, actor.name))
    for given in RANKS:
        assert not await _is_done(world.deeds.administer_account.grant(actor, actor.name, given))
    after = (await world.deeds.accounts.show(world.operator, actor.name)).roles
    assert after == actor.signed_in().roles
