"""What an API key looks like: found by scanners, and refused without a look into the store if one letter is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.randomness import SystemRandomness
from application import key_format
from application.key_format import KEY_LENGTH, PATTERN, new_key, read_key
from application.secrets import secret_id
from domain.ids import ALPHABET, ID_BYTES, AccountId, ApiKeyId, make_id

ids = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)


def key_of(owner: bytes, key: bytes) -> tuple[AccountId, ApiKeyId, str]:
    account_id, key_id = AccountId(make_id("acc", owner)), ApiKeyId(make_id("key", key))
    return account_id, key_id, new_key(SystemRandomness(), account_id, key_id)


@given(ids, ids)
def test_a_key_tells_whose_and_which_it_is_and_fits_the_pattern_of_scanners(owner: bytes, key: bytes) -> None:
    account_id, key_id, text = key_of(owner, key)

    read = read_key(text)

    assert read is not None
    assert (read.account_id, read.key_id, read.secret_hash) == (account_id, key_id, secret_id(text))
    assert re.fullmatch(PATTERN, text)
    assert len(text) == KEY_LENGTH == 115


@given(ids, ids, st.integers(0, KEY_LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_letter_anywhere_is_seen(owner: bytes, key: bytes, place: int, letter: str) -> None:
    _, _, text = key_of(owner, key)
    mistyped = text[:place] + letter + text[place + 1 :]

    assert (read_key(mistyped) is None) == (mistyped != text)


@given(ids, ids, st.integers(4, KEY_LENGTH - 2))
def test_two_letters_that_changed_places_are_seen(owner: bytes, key: bytes, place: int) -> None:
    _, _, text = key_of(owner, key)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    assert (read_key(swapped) is None) == (swapped != text)


@given(st.text(max_size=KEY_LENGTH + 5))
@example("rlx_" + "ł" * (KEY_LENGTH - 4))
@example("rlx_" + "\ud800" * (KEY_LENGTH - 4))
@example("rlx_" + "0" * (KEY_LENGTH - 4))
def test_what_is_no_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_without_the_checksum_a_mistyped_key_would_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    _, _, text = key_of(bytes(16), bytes(16))
    monkeypatch.setattr(key_format, "checksum", lambda _: text[-7:])

    assert read_key(text[:60] + "0" + text[61:]) is not None or text[60] == "0"


def test_a_thousand_keys_are_a_thousand() -> None:
    assert len({key_of(bytes(16), bytes(16))[2] for _ in range(1_000)}) == 1_000


def test_the_documentation_gives_scanners_the_pattern() -> None:
    assert PATTERN in (Path(__file__).parents[3] / "docs" / "api-keys.md").read_text()
