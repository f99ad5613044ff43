"""The records around second factors, changed inside a unit of work of somebody else's."""

from hashlib import sha256

from application.work import Work
from domain.account import Account
from domain.second_factors import SecondFactors


def passkey_claim_id(credential_id: str) -> str:
    """The name under which the owner of a passkey is found. Only one account may have it."""
    return f"passkey/{sha256(credential_id.encode()).hexdigest()}"


def store_factors(work: Work, factors: SecondFactors) -> None:
    """A first time or once more."""
    (work.second_factors.save if factors.version else work.second_factors.add)(factors)


async def release_passkeys(work: Work, before: SecondFactors, after: SecondFactors | None) -> None:
    """Let the passkeys that are no longer there be nobody's."""
    left = {passkey.id for passkey in after.passkeys} if after else set[str]()
    gone = [passkey.credential_id for passkey in before.passkeys if passkey.id not in left]
    for claim in await work.claims.get_all(map(passkey_claim_id, gone)):
        work.claims.delete(claim)


async def forget_factors(work: Work, account: Account) -> bool:
    """Delete what there is; whether there was anything to sign in with."""
    factors = await work.second_factors.find(account.id)
    if factors is None:
        return False
    await release_passkeys(work, factors, None)
    work.second_factors.delete(factors)
    return factors.exist
