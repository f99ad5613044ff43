"""Questions of an identity provider, kept with a session until they are answered."""

from attrs import frozen

from application.errors import SignInRequired
from application.ports.credentials import Question
from application.ports.vault import SealBroken, Vault
from application.records import Asked
from domain.ids import AccountId


@frozen
class Questions:
    """Sealed, so that a copy of the store is no list of half-open doors."""

    vault: Vault

    def keep(self, account_id: AccountId, question: Question | None) -> Asked | None:
        if question is None:
            return None
        return Asked(question.kind, self.vault.seal(_name(account_id), question.token.encode()))

    def recall(self, account_id: AccountId, asked: Asked) -> Question:
        """SignInRequired if nobody can open it any more."""
        try:
            return Question(asked.kind, self.vault.open(_name(account_id), asked.token).decode())
        except SealBroken:
            raise SignInRequired("this sign-in cannot go on: begin again") from None


def _name(account_id: AccountId) -> str:
    """What a sealed question is bound to: it opens for nobody else."""
    return f"question/{account_id}"
