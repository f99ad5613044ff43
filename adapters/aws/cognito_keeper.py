"""Passwords that Amazon Cognito keeps. Its tokens are read once, for who somebody is, and then forgotten."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.cognito_line import CognitoLine
from adapters.aws.cognito_tokens import IdTokens, TokenRefused
from adapters.aws.cognito_words import (
    GROUP_OF,
    NO_SUCH_USER,
    TOO_OLD_OR_WRONG,
    WRONG,
    check_may_try,
    code_of,
    groups_of,
    is_on,
    person_of_claims,
    person_of_user,
    refusal,
)
from application.errors import PasswordRefused
from application.password_policy import normal_form
from application.ports.credentials import KEPT_ELSEWHERE, Check, IdentityUnavailable, Person, Question, QuestionKind
from domain.account import Account, AccountStatus
from domain.errors import NotAllowedNow

PASSWORD_MAX: Final = 256
"""Cognito's own."""
_SILENT: Final = frozenset({"UserNotFoundException", "InvalidParameterException", "NotAuthorizedException"})
_KINDS: Final = {"SOFTWARE_TOKEN_MFA": QuestionKind.CODE, "NEW_PASSWORD_REQUIRED": QuestionKind.NEW_PASSWORD}
_ANSWER_NAMES: Final = {
    QuestionKind.CODE: ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
    QuestionKind.NEW_PASSWORD: ("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD"),
}
_WRONG_ANSWER: Final = TOO_OLD_OR_WRONG | {"ResourceNotFoundException"}


