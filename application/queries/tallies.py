from collections.abc import Mapping
from typing import Generic, TypeVar

from attrs import define, evolve, field, frozen

from domain.money import Money

K = TypeVar("K")


@frozen
class Tally:
    """How many there are, and what they amount to in each currency."""

    count: int = 0
    sums: Mapping[str, Money] = field(factory=dict)

    def plus(self, amount: Money) -> "Tally":
        """One more of so much. Nothing of a currency is not told."""
        if not amount:
            return evolve(self, count=self.count + 1)
        so_far = self.sums.get(amount.currency, Money.zero(amount.currency))
        return Tally(self.count + 1, {**self.sums, amount.currency: so_far + amount})


@define
class Tallies(Generic[K]):
    """Tallies by what they are of."""

    by_key: dict[K, Tally] = field(factory=dict)

    def add(self, key: K, amount: Money) -> None:
        self.by_key[key] = self.by_key.get(key, Tally()).plus(amount)

    def of(self, key: K) -> Tally:
        return self.by_key.get(key, Tally())
