"""Tokens as a forger without keys would make them: out of true ones, by every cheap change."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from base45 import b45decode, b45encode

from domain.ticket_code import CodeRefused

Open = Callable[[str], object]
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BORDERS: Final = (2, 4, 12, 28, 30, 38, 50, 82, 98, 130)


def single_bit_flips(token: str) -> Iterator[tuple[int, str]]:
    """Every bit of the token in turn, with the token that has it flipped."""
    raw = b45decode(token)
    for bit in range(8 * len(raw)):
        yield bit, _spell(_flip(raw, bit))


def mutants(tokens: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """That many texts, none of which is one of the tokens."""
    chance = random.Random(seed)  # noqa: S311 - a failure must be repeatable
    originals = set(tokens)
    raws = [b45decode(token) for token in tokens]
    kinds = (_flip_bits, _splice, _splice_at_border, _random_bytes, _swap_key_ids, _swap_bytes)
    made = 0
    while made < count:
        dice = chance.random()
        if dice < 0.1:
            mutant = _change_text(chance, chance.choice(tokens))
        elif dice < 0.15:
            mutant = _other_length(chance, chance.choice(raws))
        else:
            mutant = _spell(chance.choice(kinds)(chance, chance.choice(raws), chance.choice(raws)))
        if mutant not in originals:
            made += 1
            yield mutant


def refusals(open_token: Open, texts: Iterator[str]) -> Counter[str]:
    """How often each refusal was given; `accepted` counts the failures. Any other error is raised."""
    seen: Counter[str] = Counter()
    for text in texts:
        try:
            open_token(text)
        except CodeRefused as refused:
            seen[refused.code] += 1
        else:
            seen["accepted"] += 1
    return seen


def _spell(raw: bytes) -> str:
    text: str = b45encode(raw).decode()
    return text


def _flip(raw: bytes, bit: int) -> bytes:
    return raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]


def _flip_bits(chance: random.Random, raw: bytes, _other: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        raw = _flip(raw, chance.randrange(8 * len(raw)))
    return raw


def _splice(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    at = chance.randrange(1, len(raw))
    return raw[:at] + other[at:]


def _splice_at_border(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    start, end = sorted(chance.sample((0, *_BORDERS, len(raw)), 2))
    return raw[:start] + other[start:end] + raw[end:]


def _random_bytes(chance: random.Random, raw: bytes, _other: bytes) -> bytes:
    kept = chance.choice((0, *_BORDERS))
    return raw[:kept] + chance.randbytes(len(raw) - kept)


def _swap_key_ids(chance: random.Random, raw: bytes, _other: bytes) -> bytes:
    return raw[:2] + bytes([chance.randint(0, 4), chance.randint(0, 4)]) + raw[4:]


def _swap_bytes(chance: random.Random, raw: bytes, _other: bytes) -> bytes:
    one, two = sorted(chance.sample(range(len(raw)), 2))
    return raw[:one] + raw[two : two + 1] + raw[one + 1 : two] + raw[one : one + 1] + raw[two + 1 :]


def _other_length(chance: random.Random, raw: bytes) -> str:
    longer = raw + chance.randbytes(chance.randint(1, 8))
    return _spell(chance.choice((raw[: chance.randrange(len(raw))], longer)))


def _change_text(chance: random.Random, token: str) -> str:
    one, two = sorted(chance.sample(range(len(token)), 2))
    return chance.choice(
        (
            token[:one] + chance.choice(_ALPHABET) + token[one + 1 :],
            token[:one] + token[two] + token[one + 1 : two] + token[one] + token[two + 1 :],
            token[:one] + token[one + 1 :],
            token[:one] + token[one:].lower(),
        )
    )
