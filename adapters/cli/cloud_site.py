"""What commands are told of what an installation has at a cloud, and what they can have done there."""

from enum import StrEnum
from typing import Any, Protocol

from attrs import frozen

from adapters.cli.progress import Advance


class Standing(StrEnum):
    RIGHT = "as it should be"
    MISSING = "missing"
    DIFFERS = "differs"
    NOT_OURS = "not ours"
    """It has the name that ours should have, and not our tag."""


@frozen
class Difference:
    """One thing that is not as described."""

    name: str
    was: Any
    shall_be: Any


@frozen
class Look:
    """How one thing stands."""

    subject: str
    standing: Standing
    differences: tuple[Difference, ...] = ()
    left: str = ""
    """What remains for a person to do; empty where a command can do it, or did."""


@frozen
class Removal:
    """What became of one thing that was to be taken away."""

    subject: str
    left: str = ""
    """Why it is still there; empty: it is gone, or would be."""


class SiteRefused(Exception):
    """A rule of ours forbids it: nothing was changed."""


class CloudSite(Protocol):
    """One installation at a cloud. CloudUnavailable from any method if the cloud does not answer or let us."""

    def look(self, tell: Advance) -> list[Look]:
        """Each thing, compared with the description. Changes nothing."""

    def provision(self, tell: Advance, *, adopt: bool) -> list[Look]:
        """Make it as described, as far as it is not; how each thing stood before.

        SiteRefused, before anything is changed, if something has our name and not our tag, unless `adopt` marks it
        as ours. Asked again, also after it was killed, it goes on where it was.
        """

    def removable(self, tell: Advance) -> list[Removal]:
        """What `destroy` would take away, and what it would leave. SiteRefused where nothing may be destroyed."""

    def destroy(self, tell: Advance) -> list[Removal]:
        """Take away what is ours, with all that is in it. SiteRefused where nothing may be destroyed."""


def nobody(_done: int, _total: int) -> None:
    """For whom nobody looks at it."""
