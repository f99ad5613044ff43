"""What everybody promises who keeps passwords."""

from typing import ClassVar

import pytest
from attrs import evolve

from application.errors import TokenInvalid
from application.ports.credentials import CredentialKeeper, Question, QuestionKind
from domain.account import Account, Role
from tests import build

PASSWORD = "correct horse battery staple"
OTHER = "another horse, another staple"


async def somebody(keeper: CredentialKeeper, email: str = "asha@example.com", password: str = PASSWORD) -> Account:
    """Somebody with a confirmed address whose password is kept."""
    account = build.account(email=email, password_hash=await keeper.mark(password))
    return evolve(account, login_id=await keeper.create(account, password))


class CredentialKeeperContract:
    """Fixtures of a subclass: `keeper`, who knows nobody yet."""

    adapter: ClassVar[str]

    async def test_a_password_fits_and_no_other_does(self, keeper: CredentialKeeper) -> None:
        account = await somebody(keeper)

        assert (await keeper.check(account.email, account, PASSWORD)).fits
        for wrong in (OTHER, PASSWORD.upper(), PASSWORD + "!", ""):
            check = await keeper.check(account.email, account, wrong)
            assert not check.fits
            assert check.question is None

    async def test_nothing_fits_nobody(self, keeper: CredentialKeeper) -> None:
        await somebody(keeper)

        assert not (await keeper.check("nobody@example.com", None, PASSWORD)).fits

    async def test_two_spellings_of_one_password_are_one(self, keeper: CredentialKeeper) -> None:
        account = await somebody(keeper, password="Zürich liegt am See")

        assert (await keeper.check(account.email, account, "Zu\u0308rich liegt am See")).fits

    async def test_only_the_new_password_fits(self, keeper: CredentialKeeper) -> None:
        account = await somebody(keeper)
        changed = account.set_password(await keeper.mark(OTHER))

        await keeper.replace(changed, OTHER, temporary=False)

        assert (await keeper.check(account.email, changed, OTHER)).fits
        assert not (await keeper.check(account.email, changed, PASSWORD)).fits

    async def test_two_people_have_two_passwords(self, keeper: CredentialKeeper) -> None:
        one = await somebody(keeper)
        other = await somebody(keeper, "ravi@example.com", OTHER)

        assert not (await keeper.check(one.email, one, OTHER)).fits
        assert (await keeper.check(other.email, other, OTHER)).fits

    async def test_a_code_that_nobody_sent_confirms_nothing(self, keeper: CredentialKeeper) -> None:
        with pytest.raises(TokenInvalid):
            await keeper.confirm("nobody@example.com", "123456")

    @pytest.mark.parametrize("kind", QuestionKind)
    async def test_an_answer_to_no_question_fits_nothing(self, keeper: CredentialKeeper, kind: QuestionKind) -> None:
        account = await somebody(keeper)

        assert not (await keeper.answer(account, Question(kind, "a question that nobody asked"), "123456")).fits

    async def test_a_mail_for_nobody_is_silence(self, keeper: CredentialKeeper) -> None:
        await keeper.start_reset(build.account(email="nobody@example.com"))

    async def test_following_again_and_again_leaves_people_able_to_come_in(self, keeper: CredentialKeeper) -> None:
        account = (await somebody(keeper)).grant(Role.ADMIN)

        for step in (account, account, account.revoke(Role.ADMIN), account.disable(), account.disable().enable()):
            await keeper.follow(step)

        assert (await keeper.check(account.email, account, PASSWORD)).fits

    async def test_nothing_that_is_shown_of_it_holds_a_password_or_a_token(self, keeper: CredentialKeeper) -> None:
        account = await somebody(keeper)
        check = await keeper.check(account.email, account, PASSWORD)

        shown = f"{keeper!r} {check!r} {Question(QuestionKind.CODE, 'the token')!r} {account!r}"

        assert "horse" not in shown
        assert "the token" not in shown
        assert "eyJ" not in shown
