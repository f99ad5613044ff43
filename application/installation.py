"""What holds for everybody here at once."""

from typing import Final, Self

from attrs import evolve, frozen

from application.records import Stored

INSTALLATION: Final = "installation"
"""The id of the only one."""


@frozen
class Installation(Stored):
    """One record, which is there once everybody was signed out for the first time."""

    id: str = INSTALLATION
    era: int = 0
    """Sessions and keys carry that in which they were made: the next one ends them all with a single write."""

    def sign_everybody_out(self) -> Self:
        return evolve(self, era=self.era + 1)


def era_of(installation: Installation | None) -> int:
    return 0 if installation is None else installation.era
