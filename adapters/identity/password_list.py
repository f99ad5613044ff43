"""Lists of common passwords: ours, and one that an installation brings."""

from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

from attrs import define

_OURS: Final = "common_passwords.txt"
_COMMENT: Final = "# "


class PasswordListUnusable(Exception):
    """The file that the settings name cannot be read."""


@define(eq=False, slots=False)
class PasswordList:
    """A Blocklist out of files with a password on each line, read when the first password is checked."""

    more: Path | None = None
    """A larger list, beside ours."""

    def __contains__(self, word: str) -> bool:
        """See Blocklist."""
        return word in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        ours = files("adapters.identity").joinpath(_OURS).read_text("utf-8")
        more = self.more.read_text("utf-8", "replace") if self.more is not None else ""
        lines = (line.strip() for line in f"{ours}\n{more}".splitlines() if not line.startswith(_COMMENT))
        return frozenset(line.casefold() for line in lines if line)


def build(more: str) -> PasswordList:
    """PasswordListUnusable if the larger list is not there: that stops the start, and not the first who signs up."""
    path = Path(more) if more else None
    if path is not None and not path.is_file():
        raise PasswordListUnusable(f"RELEX_PASSWORD_BLOCKLIST={more!r} is not a file")
    return PasswordList(path)
