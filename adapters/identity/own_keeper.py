"""Passwords that we keep ourselves: a hash of each in its account."""

from typing import ClassVar

from attrs import frozen

from application.errors import TokenInvalid
from application.ports.credentials import Check, Question
from application.ports.identity import PasswordHasher
from domain.account import Account


@frozen
class OwnKeeper:
    """All that it knows is in the account, stored with it in one commit: there is nobody else to tell anything."""

    is_elsewhere: ClassVar[bool] = False
    hasher: PasswordHasher

    async def mark(self, password: str) -> str:
        """See CredentialKeeper."""
        return await self.hasher.hash(password)

    async def register(self, account: Account, password: str) -> str:  # noqa: ARG002 - the mark is all there is
        """See CredentialKeeper."""
        return ""

    async def create(self, account: Account, password: str) -> str:  # noqa: ARG002 - the mark is all there is
        """See CredentialKeeper."""
        return ""

    async def confirm(self, email: str, code: str) -> None:  # noqa: ARG002 - nobody has a code of ours
        """See CredentialKeeper."""
        raise TokenInvalid("use the link in the mail: there are no codes here")

    async def send_code(self, account: Account) -> None:
        """See CredentialKeeper. Our own mail goes out by itself."""

    async def check(self, email: str, account: Account | None, password: str) -> Check:  # noqa: ARG002 - the account says
        """See CredentialKeeper."""
        stored = account.password_hash if account else ""
        if not await self.hasher.verify(stored, password):
            return Check(fits=False)
        return Check(fits=True, stronger=await self.hasher.hash(password) if self.hasher.is_weak(stored) else "")

    async def answer(self, account: Account, question: Question, answer: str) -> Check:  # noqa: ARG002 - none was asked
        """See CredentialKeeper."""
        return Check(fits=False)

    async def start_reset(self, account: Account) -> None:
        """See CredentialKeeper. Our own mail goes out by itself."""

    async def finish_reset(self, account: Account, code: str, password: str) -> None:  # noqa: ARG002 - nobody has a code
        """See CredentialKeeper."""
        raise TokenInvalid("use the link in the mail: there are no codes here")

    async def replace(self, account: Account, password: str, *, temporary: bool) -> None:
        """See CredentialKeeper. The mark is stored already."""

    async def follow(self, account: Account) -> None:
        """See CredentialKeeper. The account is all there is."""
