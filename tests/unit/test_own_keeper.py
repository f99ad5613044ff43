import pytest

from adapters.identity.argon2_hasher import Argon2Hasher
from adapters.identity.own_keeper import OwnKeeper
from application.ports.credentials import KEPT_ELSEWHERE, CredentialKeeper
from tests import build
from tests.contracts.credential_keeper import PASSWORD, CredentialKeeperContract, somebody


def weakest() -> OwnKeeper:
    return OwnKeeper(Argon2Hasher(memory_kib=8, threads_max=2))


class TestOwnKeeper(CredentialKeeperContract):
    adapter = "builtin"

    @pytest.fixture
    def keeper(self) -> CredentialKeeper:
        return weakest()


async def test_a_weak_hash_comes_back_stronger_and_a_strong_one_stays() -> None:
    strong = OwnKeeper(Argon2Hasher(memory_kib=16, threads_max=2))
    account = await somebody(weakest())

    check = await strong.check(account.email, account, PASSWORD)

    assert check.fits
    renewed = account.rehash(check.stronger)
    assert (await strong.check(account.email, renewed, PASSWORD)).stronger == ""


async def test_a_mark_of_somebody_else_fits_nothing() -> None:
    account = build.account(password_hash=KEPT_ELSEWHERE)

    for password in (PASSWORD, KEPT_ELSEWHERE, ""):
        assert not (await weakest().check(account.email, account, password)).fits
