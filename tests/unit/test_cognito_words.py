"""What each complaint of Cognito's becomes, in words that repeat none of its own."""

import logging
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError

from adapters.aws import cognito_keeper
from adapters.aws.cognito_keeper import CognitoKeeper
from adapters.aws.cognito_line import CognitoLine
from adapters.aws.cognito_words import check_may_try, groups_of, person_of_claims, refusal
from application.errors import AlreadyExists, EmailNotConfirmed, PasswordRefused, TokenInvalid
from application.ports.credentials import IdentityUnavailable
from domain.account import Role
from domain.guesses import PasswordClosed, SignInLocked
from tests import build

SECRET: Final = "asha@example.com of the pool said AKIAOFTHETESTS"
NOT_ASKED: Final[Any] = None


def complaint(code: str, status: int = 400, message: str = SECRET) -> ClientError:
    said: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "AdminInitiateAuth")


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("CodeMismatchException", TokenInvalid),
        ("ExpiredCodeException", TokenInvalid),
        ("UserNotFoundException", TokenInvalid),
        ("UserNotConfirmedException", EmailNotConfirmed),
        ("PasswordResetRequiredException", PasswordClosed),
        ("UsernameExistsException", AlreadyExists),
        ("InvalidPasswordException", PasswordRefused),
        ("LimitExceededException", SignInLocked),
        ("TooManyRequestsException", SignInLocked),
        ("TooManyFailedAttemptsException", SignInLocked),
        ("AccessDeniedException", IdentityUnavailable),
        ("ResourceNotFoundException", IdentityUnavailable),
        ("CodeDeliveryFailureException", IdentityUnavailable),
        ("InternalErrorException", IdentityUnavailable),
        ("something that nobody has heard of", IdentityUnavailable),
    ],
)
def test_a_complaint_becomes_a_refusal_of_ours_that_says_nothing_of_its_own(
    code: str, refused: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    said = refusal(complaint(code))

    assert type(said) is refused
    for word in SECRET.split():
        assert f" {word} " not in f" {said} {caplog.text} " or word in {"of", "the", "pool", "said"}


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://cognito-idp.eu-central-1.amazonaws.com"),
        ReadTimeoutError(endpoint_url="https://cognito-idp.eu-central-1.amazonaws.com"),
        complaint("ServiceUnavailable", 503),
    ],
)
def test_where_there_is_no_answer_nobody_knows(error: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(refusal(error), IdentityUnavailable)

    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_mistake_of_ours_is_no_outage() -> None:
    with pytest.raises(ParamValidationError):
        refusal(ParamValidationError(report="no such parameter"))


def test_a_password_that_was_not_even_looked_at_makes_people_wait() -> None:
    check_may_try(complaint("NotAuthorizedException", message="Incorrect username or password."))

    with pytest.raises(SignInLocked):
        check_may_try(complaint("NotAuthorizedException", message="Password attempts exceeded"))


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_group_and_comes_back_from_it(role: Role) -> None:
    account = build.account(roles=frozenset({Role.USER, role}))

    person = person_of_claims({"sub": "a", "email": "a@example.com", "cognito:groups": sorted(groups_of(account))})

    assert person.roles == account.roles


@pytest.mark.parametrize("groups", [(), ["admin"], ["ADMIN", "SuperAdmins", "Super Admin", ""], ["Guild"]])
def test_groups_that_are_not_ours_give_no_role(groups: Any) -> None:
    person = person_of_claims({"sub": "a", "email": "a@example.com", "cognito:groups": groups})

    assert person.roles == {Role.USER}


@pytest.mark.parametrize("said", [None, False, "false", "True", 1.5, "yes"])
def test_an_address_counts_as_verified_only_if_cognito_says_so(said: Any) -> None:
    assert not person_of_claims({"sub": "a", "email": "a@example.com", "email_verified": said}).email_verified


class Resending:
    """The one call that moto does not have: it takes what Cognito takes, or complains."""

    def __init__(self, error: ClientError | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, str]] = []

    async def do(self, work: Any) -> Any:
        return work(self)

    def resend_confirmation_code(self, **said: str) -> dict[str, Any]:
        self.asked.append(said)
        if self.error is not None:
            raise self.error
        return {"CodeDeliveryDetails": {}}


def keeper_on(line: Any, client_secret: str = "secret") -> CognitoKeeper:
    return CognitoKeeper(CognitoLine(line, "pool", "client", client_secret), NOT_ASKED)


async def test_another_code_is_asked_for_with_the_proof_that_it_is_us() -> None:
    line = Resending()

    await keeper_on(line).send_code(build.account(email="asha@example.com"))

    # HMAC-SHA256 of address and client id under the secret, reckoned by openssl.
    proof = "ju9tihbADxXRvqvFVOAuezw2cmh0g3MHSulQZ0ieSX8="
    assert line.asked == [{"ClientId": "client", "Username": "asha@example.com", "SecretHash": proof}]


@pytest.mark.parametrize("code", ["UserNotFoundException", "InvalidParameterException"])
async def test_another_code_for_nobody_or_for_who_is_confirmed_is_silence(code: str) -> None:
    await keeper_on(Resending(complaint(code))).send_code(build.account())


async def test_without_that_silence_whoever_asks_would_learn_who_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cognito_keeper, "_SILENT", frozenset())

    with pytest.raises(TokenInvalid):
        await keeper_on(Resending(complaint("UserNotFoundException"))).send_code(build.account())


async def test_a_code_that_could_not_be_mailed_is_asked_for_again_later() -> None:
    with pytest.raises(IdentityUnavailable):
        await keeper_on(Resending(complaint("CodeDeliveryFailureException"))).send_code(build.account())
