import asyncio
import threading
import unicodedata

import pytest
from argon2 import extract_parameters

from adapters.identity import argon2_hasher
from adapters.identity.argon2_hasher import PASSWORD_CHARS_MAX, Argon2Hasher
from application.ports.identity import PasswordHasher
from tests.contracts.password_hasher import BROKEN_HASHES, PASSWORD, PasswordHasherContract


def cheapest() -> Argon2Hasher:
    return Argon2Hasher(memory_kib=8, threads_max=2)


class TestArgon2Hasher(PasswordHasherContract):
    adapter = "argon2"

    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher(memory_kib=16, passes=2, threads_max=2)

    @pytest.fixture(params=[(8, 2), (16, 1)], ids=["less memory", "fewer passes"])
    def weaker(self, request: pytest.FixtureRequest) -> PasswordHasher:
        memory_kib, passes = request.param
        return Argon2Hasher(memory_kib=memory_kib, passes=passes, threads_max=1)


async def test_the_default_costs_are_those_recommended() -> None:
    parameters = extract_parameters(await Argon2Hasher(threads_max=1).hash(PASSWORD))

    assert (parameters.type.name, parameters.version) == ("ID", 19)
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (46 * 1024, 1, 1)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


@pytest.mark.parametrize("useless", ["", *BROKEN_HASHES], ids=range(len(BROKEN_HASHES) + 1))
async def test_a_check_against_nothing_costs_one_hash(useless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = cheapest()
    hashed: list[str] = []
    monkeypatch.setattr(Argon2Hasher, "_hash", lambda _self, password: hashed.append(password))

    assert not await hasher.verify(useless, PASSWORD)

    assert hashed == [PASSWORD]


async def test_a_wrong_password_costs_no_second_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = cheapest()
    stored = await hasher.hash(PASSWORD)
    monkeypatch.setattr(Argon2Hasher, "_hash", lambda *_: pytest.fail("hashed once more"))

    assert not await hasher.verify(stored, "wrong")


async def test_what_the_policy_should_have_refused_is_not_hashed() -> None:
    with pytest.raises(ValueError, match="4096"):
        await cheapest().hash("a" * (PASSWORD_CHARS_MAX + 1))


async def test_no_more_hashes_run_at_a_time_than_allowed_and_none_on_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hasher = cheapest()
    both = threading.Barrier(2, timeout=20)
    running, most, threads = [0], [0], set()
    lock = threading.Lock()

    def slow(_self: Argon2Hasher, _password: str) -> str:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threads.add(threading.get_ident())
        both.wait()  # Passes only if two run at a time.
        with lock:
            running[0] -= 1
        return "hash"

    monkeypatch.setattr(Argon2Hasher, "_hash", slow)
    await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(6)))

    assert most == [2]
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_without_one_unicode_form_two_spellings_would_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the contract's test of spellings."""
    composed = "Zürich liegt am See"
    monkeypatch.setattr(argon2_hasher, "_normal", lambda password: password.encode())
    hasher = cheapest()

    assert not await hasher.verify(await hasher.hash(composed), unicodedata.normalize("NFD", composed))
