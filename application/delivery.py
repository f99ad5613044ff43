"""How a fact reaches those who react to it: at least once, in effect once, each on its own."""

from datetime import timedelta
from typing import ClassVar, Final, Protocol

from attrs import define, evolve

from application.records import OutboxEntry
from application.work import Work
from domain.facts import Fact

LEASE: Final = timedelta(minutes=5)
"""How long one relay has for the reactions to one fact: it is then cut off, and another may take the fact over."""
PAUSES: Final = tuple(timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 900, 3600))
"""How long to wait after each failed attempt; the last one repeats."""
ATTEMPTS_MAX: Final = 20
"""After so many attempts a fact is a dead letter, for a person to look at."""


@define(eq=False)
class Delivery:
    """One fact on its way to one reaction.

    A reaction that changes our own records settles the delivery in the same commit, and so takes effect once.
    """

    entry: OutboxEntry
    reaction: str
    _others_left: bool
    settled: bool = False

    def settle(self, work: Work) -> None:
        """Mark this reaction as done, in this unit of work; the last one removes the entry."""
        assert not self.settled, "a delivery is settled once"
        if self._others_left:
            work.outbox.save(evolve(self.entry, done=(*self.entry.done, self.reaction)))
        else:
            work.outbox.delete(self.entry)
        self.settled = True


class Reaction(Protocol):
    """What follows a fact."""

    name: ClassVar[str]
    """Stored with facts under way: it never changes."""
    reacts_to: ClassVar[type[Fact]]

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        """React, and settle in the same commit where our own records change. Any exception means: again later."""
