"""Where an installation keeps its own keys: a few small secrets, each under a name, wherever they lie."""

from collections.abc import Callable, Hashable
from typing import Protocol


class SecretsUnusable(Exception):
    """Secrets cannot be used as they lie there. The message says the mend, and never a secret."""


class SecretFolder(Protocol):
    """Secrets that belong together. Any number of processes use it, and a secret is either the old one or the new one.

    Every method raises SecretsUnusable if others may look into it, or if it cannot be used otherwise.
    """

    def where(self, name: str = "") -> str:
        """The place of a secret, or of them all, in words that an operator can act by."""

    def stamp(self, name: str) -> Hashable | None:
        """Tells one version of a secret from another; None if there is none. Cheap enough for every use of a key."""

    def read(self, name: str) -> tuple[Hashable, bytes]:
        """A secret with its version."""

    def change(self, name: str, changed: Callable[[bytes | None], bytes | None]) -> None:
        """Put in the place of a secret, None if there is none, what `changed` makes of it; None leaves it as it is.

        Nobody else's change is lost by it: where that cannot be kept off, `changed` is asked again.
        """

    def look_again(self) -> bool:
        """For who misses a key that another process may have made a moment ago: whether there was anything new."""


KeyFolders = Callable[[str], SecretFolder]
"""The folder of some of our keys, by its name in the data folder: `keys`, `notice-keys`, `keys/identity-hashes`."""
