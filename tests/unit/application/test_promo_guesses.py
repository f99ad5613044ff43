"""Guessing at promotion codes: how many guesses one person has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from application.promo_guesses import PromoGuesses
from application.turns import Turns
from domain.event import Event
from domain.promo_code import PromoCodeUnknown
from domain.rate_limit import LimitReached
from tests.support.world import World


async def guess(world: World, event: Event, codes: int = 50) -> list[type[Exception] | None]:
    """What one person is answered who tries so many wrong codes at the same moment, and then a right one."""
    buyer = await world.person()
    await world.promo_code(event, "EARLY-20")

    async def hold(code: str) -> type[Exception] | None:
        try:
            await world.hold(buyer, event, promo_code=code)
        except (PromoCodeUnknown, LimitReached) as error:
            return type(error)
        return None

    answers = await asyncio.gather(*(hold(f"GUESS-{number}") for number in range(codes)))
    return [*answers, await hold("EARLY-20")]


async def test_ten_are_looked_at_even_at_the_same_moment(every_world: World) -> None:
    answers = await guess(every_world, await every_world.event())

    assert answers.count(PromoCodeUnknown) == 10
    assert answers[-1] is LimitReached


async def test_another_process_learns_of_it_with_the_next_wrong_one(world: World) -> None:
    event = await world.event()
    await guess(world, event)
    buyer = await world.person()
    limits, clock = world.container.limits(), world.clock
    here, there = PromoGuesses(limits, clock), PromoGuesses(limits, clock)

    async def wrong() -> None:
        raise PromoCodeUnknown("no such code")

    async def right() -> str:
        return "right"

    for _ in range(10):
        with pytest.raises(PromoCodeUnknown):
            await here.watch(buyer, "GUESS", wrong)
    assert await there.watch(buyer, "EARLY-20", right) == "right"
    with pytest.raises(LimitReached):
        await there.watch(buyer, "GUESS", wrong)
    with pytest.raises(LimitReached):
        await there.watch(buyer, "EARLY-20", right)
    assert await there.watch(buyer, "", right) == "right", "without a code nobody guesses"
    assert await there.watch(world.operator, "EARLY-20", right) == "right"


async def test_all_at_once_more_would_be_looked_at_than_one_after_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def at_once(_turns: Turns, _key: str) -> AsyncIterator[None]:
        yield

    looked = 0

    async def wrong() -> None:
        nonlocal looked
        looked += 1
        await asyncio.sleep(0)
        raise PromoCodeUnknown("no such code")

    buyer = await world.person()
    guesses = PromoGuesses(world.container.limits(), world.clock)
    monkeypatch.setattr(Turns, "of", at_once)
    await asyncio.gather(*(guesses.watch(buyer, "GUESS", wrong) for _ in range(50)), return_exceptions=True)

    assert looked > 11