@frozen
class CognitoKeeper:
    """See CredentialKeeper. People are known there by their address when they come, and by `sub` from then on."""

    is_elsewhere: ClassVar[bool] = True
    line: CognitoLine
    tokens: IdTokens

    async def mark(self, password: str) -> str:
        """See CredentialKeeper."""
        if len(normal_form(password)) > PASSWORD_MAX or password != password.strip():
            raise PasswordRefused(
                f"a password has at most {PASSWORD_MAX} characters, and none that is empty at its ends"
            )
        return KEPT_ELSEWHERE

    async def register(self, account: Account, password: str) -> str:
        """See CredentialKeeper."""
        said = [{"Name": "email", "Value": account.email}, {"Name": "name", "Value": account.name}]
        made = await self.line.of_client("sign_up", account.email, Password=normal_form(password), UserAttributes=said)
        return str(made["UserSub"])

    async def create(self, account: Account, password: str) -> str:
        """See CredentialKeeper."""
        said = {"email": account.email, "email_verified": "true", "name": account.name}
        attributes = [{"Name": name, "Value": value} for name, value in said.items()]
        made = await self.line.of_admin(
            "admin_create_user", account.email, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        await self.replace(account, password, temporary=False)
        person = person_of_user({"UserAttributes": made["User"]["Attributes"]}, frozenset())
        return person.login_id

    async def confirm(self, email: str, code: str) -> None:
        """See CredentialKeeper."""
        await self.line.of_client("confirm_sign_up", email, ConfirmationCode=code)

    async def send_code(self, account: Account) -> None:
        """See CredentialKeeper."""
        await self._silently("resend_confirmation_code", account.email)

    async def start_reset(self, account: Account) -> None:
        """See CredentialKeeper."""
        await self._silently("forgot_password", account.email)

    async def finish_reset(self, account: Account, code: str, password: str) -> None:
        """See CredentialKeeper."""
        await self.mark(password)
        await self.line.of_client(
            "confirm_forgot_password", account.email, ConfirmationCode=code, Password=normal_form(password)
        )

    async def check(self, email: str, account: Account | None, password: str) -> Check:  # noqa: ARG002 - Cognito says
        """See CredentialKeeper."""
        said = {"USERNAME": email.strip(), "PASSWORD": normal_form(password)} | self._proof(email.strip())
        try:
            answer = await self.line.ask(
                lambda aws: aws.admin_initiate_auth(
                    UserPoolId=self.line.pool_id,
                    ClientId=self.line.client_id,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters=said,
                )
            )
        except ClientError as error:
            check_may_try(error)
            if code_of(error) in WRONG | {"InvalidParameterException"}:
                return Check(fits=False)
            raise refusal(error) from None
        except BotoCoreError as error:
            raise refusal(error) from None
        return await self._read(answer, email.strip())

    async def answer(self, account: Account, question: Question, answer: str) -> Check:
        """See CredentialKeeper."""
        name, field = _ANSWER_NAMES[question.kind]
        given = normal_form(answer) if question.kind is QuestionKind.NEW_PASSWORD else answer
        said = {"USERNAME": account.login_id, field: given} | self._proof(account.login_id)
        try:
            answered = await self.line.ask(
                lambda aws: aws.admin_respond_to_auth_challenge(
                    UserPoolId=self.line.pool_id,
                    ClientId=self.line.client_id,
                    ChallengeName=name,
                    Session=question.token,
                    ChallengeResponses=said,
                )
            )
        except (ClientError, BotoCoreError) as error:
            if code_of(error) in _WRONG_ANSWER:
                return Check(fits=False)
            raise refusal(error) from None
        return await self._read(answered, account.login_id)

    async def replace(self, account: Account, password: str, *, temporary: bool) -> None:
        """See CredentialKeeper."""
        login = account.login_id or account.email
        said = {"Password": normal_form(password), "Permanent": not temporary}
        try:
            await self.line.ask(lambda aws: self.line.on_user(aws, "admin_set_user_password", login, **said))
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == NO_SUCH_USER:
                raise NotAllowedNow("the identity provider knows nobody of that address: they must sign up") from None
            raise refusal(error) from None

    async def follow(self, account: Account) -> None:
        """See CredentialKeeper. Each step is only taken where something differs, and does no harm twice."""
        user = await self.line.user(account.login_id) if account.login_id else None
        if user is None:
            return
        if account.status is AccountStatus.DELETED:
            await self.line.of_admin("admin_delete_user", account.login_id)
            return
        if user.get("Enabled", True) != is_on(account):
            switch = "admin_enable_user" if is_on(account) else "admin_disable_user"
            await self.line.of_admin(switch, account.login_id)
        there = await self.line.groups(account.login_id) & frozenset(GROUP_OF.values())
        wanted = groups_of(account)
        for group in sorted(there - wanted):
            await self.line.of_admin("admin_remove_user_from_group", account.login_id, GroupName=group)
        for group in sorted(wanted - there):
            await self.line.of_admin("admin_add_user_to_group", account.login_id, GroupName=group)
        await self.line.of_admin("admin_user_global_sign_out", account.login_id)

    def _proof(self, login: str) -> dict[str, str]:
        proof = self.line.proof(login)
        return {"SECRET_HASH": proof} if proof else {}

    async def _silently(self, name: str, email: str) -> None:
        """Nobody learns by asking for a mail whether an address is known."""
        proof = self.line.proof(email)
        said = {"SecretHash": proof} if proof else {}
        try:
            await self.line.ask(lambda aws: getattr(aws, name)(ClientId=self.line.client_id, Username=email, **said))
        except (ClientError, BotoCoreError) as error:
            if code_of(error) not in _SILENT:
                raise refusal(error) from None

    async def _read(self, answer: Mapping[str, Any], login: str) -> Check:
        asked = answer.get("ChallengeName")
        if asked in _KINDS:
            return Check(
                fits=False,
                person=await self._known(login),
                question=Question(_KINDS[asked], str(answer["Session"])),
            )
        if asked is not None or "AuthenticationResult" not in answer:
            raise IdentityUnavailable("the identity provider asks for something that cannot be answered here")
        try:
            claims = await self.tokens.read(answer["AuthenticationResult"]["IdToken"])
        except TokenRefused as error:
            raise IdentityUnavailable(f"the identity provider's answer is not to be trusted: {error}") from None
        return Check(fits=True, person=person_of_claims(claims))

    async def _known(self, login: str) -> Person:
        """Between password and answer there is no token yet to say who it is."""
        user = await self.line.user(login)
        if user is None:
            raise IdentityUnavailable("the identity provider forgot this person just now: try again")
        return person_of_user(user, await self.line.groups(login))
