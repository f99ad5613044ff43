from typing import Protocol


class Blocklist(Protocol):
    """Passwords that many people have, which are therefore tried first."""

    def __contains__(self, word: str) -> bool:
        """Whether it is one of them; `word` is in small letters."""
