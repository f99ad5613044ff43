"""People who make API keys, signed in by the deeds themselves."""

from typing import Final

from application.access import Actor
from application.opening import SignedIn
from application.use_cases.api_keys import KeyPlan, NewKey
from application.use_cases.sign_in import SignInCommand
from domain.account import Role
from domain.api_key import Scope
from tests.support.world import PASSWORD, World

PLAN: Final = KeyPlan("Till", (Scope.DOOR,))


async def person(world: World, role: Role = Role.USER) -> Actor:
    """Somebody who signed in a moment ago."""
    account = (await world.person(role)).signed_in()
    signed_in: SignedIn = await world.deeds.sign_in(SignInCommand(account.email, PASSWORD))
    actor = await world.deeds.authenticate(signed_in.secret)
    assert actor is not None
    return actor


async def made(world: World, plan: KeyPlan = PLAN, *, owner: Actor | None = None) -> NewKey:
    return await world.deeds.create_api_key(owner or await person(world), plan)


async def opens(world: World, secret: str) -> bool:
    actor = await world.deeds.authenticate(secret)
    await world.container.seen().settle()
    return actor is not None
