"""Passwords at Cognito, over a socket, against moto's server."""

from typing import Any

import pytest
from attrs import evolve
from botocore.exceptions import ClientError

from adapters.aws.cognito_keeper import CognitoKeeper
from adapters.aws.cognito_words import groups_of
from application.errors import AlreadyExists, PasswordRefused
from application.ports.credentials import CredentialKeeper, QuestionKind
from domain.account import Account, Role
from tests import build
from tests.contracts.credential_keeper import OTHER, PASSWORD, CredentialKeeperContract, somebody
from tests.support.cognito import Cognito


class TestCognitoKeeper(CredentialKeeperContract):
    adapter = "cognito"

    @pytest.fixture
    def keeper(self, cognito: Cognito) -> CredentialKeeper:
        return cognito.keeper()


@pytest.fixture
def keeper(cognito: Cognito) -> CredentialKeeper:
    return cognito.keeper()


async def test_who_signed_up_is_known_by_the_same_name_ever_after(keeper: CredentialKeeper) -> None:
    account = build.account(email="asha@example.com", name="Asha Rao")
    login_id = await keeper.register(account, PASSWORD)

    check = await keeper.check("asha@example.com", None, PASSWORD)

    assert check.person is not None
    assert check.person.login_id == login_id
    assert check.person.email == "asha@example.com"
    assert check.person.roles == {Role.USER}


async def test_nobody_signs_up_twice(keeper: CredentialKeeper) -> None:
    account = build.account(email="asha@example.com")
    await keeper.register(account, PASSWORD)

    with pytest.raises(AlreadyExists):
        await keeper.register(account, OTHER)

    assert not (await keeper.check(account.email, None, OTHER)).fits


@pytest.mark.parametrize("odd", ["x" * 257, " correct horse battery", "correct horse battery "])
async def test_a_password_that_cognito_cannot_keep_is_refused_before_anybody_stores_it(
    keeper: CredentialKeeper, odd: str
) -> None:
    with pytest.raises(PasswordRefused):
        await keeper.mark(odd)


async def test_a_temporary_password_opens_nothing_but_the_choice_of_another(keeper: CredentialKeeper) -> None:
    account = await somebody(keeper)
    await keeper.replace(account, OTHER, temporary=True)

    check = await keeper.check(account.email, account, OTHER)
    assert not check.fits
    assert check.question is not None
    assert check.question.kind is QuestionKind.NEW_PASSWORD
    assert check.person is not None
    assert check.person.login_id == account.login_id

    answered = await keeper.answer(account, check.question, "a third horse, a third staple")
    assert answered.fits
    assert (await keeper.check(account.email, account, "a third horse, a third staple")).fits
    assert not (await keeper.check(account.email, account, OTHER)).fits


async def test_with_an_authenticator_app_the_password_alone_opens_nothing(cognito: Cognito) -> None:
    keeper = cognito.keeper()
    account = await somebody(keeper)
    cognito.set_up_app(account.email, PASSWORD)

    check = await keeper.check(account.email, account, PASSWORD)
    assert not check.fits
    assert check.question is not None
    assert check.question.kind is QuestionKind.CODE
    assert not (await keeper.answer(account, check.question, cognito.wrong_code())).fits

    answered = await keeper.answer(account, check.question, cognito.code())
    assert answered.fits
    assert answered.person is not None
    assert answered.person.login_id == account.login_id


async def test_a_reset_code_sets_a_new_password(cognito: Cognito) -> None:
    keeper = cognito.keeper()
    account = await somebody(keeper)

    await keeper.start_reset(account)
    await keeper.finish_reset(account, cognito.mailed_code(account.email), OTHER)

    assert (await keeper.check(account.email, account, OTHER)).fits


async def test_the_groups_become_those_of_the_roles_and_foreign_ones_stay(cognito: Cognito) -> None:
    keeper = cognito.keeper()
    account = await somebody(keeper)
    cognito.put_into(account.email, "Guild of organists", "SuperAdmin")
    admin = account.grant(Role.ADMIN)

    await keeper.follow(admin)

    assert cognito.groups(account.email) == groups_of(admin) | {"Guild of organists"}
    person = (await keeper.check(account.email, account, PASSWORD)).person
    assert person is not None
    assert person.roles == {Role.USER, Role.ADMIN}


async def test_a_disabled_person_is_disabled_there_too_and_looks_like_nobody(cognito: Cognito) -> None:
    keeper = cognito.keeper()
    account = await somebody(keeper)

    await keeper.follow(account.disable())

    assert not cognito.is_enabled(account.email)
    assert not (await keeper.check(account.email, account, PASSWORD)).fits


async def test_an_erased_person_is_erased_there_too(cognito: Cognito) -> None:
    keeper = cognito.keeper()
    account = await somebody(keeper)

    for _ in range(2):
        await keeper.follow(account.delete())

    with pytest.raises(ClientError, match="UserNotFound"):
        cognito.is_enabled("asha@example.com")


async def test_somebody_who_was_never_linked_is_left_alone(cognito: Cognito) -> None:
    """Or who signed up there with another's address, and never proved it, would get the other's groups."""
    keeper = cognito.keeper()
    linked = await somebody(keeper)
    stranger: Account = evolve(linked, login_id="").grant(Role.SUPERADMIN)

    await keeper.follow(stranger)

    assert cognito.groups(linked.email) == frozenset()


async def test_a_client_without_a_secret_works_as_well(cognito: Cognito) -> None:
    keeper = cognito.keeper(with_secret=False)

    account = await somebody(keeper)

    assert (await keeper.check(account.email, account, PASSWORD)).fits


async def test_no_token_and_no_password_stays_in_the_keeper_or_the_log(
    cognito: Cognito, caplog: pytest.LogCaptureFixture
) -> None:
    keeper: Any = cognito.keeper()
    with caplog.at_level("DEBUG", logger="adapters"), caplog.at_level("DEBUG", logger="application"):
        account = await somebody(keeper)
        await keeper.check(account.email, account, PASSWORD)
        await keeper.check(account.email, account, OTHER)

    assert isinstance(keeper, CognitoKeeper)
    for said in (repr(keeper), repr(keeper.line), repr(keeper.tokens), caplog.text):
        assert "horse" not in said
        assert cognito.ids.client_secret not in said
        assert "eyJ" not in said
