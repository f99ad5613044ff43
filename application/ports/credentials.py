"""A port to whoever keeps people's passwords: this installation itself, or an identity provider."""

from enum import StrEnum
from typing import ClassVar, Final, Protocol

from attrs import field, frozen

from domain.account import Account, Role
from domain.errors import DomainError

KEPT_ELSEWHERE: Final = "kept elsewhere"
"""What an account stores in the place of a hash while somebody else keeps its password. It is no hash: it fits none."""


class IdentityUnavailable(DomainError):
    """The identity provider did not answer: nobody knows what became of it. Do it again."""

    code = "identity_unavailable"


class QuestionKind(StrEnum):
    CODE = "code"
    """Of an authenticator app that the keeper knows."""
    NEW_PASSWORD = "new_password"  # noqa: S105 - a word, and no password
    """The one that was given is only good for choosing another."""


@frozen
class Question:
    """What the keeper asks before it says that somebody is who they say."""

    kind: QuestionKind
    token: str = field(repr=False)
    """By which the keeper knows the question again. It opens nothing without the answer."""


@frozen
class Person:
    """Whom the keeper knows, by its own word."""

    login_id: str
    email: str
    name: str
    email_verified: bool
    roles: frozenset[Role]
    """Never above those that the keeper has them in."""
    has_factor: bool = False
    """Whether the keeper is known to ask for a second factor, though it may not have done so yet."""


@frozen
class Check:
    """What became of a password or an answer. It fits, it does not, or the keeper has a question first."""

    fits: bool
    stronger: str = field(default="", repr=False)
    """What the account stores from now on; empty for what it has."""
    person: Person | None = None
    """Where somebody else keeps the password: who it is."""
    question: Question | None = None
    """The password was right, but that is not enough."""


class CredentialKeeper(Protocol):
    """Keeps passwords and looks at them. It is called outside of every unit of work.

    IdentityUnavailable: nobody knows whether it was done. Whatever is asked for again comes to the same. A password, a
    code and a token never stand in an error's words.
    """

    is_elsewhere: ClassVar[bool]
    """Whether somebody else keeps them, who also writes to people, with codes in the place of our links."""

    async def mark(self, password: str) -> str:
        """What the account stores for a new password. PasswordRefused if it cannot be kept."""

    async def register(self, account: Account, password: str) -> str:
        """Keep the first password of a stored account, whose address is yet to be confirmed; what it is known by there.

        AlreadyExists if somebody there has that address. Empty where nobody else has to know.
        """

    async def create(self, account: Account, password: str) -> str:
        """The same for an account whose address counts as confirmed."""

    async def confirm(self, email: str, code: str) -> None:
        """Take the code that proves an address; TokenInvalid if it does not."""

    async def send_code(self, account: Account) -> None:
        """Mail another code to confirm an address. Silence if there is nothing to confirm."""

    async def check(self, email: str, account: Account | None, password: str) -> Check:
        """Whether a password fits. It takes as long where there is no account.

        EmailNotConfirmed, PasswordClosed or SignInLocked where the keeper lets nobody try.
        """

    async def answer(self, account: Account, question: Question, answer: str) -> Check:
        """Answer a question of `check`. It does not fit if the answer is wrong, or the question too old."""

    async def start_reset(self, account: Account) -> None:
        """Mail a code for a new password. Silence if nobody there has that address."""

    async def finish_reset(self, account: Account, code: str, password: str) -> None:
        """Take the code and set the password; TokenInvalid if it is not the right one, PasswordRefused."""

    async def replace(self, account: Account, password: str, *, temporary: bool) -> None:
        """Hand over the new password of an account that has stored its mark. A temporary one only opens the choice
        of another.
        """

    async def follow(self, account: Account) -> None:
        """Make the keeper agree with the account as it is: on or off, roles, forgotten; and end its sessions there."""
