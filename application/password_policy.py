"""Which passwords may be set: long ones that nobody guesses first, and nothing more (NIST SP 800-63B-4, 3.1.1.2)."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, Self

from attrs import frozen

from application.errors import PasswordRefused
from application.ports.blocklist import Blocklist
from domain.account import Account

PASSWORD_MIN: Final = 15
"""For a password that is the only factor."""
PASSWORD_MIN_OF_TWO: Final = 8
"""For one that opens nothing without a second factor."""
PASSWORD_BYTES_MAX: Final = 1_024
SITE_WORDS: Final = ("relexbooking", "relex", "booking", "bookings", "ticket", "tickets", "event", "events")

_WORD_MIN: Final = 4
"""Shorter parts of names stand in many words by chance."""
_PERIOD_MAX: Final = 8
_BREAKS_MAX: Final = 2
_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_NEIGHBOURS: Final = frozenset(
    pair for run in _RUNS for one, other in pairwise(run) for pair in (one + other, other + one)
)
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normal_form(password: str) -> str:
    """NFKC (NIST SP 800-63B names NFKC and NFKD), both when a password is set and when it is checked: the same keys
    pressed on two systems give the same password. Changing the form locks people out.
    """
    return unicodedata.normalize("NFKC", password)


def is_short(password: str) -> bool:
    """Whether it is good beside a second factor only."""
    return len(normal_form(password)) < PASSWORD_MIN


@frozen
class Chooser:
    """Who chooses a password, as far as that makes it easy to guess."""

    name: str = ""
    email: str = ""
    has_second_factor: bool = False

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(account.name, account.email, account.has_second_factor)

    @property
    def words(self) -> frozenset[str]:
        parts = re.split(r"[\W_]+", f"{self.name} {self.email}".casefold())
        return frozenset(part for part in parts if len(part) >= _WORD_MIN)


@frozen
class PasswordPolicy:
    """Refuses in words that say which rule it was. There is no rule about kinds of characters."""

    blocklist: Blocklist
    site_words: Iterable[str] = SITE_WORDS

    def check(self, password: str, chooser: Chooser) -> None:
        """PasswordRefused outside the policy."""
        # First of all, so that nothing huge is looked at.
        if len(password.encode(errors="surrogatepass")) > PASSWORD_BYTES_MAX:
            raise PasswordRefused(f"a password has at most {PASSWORD_BYTES_MAX} bytes")
        normal = normal_form(password)
        least = PASSWORD_MIN_OF_TWO if chooser.has_second_factor else PASSWORD_MIN
        if len(normal) < least:
            raise PasswordRefused(f"a password has at least {least} characters: four or five words will do")
        word = normal.casefold()
        if _repeats(word):
            raise PasswordRefused("that password repeats itself: take four or five words")
        if _is_run(word):
            raise PasswordRefused("that password is a row of neighbouring keys or letters: take four or five words")
        if self._is_common(word):
            raise PasswordRefused(
                "that password is one of the first that are guessed, or made of such: take four or five words"
            )
        if _is_little_more_than(word, chooser.words | frozenset(self.site_words)):
            raise PasswordRefused(
                "that password is little more than your name, your address or the name of this place: take other words"
            )

    def _is_common(self, word: str) -> bool:
        """A common password, or two in a row, with digits and signs around or without."""
        core = _AROUND.sub("", word)
        if word in self.blocklist or core in self.blocklist:
            return True
        return any(core[:cut] in self.blocklist and core[cut:] in self.blocklist for cut in range(1, len(core)))


def _repeats(word: str) -> bool:
    """One short part again and again, or hardly any different characters."""
    if len(set(word)) < len(word) // 3 and len(set(word)) <= _WORD_MIN:
        return True
    most = min(_PERIOD_MAX, len(word) // 2)
    return any((word[:period] * len(word))[: len(word)] == word for period in range(1, most + 1))


def _is_run(word: str) -> bool:
    steps = [word[place : place + 2] for place in range(len(word) - 1)]
    return sum(step[0] != step[1] and step not in _NEIGHBOURS for step in steps) <= _BREAKS_MAX


def _is_little_more_than(word: str, known: Iterable[str]) -> bool:
    """Whether hardly a letter or digit remains when the words that others know are taken out, the longest first."""
    left = word
    for each in sorted(known, key=len, reverse=True):
        left = left.replace(each, " ")
    return left != word and sum(letter.isalnum() for letter in left) < PASSWORD_MIN_OF_TWO
