"""Which passwords may be set, and what is said of those that may not."""

from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.identity.password_list import PasswordList, PasswordListUnusable, build
from application.errors import PasswordRefused
from application.password_policy import PASSWORD_MIN_OF_TWO, Chooser, PasswordPolicy
from tests import build as examples
from tests.support.world import PASSWORD

POLICY = PasswordPolicy(PasswordList())
ANYONE = Chooser("Asha Rao", "asha.iyer@concerts.example")
WITH_TWO = Chooser("Asha Rao", "asha.iyer@concerts.example", has_second_factor=True)


def refusal(password: str, chooser: Chooser = ANYONE, policy: PasswordPolicy = POLICY) -> str:
    """The words of the refusal; empty if it may be set."""
    try:
        policy.check(password, chooser)
    except PasswordRefused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "another horse, another staple",
        "fifteen letters",
        "पासवर्ड बहुत लंबा है यहाँ",
        "ein ticket, zwei hunde und ein schaf",
        "x7#kQ9!mZ2$vL5&",
        "all lower case words",
        "ALL UPPER CASE WORDS",
        "  spaces around are part of it  ",
        "é" * 3 + "abc déjà vu encore",
        "k" * 3 + "an honest passphrase" * 50,
    ],
)
def test_long_and_unlikely_is_all_that_is_asked(password: str) -> None:
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 15"),
        ("fourteen chars", "at least 15"),
        ("x" * 1_025, "at most 1024 bytes"),
        ("é" * 513, "at most 1024 bytes"),
        ("a" * 30, "repeats itself"),
        ("abababababababab", "repeats itself"),
        ("lamplamplamplamp", "repeats itself"),
        ("dragon7dragon7dragon7", "repeats itself"),
        ("abcdefghijklmnopq", "neighbouring keys"),
        ("qwertyuiopasdfghjkl", "neighbouring keys"),
        ("1234567890123456789", "neighbouring keys"),
        ("0987654321poiuytrewq", "neighbouring keys"),
        ("1qaz2wsx3edc4rfv", "neighbouring keys"),
        ("footballbaseball", "first that are guessed"),
        ("FOOTBALLbaseball1", "first that are guessed"),
        ("password!!!!!!!!1985", "first that are guessed"),
        ("2024princess!!2024", "first that are guessed"),
        (
            "\uff46\uff4f\uff4f\uff54\uff42\uff41\uff4c\uff4c\uff42\uff41\uff53\uff45\uff42\uff41\uff4c\uff4c",
            "first that are guessed",
        ),
        ("asha.iyer@concerts.example", "your name, your address"),
        ("Asha Iyer 2026 Rao!", "your name, your address"),
        ("relexbooking tickets", "name of this place"),
        ("RelexBooking 2026!", "name of this place"),
    ],
)
def test_the_rule_that_failed_is_named(password: str, why: str) -> None:
    assert why in refusal(password)


def test_with_a_second_factor_eight_characters_suffice() -> None:
    assert refusal("kJ8 pwzu", WITH_TWO) == ""
    assert "at least 8" in refusal("kJ8 pwz", WITH_TWO)
    assert "at least 15" in refusal("kJ8 pwzu")
    for common in ("password", "12345678", "iloveyou1", "Baseball", "sunshine"):
        assert refusal(common, WITH_TWO), common


def test_an_account_says_by_itself_who_chooses() -> None:
    account = examples.account(name="Asha Rao", email="asha@example.org")

    assert Chooser.of(account) == Chooser("Asha Rao", "asha@example.org", has_second_factor=False)


def ours() -> list[str]:
    lines = files("adapters.identity").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("# ")]


def test_the_list_has_the_three_thousand_most_common_that_are_long_enough() -> None:
    assert sum(len(word) >= PASSWORD_MIN_OF_TWO for word in ours()) >= 3_000
    assert PASSWORD not in PasswordList()


def test_every_word_of_a_list_is_found_and_nothing_else(tmp_path: Path) -> None:
    words, known = ours(), PasswordList()

    assert [word for word in words if word.casefold() not in known] == []
    # Words stand one behind the other: neither two at once, nor the end of one and the start of the next, are one.
    assert [pair for pair in map("".join, pairwise(words)) if pair in known and pair not in words] == []
    assert "" not in known
    assert "# " not in known
    assert "\ud800" not in known
    (tmp_path / "none.txt").touch()
    assert "dragon" in build(str(tmp_path / "none.txt"))


def test_an_installation_brings_a_larger_list(tmp_path: Path) -> None:
    path = tmp_path / "more.txt"
    path.write_bytes(b"# ours\nUnlikely Words Of Ours\r\n\xff\xfe broken\n\n")
    policy = PasswordPolicy(build(str(path)))

    assert "first that are guessed" in refusal("unlikely words of OURS", policy=policy)
    assert refusal("footballbaseball", policy=policy), "beside the one that we bring"
    assert refusal("unlikely words of OURS") == "", "without the file it may be set"


def test_a_larger_list_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PasswordListUnusable, match="RELEX_PASSWORD_BLOCKLIST"):
        build(str(tmp_path / "nowhere.txt"))


def test_without_the_list_common_words_in_a_row_pass() -> None:
    assert refusal("footballbaseball", policy=PasswordPolicy(frozenset())) == ""
