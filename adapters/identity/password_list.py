"""Lists of common passwords: ours, and one that an installation brings."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Final, Self

from attrs import define, frozen

_OURS: Final = "common_passwords.txt"
_COMMENT: Final = "# "


class PasswordListUnusable(Exception):
    """The file that the settings name cannot be read."""


@frozen
class _Sorted:
    """Words one behind the other, and where each begins: a tenth of the memory that a set of them takes."""

    _text: bytes
    _starts: "array[int]"

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        ordered = sorted({word.encode() for word in words})
        return cls(b"".join(ordered), array("Q", accumulate(map(len, ordered), initial=0)))

    def __contains__(self, word: str) -> bool:
        sought = word.encode(errors="surrogatepass")
        at = bisect_left(range(len(self._starts) - 1), sought, key=self._at)
        return at < len(self._starts) - 1 and self._at(at) == sought

    def _at(self, number: int) -> bytes:
        return self._text[self._starts[number] : self._starts[number + 1]]


@define(eq=False, slots=False)
class PasswordList:
    """A Blocklist out of files with a password on each line, read when the first password is checked."""

    more: Path | None = None
    """A larger list, beside ours."""

    def __contains__(self, word: str) -> bool:
        """See Blocklist."""
        return word in self._words

    @cached_property
    def _words(self) -> _Sorted:
        ours = files("adapters.identity").joinpath(_OURS).read_text("utf-8")
        more = self.more.read_text("utf-8", "replace") if self.more is not None else ""
        lines = (line.strip() for line in f"{ours}\n{more}".splitlines() if not line.startswith(_COMMENT))
        return _Sorted.of(line.casefold() for line in lines if line)


def build(more: str) -> PasswordList:
    """PasswordListUnusable if the larger list is not there: that stops the start, and not the first who signs up."""
    path = Path(more) if more else None
    if path is not None and not path.is_file():
        raise PasswordListUnusable(f"RELEX_PASSWORD_BLOCKLIST={more!r} is not a file")
    return PasswordList(path)
