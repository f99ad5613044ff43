"""Guessing at passwords: how many guesses are looked at, and whom they make wait."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from application.access import Actor
from application.counted import address_id, source_id
from application.errors import EmailNotConfirmed, SignInFailed
from application.guess_guard import GuessGuard
from application.opening import SignedIn
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain import guesses
from domain.guesses import PasswordClosed, SignInLocked
from tests.support.guessing import Siege, WatchedHasher
from tests.support.world import PASSWORD, World


async def wrong(world: World, email: str, source: str = "192.0.2.1/32", device: str = "") -> type[Exception]:
    """What a wrong password is answered with."""
    try:
        await world.deeds.sign_in(SignInCommand(email, "guess at the password", source, device))
    except (SignInFailed, SignInLocked, PasswordClosed) as error:
        return type(error)
    raise AssertionError("it fits")


async def right(world: World, person: Actor, source: str = "192.0.2.1/32", device: str = "") -> SignedIn:
    return await world.deeds.sign_in(SignInCommand(person.signed_in().email, PASSWORD, source, device))


async def counted(world: World, count_id: str) -> int:
    found = await world.container.begin()().guess_counts.find(count_id)
    return found.guesses.wrong if found else 0


async def siege(folder: Path) -> Siege:
    hasher = WatchedHasher()
    world = World.of(folder, hasher=hasher)
    return Siege(world, hasher, (await world.person()).signed_in().email)


async def test_in_a_month_a_hundred_guesses_are_looked_at_and_a_known_device_waits_for_none(tmp_path: Path) -> None:
    month = await siege(tmp_path)

    await month.last(days=30)

    assert month.tries > 700
    assert month.hasher.guesses <= 100
    assert len(month.locked_out) == 30
    assert max(month.locked_out) <= timedelta(minutes=15)


async def test_without_the_budget_of_known_devices_a_stranger_locks_a_person_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: Any) -> None:
        return None

    monkeypatch.setattr(GuessGuard, "_device", unknown)
    days = await siege(tmp_path)

    await days.last(days=5)

    assert max(days.locked_out) > timedelta(minutes=15)


async def test_without_the_end_at_a_hundred_guessing_goes_on_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "CLOSED_AT", 1_000_000)
    days = await siege(tmp_path)

    await days.last(days=3)

    assert days.hasher.guesses > 200


async def test_fifty_guesses_at_the_same_moment_are_fifty(every_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world, email = every_world, (await every_world.person()).signed_in().email
    monkeypatch.setattr(guesses, "FREE_TRIES", 1_000)

    await asyncio.gather(*(wrong(world, email, f"192.0.2.{n}/32") for n in range(50)))

    assert await counted(world, address_id(email)) == 50


async def test_of_fifty_at_the_same_moment_no_more_are_looked_at_than_one_after_another(tmp_path: Path) -> None:
    hasher = WatchedHasher()
    world = World.of(tmp_path, hasher=hasher)
    email = (await world.person()).signed_in().email

    answers = await asyncio.gather(*(wrong(world, email, f"192.0.2.{n}/32") for n in range(50)))

    assert hasher.guesses == 6
    assert answers.count(SignInLocked) == 44


async def test_counted_only_after_the_look_all_of_fifty_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def uncounted(*_: Any) -> bool:
        return False

    monkeypatch.setattr(GuessGuard, "admit", uncounted)
    hasher = WatchedHasher()
    world = World.of(tmp_path, hasher=hasher)
    email = (await world.person()).signed_in().email

    await asyncio.gather(*(wrong(world, email, f"192.0.2.{n}/32") for n in range(50)))

    assert hasher.guesses == 50


async def test_an_unknown_address_waits_like_a_known_one(world: World) -> None:
    known = (await world.person()).signed_in().email
    stories: dict[str, list[str]] = {}
    for email in (known, "nobody@example.com", "no address at all"):
        for number in range(240):
            try:
                await world.deeds.sign_in(SignInCommand(email, "guess at it", f"2001:db8:{number:x}::/64"))
            except (SignInFailed, SignInLocked, PasswordClosed) as error:
                stories.setdefault(email, []).append(f"{type(error).__name__} {error}")
            world.clock.advance(600)

    assert stories["nobody@example.com"] == stories[known]
    assert stories["no address at all"] == stories[known]
    assert len(set(stories[known])) > 2


async def test_one_source_waits_whichever_address_it_tries(world: World) -> None:
    people = [(await world.person()).signed_in().email for _ in range(8)]

    answers = [await wrong(world, email) for email in people]

    assert answers == [SignInFailed] * 6 + [SignInLocked] * 2
    assert await wrong(world, people[-1], "192.0.2.99/32") is SignInFailed, "another source does not wait"


async def test_whoever_has_an_account_cannot_guess_at_others_between_signing_in(world: World) -> None:
    mine, theirs = await world.person(), (await world.person()).signed_in().email
    device = (await right(world, mine)).kept.secret
    answers = []
    for _ in range(8):
        answers.append(await wrong(world, theirs))
        await right(world, mine, device=device)

    assert answers[-1] is SignInLocked


async def test_wrong_guesses_are_written_nowhere_near_the_account(world: World) -> None:
    person = await world.person()
    before = await world.deeds.accounts.show(world.operator, person.name)

    for _ in range(20):
        await wrong(world, person.signed_in().email)

    after = await world.deeds.accounts.show(world.operator, person.name)
    assert after.version == before.version


async def test_a_device_is_known_for_one_person_ninety_days(world: World) -> None:
    ana, ben = await world.person(), await world.person()
    device = (await right(world, ana)).kept.secret
    for person in (ana, ben):
        for number in range(10):
            await wrong(world, person.signed_in().email, f"203.0.113.{number}/32")

    assert (await right(world, ana, device=device)).kept.secret == device
    with pytest.raises(SignInLocked):
        await right(world, ben, device=device)
    with pytest.raises(SignInLocked):
        await right(world, ana, device=device.swapcase())
    world.clock.advance(timedelta(days=89))
    assert (await right(world, ana, device=device)).account.id == ana.name, "each time begins the ninety days anew"
    world.clock.advance(timedelta(days=90))
    for number in range(10):
        await wrong(world, ana.signed_in().email, f"203.0.113.{number}/32")
    with pytest.raises(SignInLocked):
        await right(world, ana, device=device)


async def test_a_stolen_device_has_a_hundred_guesses_and_then_is_a_strangers(world: World) -> None:
    person = await world.person()
    email, device = person.signed_in().email, (await right(world, person)).kept.secret
    answers = []
    for number in range(230):
        answers.append(await wrong(world, email, f"2001:db8:{number:x}::/64", device))
        world.clock.advance(timedelta(minutes=16))

    assert answers.count(SignInFailed) == 200
    assert set(answers[200:]) == {PasswordClosed}


async def test_a_new_password_by_mail_opens_what_was_closed(world: World) -> None:
    person = await world.person()
    email = person.signed_in().email
    for number in range(100):
        assert await wrong(world, email, f"2001:db8:{number:x}::/64") is SignInFailed
        world.clock.advance(timedelta(minutes=16))
    with pytest.raises(PasswordClosed):
        await right(world, person)
    world.clock.advance(timedelta(days=365))
    await world.deeds.jobs.jobs[[job.name for job in world.deeds.jobs.jobs].index("forget")].run()
    with pytest.raises(PasswordClosed):
        await right(world, person)

    await world.deeds.ask_for_reset(email)
    await world.settle()
    link = re.search(r"token=([\w-]+)", world.mailbox.to(email)[-1].text)
    assert link
    await world.deeds.reset_password(ResetPasswordCommand(link[1], "an entirely new password"))

    signed_in = await world.deeds.sign_in(SignInCommand(email, "an entirely new password"))
    assert signed_in.account.id == person.name


async def test_what_is_long_past_no_longer_counts_and_is_forgotten(world: World) -> None:
    email, source = (await world.person()).signed_in().email, "192.0.2.1/32"
    for _ in range(4):
        await wrong(world, email, source)
    forget = next(job.run for job in world.deeds.jobs.jobs if job.name == "forget")

    world.clock.advance(timedelta(hours=1, seconds=1))
    await forget()
    assert (await counted(world, source_id(source)), await counted(world, address_id(email))) == (0, 4)
    world.clock.advance(timedelta(days=90))
    await forget()
    assert await counted(world, address_id(email)) == 0


async def test_a_right_password_of_an_unconfirmed_account_is_no_wrong_one(world: World) -> None:
    await world.deeds.sign_up(SignUpCommand("new@example.com", "New", PASSWORD))

    for _ in range(20):
        with pytest.raises(EmailNotConfirmed):
            await world.deeds.sign_in(SignInCommand("new@example.com", PASSWORD))


async def test_many_sign_in_at_the_same_moment(every_world: World) -> None:
    person = await every_world.person()
    device = (await right(every_world, person)).kept.secret

    opened = await asyncio.gather(*(right(every_world, person, device=device) for _ in range(5)))

    assert len({signed_in.secret for signed_in in opened}) == 5
