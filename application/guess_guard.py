"""How many wrong passwords are looked at, and whom they make wait."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from attrs import define, evolve, field, frozen

from application.counted import (
    ADDRESS_KEPT,
    DEVICE_KNOWN,
    SOURCE_KEPT,
    GuessCount,
    KnownDevice,
    address_id,
    source_id,
)
from application.ports.clock import Clock
from application.ports.randomness import Randomness
from application.secrets import new_secret, secret_id
from application.turns import Turns
from application.work import OVERTAKEN, Begin, Work, retrying
from domain.guesses import Guesses
from domain.ids import AccountId


@frozen
class Attempt:
    """A password that somebody wants to be looked at."""

    email: str
    account_id: AccountId | None
    """Whose it would be; None if there is no such account, which changes nothing that can be seen."""
    source: str
    device: str = field(repr=False)
    """The secret of a known device; empty for none."""


@frozen
class DeviceKept:
    """What a browser keeps, so that it is known the next time."""

    secret: str = field(repr=False)
    expires_at: datetime


@define(eq=False)
class GuessGuard:
    """Three budgets: of a known device, and for all that come without one, of the address and of the source.

    A device's tries never touch the other two, nor the other way round: strangers who guess cannot keep out somebody
    who has signed in there before. The account itself is not written to by a wrong guess.
    """

    _begin: Begin
    _clock: Clock
    _randomness: Randomness
    _turns: Turns = field(factory=Turns)

    async def admit(self, attempt: Attempt) -> bool:
        """Count the attempt before it is looked at: SignInLocked or PasswordClosed if it may not be.

        Whether it came from a known device.
        """
        async with self.turn(attempt):
            return await retrying(lambda: self._count(attempt), OVERTAKEN)

    def turn(self, attempt: Attempt) -> AbstractAsyncContextManager[None]:
        """Inside, nobody else of this process counts for that address: `passed` would only be overtaken by them."""
        return self._turns.of(address_id(attempt.email))

    async def _count(self, attempt: Attempt) -> bool:
        now = self._clock.now()
        async with self._begin() as work:
            device = await self._device(work, attempt, now)
            if device is not None:
                device.guesses.check_wait(now)
                work.known_devices.save(evolve(device, guesses=device.guesses.another(now)))
            else:
                await self._count_stranger(work, attempt, now)
            await work.commit()
        return device is not None

    async def _device(self, work: Work, attempt: Attempt, now: datetime) -> KnownDevice | None:
        """Unknown too if its budget is used up: then it is like any stranger."""
        device = await work.known_devices.find(secret_id(attempt.device)) if attempt.device else None
        if device is None or device.account_id != attempt.account_id or device.expires_at <= now:
            return None
        return None if device.guesses.is_closed else device

    async def _count_stranger(self, work: Work, attempt: Attempt, now: datetime) -> None:
        source = await work.guess_counts.find(source_id(attempt.source))
        if source is not None:
            source.at(now).check_wait(now)
        known = await work.guess_counts.find(address_id(attempt.email))
        guesses = Guesses() if known is None else known.at(now)
        guesses.check_open()
        guesses.check_wait(now)
        counted = guesses.another(now)
        _keep(work, known, address_id(attempt.email), counted, None if counted.is_closed else now + ADDRESS_KEPT)

    async def failed(self, attempt: Attempt, *, is_known: bool) -> None:
        """It was wrong: the source waits as well, whichever address it tries next. No success ends that, or whoever has
        an account could guess at others between signing in.
        """
        if is_known:
            return
        async with self._turns.of(source_id(attempt.source)):
            await retrying(lambda: self._count_source(attempt.source), OVERTAKEN)

    async def _count_source(self, source: str) -> None:
        now = self._clock.now()
        async with self._begin() as work:
            known = await work.guess_counts.find(source_id(source))
            guesses = Guesses() if known is None else known.at(now)
            _keep(work, known, source_id(source), guesses.another(now), now + SOURCE_KEPT)
            await work.commit()

    async def passed(self, work: Work, attempt: Attempt, *, is_known: bool) -> DeviceKept:
        """It was right: its own budget begins anew, and the device is known from now on.

        Stored with the rest of `work`.
        """
        now = self._clock.now()
        expires_at = now + DEVICE_KNOWN
        device = await work.known_devices.find(secret_id(attempt.device)) if is_known else None
        if device is not None:
            work.known_devices.save(evolve(device, guesses=Guesses(), expires_at=expires_at))
            return DeviceKept(attempt.device, expires_at)
        await self.forgive(work, attempt.email)
        assert attempt.account_id is not None, "a password that fits is somebody's"
        secret = new_secret(self._randomness)
        work.known_devices.add(KnownDevice(secret_id(secret), attempt.account_id, now, expires_at))
        return DeviceKept(secret, expires_at)

    async def forgive(self, work: Work, email: str) -> None:
        """Begin anew for an address, also if it was closed."""
        known = await work.guess_counts.find(address_id(email))
        if known is not None:
            work.guess_counts.delete(known)


def _keep(work: Work, known: GuessCount | None, count_id: str, guesses: Guesses, forget_at: datetime | None) -> None:
    if known is None:
        work.guess_counts.add(GuessCount(count_id, guesses, forget_at))
    else:
        work.guess_counts.save(known.counting(guesses, forget_at))
