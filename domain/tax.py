"""Taxes, which our prices always include: what a buyer sees is what a buyer pays."""

from typing import Final

from attrs import field, frozen

from domain.checks import text, whole
from domain.money import Money

TAX_NAME_MAX: Final = 40
_WHOLE: Final = 10_000
"""A hundred per cent, in basis points."""


@frozen
class TaxRate:
    """A rate as its country calls it, such as GST of 1800 basis points. A rate of 0 says that nothing is due."""

    name: str = field(validator=text(TAX_NAME_MAX, least=1))
    basis_points: int = field(validator=whole(0, _WHOLE))

    def included_in(self, paid: Money) -> Money:
        """The part of an amount that is tax: amount x rate / (1 + rate), rounded half up to the smallest unit.

        The amount is never negative, and neither is the part, which is never more than half of it.
        """
        parts = _WHOLE + self.basis_points
        return Money((2 * paid.amount_minor * self.basis_points + parts) // (2 * parts), paid.currency)

    @property
    def percent(self) -> str:
        """As people write it: "18", "5.5", "0.25"."""
        units, rest = divmod(self.basis_points, 100)
        return f"{units}.{rest:02d}".rstrip("0") if rest else str(units)

    def __str__(self) -> str:
        return f"{self.name} {self.percent} %"
