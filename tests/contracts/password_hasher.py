"""What every password hasher promises."""

import asyncio
from typing import ClassVar

import pytest

from application.ports.identity import PasswordHasher

PASSWORD = "correct horse battery staple"

BROKEN_HASHES = (
    "x",
    "$",
    "$argon2id$",
    "$argon2id$v=19$m=65536,t=3,p=4$abc",
    "$argon2id$v=19$m=9999999999,t=3,p=4$abcdefghijkl$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$",
    "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
    "\0",
    "é",
    "x" * 100_000,
)


class PasswordHasherContract:
    """Fixtures of a subclass: `hasher`; and `weaker`, the same with lower costs."""

    adapter: ClassVar[str]

    async def test_a_password_fits_its_own_hash_and_no_other_does(self, hasher: PasswordHasher) -> None:
        stored = await hasher.hash(PASSWORD)

        assert await hasher.verify(stored, PASSWORD)
        assert not await hasher.verify(stored, PASSWORD + " ")
        assert not await hasher.verify(stored, PASSWORD.upper())
        assert not await hasher.verify(stored, "")

    async def test_the_hash_is_salted_and_does_not_hold_the_password(self, hasher: PasswordHasher) -> None:
        one, two = await asyncio.gather(hasher.hash(PASSWORD), hasher.hash(PASSWORD))

        assert one != two
        assert "horse" not in one

    async def test_an_empty_hash_fits_nothing(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify("", PASSWORD)
        assert not await hasher.verify("", "")

    @pytest.mark.parametrize("broken", BROKEN_HASHES, ids=range(len(BROKEN_HASHES)))
    async def test_a_broken_hash_fits_nothing(self, hasher: PasswordHasher, broken: str) -> None:
        assert not await hasher.verify(broken, PASSWORD)
        assert not await hasher.verify(broken, "")

    @pytest.mark.parametrize(
        ("composed", "decomposed"),
        [
            ("Zürich liegt am See", "Zu\u0308rich liegt am See"),
            ("\uff21\uff42\uff43 \uff12\uff11 \ufb01nal words", "Abc 21 final words"),
        ],
    )
    async def test_two_spellings_of_one_password_are_one(
        self, hasher: PasswordHasher, composed: str, decomposed: str
    ) -> None:
        assert composed != decomposed

        assert await hasher.verify(await hasher.hash(composed), decomposed)
        assert await hasher.verify(await hasher.hash(decomposed), composed)

    @pytest.mark.parametrize("odd", ["\ud800 half a pair of surrogates", "nul \0 inside", "🎟" * 64])
    async def test_odd_characters_are_characters(self, hasher: PasswordHasher, odd: str) -> None:
        stored = await hasher.hash(odd)

        assert await hasher.verify(stored, odd)
        assert not await hasher.verify(stored, odd[:-1])
        assert not await hasher.verify(stored, odd[:4])

    async def test_a_long_password_counts_to_its_last_letter(self, hasher: PasswordHasher) -> None:
        stored = await hasher.hash("a" * 1_023 + "b")

        assert await hasher.verify(stored, "a" * 1_023 + "b")
        assert not await hasher.verify(stored, "a" * 1_023 + "c")
        assert not await hasher.verify(stored, "a" * 1_000_000)

    async def test_only_a_hash_of_lower_cost_is_weak(self, hasher: PasswordHasher, weaker: PasswordHasher) -> None:
        ours, lower = await hasher.hash(PASSWORD), await weaker.hash(PASSWORD)

        assert not hasher.is_weak(ours)
        assert hasher.is_weak(lower)
        assert not weaker.is_weak(ours)
        assert hasher.is_weak("")

    async def test_a_weak_hash_still_fits(self, hasher: PasswordHasher, weaker: PasswordHasher) -> None:
        assert await hasher.verify(await weaker.hash(PASSWORD), PASSWORD)
