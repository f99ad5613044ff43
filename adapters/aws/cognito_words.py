"""What Cognito's words mean here: its groups are our roles, and its complaints our refusals."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import evolve
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import FaultKind, fault_of
from application.errors import AlreadyExists, EmailNotConfirmed, PasswordRefused, TokenInvalid
from application.ports.credentials import IdentityUnavailable, Person
from domain.account import Account, AccountStatus, Role
from domain.errors import DomainError
from domain.guesses import PasswordClosed, SignInLocked

log = logging.getLogger(__name__)

GROUP_OF: Final[Mapping[Role, str]] = {
    Role.SUPERADMIN: "SuperAdmin",
    Role.ADMIN: "Admin",
    Role.ORGANIZER: "Organizer",
    Role.USER: "User",
}
"""By precedence, the first one first."""
_ROLE_OF: Final = {group: role for role, group in GROUP_OF.items()}
NO_SUCH_USER: Final = "UserNotFoundException"
WRONG: Final = frozenset({"NotAuthorizedException", NO_SUCH_USER})
"""It also says so of a disabled user, without looking at the password: then nobody learns that there is one."""
TOO_OLD_OR_WRONG: Final = frozenset({"CodeMismatchException", "ExpiredCodeException", *WRONG})
_ATTEMPTS_EXCEEDED: Final = "Password attempts exceeded"
_ATTEMPTS_WAIT: Final = timedelta(minutes=15)
"""The longest that Cognito says it makes people wait; it does not tell how long is left."""
_USED_OR_OVER: Final = "this code was used, has expired, or is not right: ask for a new one"
_TOO_MANY: Final = "the identity provider saw too many wrong passwords: try again later"
_LIMITS: Final = frozenset({"LimitExceededException", "TooManyRequestsException", "TooManyFailedAttemptsException"})


_REPLACE: Final = (PasswordRefused, "the identity provider does not take that password: choose another")
_REFUSALS: Final[Mapping[str, tuple[type[DomainError], str]]] = {
    **dict.fromkeys(TOO_OLD_OR_WRONG, (TokenInvalid, _USED_OR_OVER)),
    "UserNotConfirmedException": (
        EmailNotConfirmed,
        "confirm your address first: the code is in the mail that you were sent",
    ),
    "PasswordResetRequiredException": (
        PasswordClosed,
        "this password must be replaced: ask for a mail with which you set a new one",
    ),
    "UsernameExistsException": (AlreadyExists, "somebody has that address already"),
    "InvalidPasswordException": _REPLACE,
    "PasswordHistoryPolicyViolationException": _REPLACE,
}


def code_of(error: ClientError | BotoCoreError) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def refusal(error: ClientError | BotoCoreError) -> DomainError:
    """What to raise in its place. Its own words are not passed on: they can hold addresses."""
    code = code_of(error)
    if code in _LIMITS:
        return SignInLocked(_TOO_MANY, _ATTEMPTS_WAIT)
    make, words = _REFUSALS.get(code, (None, ""))
    return make(words) if make is not None else _unavailable(error)


def _unavailable(error: ClientError | BotoCoreError) -> DomainError:
    fault = fault_of(error)
    level = logging.WARNING if fault.kind is FaultKind.PASSING else logging.ERROR
    log.log(level, "the identity provider refuses us or does not answer", extra={"error": fault.code})
    return IdentityUnavailable("the identity provider does not answer: try again in a moment")


def check_may_try(error: ClientError) -> None:
    """SignInLocked if Cognito did not even look at the password."""
    if str(error.response.get("Error", {}).get("Message", "")).startswith(_ATTEMPTS_EXCEEDED):
        raise SignInLocked(_TOO_MANY, _ATTEMPTS_WAIT) from None


def groups_of(account: Account) -> frozenset[str]:
    return frozenset(GROUP_OF[role] for role in account.roles)


def is_on(account: Account) -> bool:
    return account.status is AccountStatus.ACTIVE


def person_of_claims(claims: Mapping[str, Any]) -> Person:
    """Of an ID token that was found genuine."""
    return _person(claims, claims.get("cognito:groups", ()))


def person_of_user(user: Mapping[str, Any], groups: frozenset[str]) -> Person:
    """Of what AdminGetUser answers."""
    said = {each["Name"]: each.get("Value", "") for each in user.get("UserAttributes", ())}
    return evolve(_person(said, groups), has_factor=bool(user.get("UserMFASettingList")))


def _person(said: Mapping[str, Any], groups: Any) -> Person:
    email = str(said.get("email", ""))
    return Person(
        login_id=str(said["sub"]),
        email=email,
        name=str(said.get("name", "")) or email.partition("@")[0],
        # A token says it as a boolean, and a user's attribute in letters.
        email_verified=said.get("email_verified") in {True, "true"},
        roles=frozenset({Role.USER, *(_ROLE_OF[group] for group in groups if group in _ROLE_OF)}),
    )
