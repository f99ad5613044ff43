"""People with second factors, signed in by the deeds themselves."""

from base64 import b32decode
from typing import Any

from attrs import define
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from application.access import Actor
from application.opening import SignedIn
from application.use_cases.enrol_factors import Enrolled
from application.use_cases.sign_in import SignInCommand
from domain.account import Account, Role
from tests.support.world import PASSWORD, World


def code_of(secret: str, at: float) -> str:
    """What an app shows at an instant, computed apart from our own code."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(at)).decode()  # noqa: S303 - RFC 6238


@define(eq=False)
class Person:
    """Somebody with an authenticator app. `token` is the secret of the session that is open now."""

    world: World
    account: Account
    token: str
    app_secret: str = ""
    recovery_codes: tuple[str, ...] = ()

    @classmethod
    async def new(cls, world: World, role: Role = Role.USER, **given: Any) -> "Person":
        """Signed in with a password, and with nothing else."""
        account = (await world.person(role, **given)).signed_in()
        return cls(world, account, (await sign_in(world, account)).secret)

    @classmethod
    async def with_app(cls, world: World, role: Role = Role.USER, **given: Any) -> "Person":
        """An app is set up, and the next of its codes is good again."""
        person = await cls.new(world, role, **given)
        await person.enrol()
        world.clock.advance(60)
        return person

    async def enrol(self) -> Enrolled:
        deeds = self.world.deeds
        new = await deeds.enrol_factors.begin_totp(await self.actor())
        self.app_secret = new.spelt
        enrolled = await deeds.enrol_factors.confirm_totp(await self.actor(), self.code())
        self.token, self.recovery_codes = enrolled.signed_in.secret, enrolled.recovery_codes
        return enrolled

    def code(self, steps: int = 0) -> str:
        """What the app shows, so many steps from now."""
        return code_of(self.app_secret, self.world.clock.now().timestamp() + 30 * steps)

    async def actor(self, token: str = "") -> Actor:
        found = await self.world.deeds.authenticate(token or self.token)
        assert found is not None, "the session is over"
        return found

    async def half(self) -> Actor:
        """Between the two steps of another sign-in."""
        return await self.actor((await sign_in(self.world, self.account)).secret)


async def sign_in(world: World, account: Account, password: str = PASSWORD) -> SignedIn:
    return await world.deeds.sign_in(SignInCommand(account.email, password))
