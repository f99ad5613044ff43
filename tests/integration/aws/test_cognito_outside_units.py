"""No provider is asked while a unit of work is open: what it does could not be taken back with the rest."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.aws.cognito_keeper import CognitoKeeper
from application.access import Actor
from application.factor_check import Proof
from application.use_cases.codes_by_mail import ResetByCodeCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from application.work import Work
from domain.account import Role
from tests.contracts.credential_keeper import OTHER, PASSWORD
from tests.support.cognito import Cognito
from tests.support.fake_clock import FakeClock
from tests.support.world import World

ASHA: Final = "asha@example.com"
CALLS: Final = (
    *("register", "create", "confirm", "send_code", "check", "answer"),
    *("start_reset", "finish_reset", "replace", "follow"),
)
_open: ContextVar[int] = ContextVar("units that are open", default=0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the keeper was asked; each call fails that comes inside a unit of work."""
    enter, leave, made = Work.__aenter__, Work.__aexit__, list[str]()

    async def entering(work: Work) -> Work:
        _open.set(_open.get() + 1)
        return await enter(work)

    async def leaving(work: Work, *error: Any) -> None:
        _open.set(_open.get() - 1)
        await leave(work, *error)

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def calling(keeper: CognitoKeeper, *said: Any, **more: Any) -> Any:
            assert _open.get() == 0, f"{name} was asked inside a unit of work"
            made.append(name)
            return None if name == "send_code" else await call(keeper, *said, **more)

        return calling

    monkeypatch.setattr(Work, "__aenter__", entering)
    monkeypatch.setattr(Work, "__aexit__", leaving)
    for name in CALLS:
        monkeypatch.setattr(CognitoKeeper, name, watched(name, getattr(CognitoKeeper, name)))
    return made


@pytest.fixture
def world(cognito: Cognito, tmp_path: Path) -> World:
    world = World.of(tmp_path, clock=FakeClock(datetime.now(UTC)), keeper=cognito.keeper())
    world.lift_limits()
    return world


async def came_in(world: World, password: str) -> Actor:
    opened = await world.deeds.sign_in(SignInCommand(ASHA, password))
    actor = await world.deeds.authenticate(opened.secret)
    assert actor is not None
    return actor


async def test_a_whole_life_asks_only_between_units_of_work(world: World, cognito: Cognito, asked: list[str]) -> None:
    deeds = world.deeds
    await deeds.sign_up(SignUpCommand(ASHA, "Asha Rao", PASSWORD))
    await world.settle()
    assert "send_code" not in asked  # The first one goes out with the sign-up.
    world.clock.advance(1)
    await deeds.resend_confirmation(ASHA)
    await world.settle()
    assert asked.count("send_code") == 1
    await deeds.confirm_by_code(ASHA, "493021")
    await deeds.change_password(await came_in(world, PASSWORD), OTHER)
    given = await deeds.give_temporary_password(world.operator, ASHA)
    await deeds.change_password(await came_in(world, given.password), PASSWORD)
    await deeds.ask_for_reset(ASHA)
    await world.settle()
    await deeds.reset_by_code(ResetByCodeCommand(ASHA, cognito.mailed_code(ASHA), OTHER))
    cognito.set_up_app(ASHA, OTHER)
    await deeds.step_up.with_factor(await came_in(world, OTHER), Proof(cognito.code()))
    await world.person(Role.ADMIN, email="admin@example.com")
    await deeds.erase_account(world.operator, ASHA)
    await world.settle()

    assert set(asked) == set(CALLS)


async def test_a_call_inside_a_unit_of_work_would_be_seen(world: World, asked: list[str]) -> None:
    async with world.container.begin()():
        with pytest.raises(AssertionError, match="inside a unit of work"):
            await world.container.keeper().check(ASHA, None, PASSWORD)

    assert asked == []
