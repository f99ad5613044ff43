"""What something costs, line by line, in the words of a page."""

from collections.abc import Sequence
from typing import Self

from attrs import frozen

from adapters.http.pages.words import money_words
from domain.money import Money
from domain.pricing import PriceLine, taxes_of


@frozen
class BillLine:
    name: str
    each: str
    quantity: int
    discount: str
    """Empty if nothing comes off."""
    total: str

    @classmethod
    def of(cls, line: PriceLine) -> Self:
        return cls(
            name=line.name,
            each=money_words(line.unit_price),
            quantity=line.quantity,
            discount=str(line.discount) if line.discount else "",
            total=money_words(line.total),
        )


@frozen
class Bill:
    """The lines, what comes off them, and the tax that is in them."""

    lines: Sequence[BillLine]
    discount: str
    total: str
    taxes: Sequence[tuple[str, str]]
    """Each rate with what it comes to."""

    @classmethod
    def of(cls, lines: Sequence[PriceLine], total: Money) -> Self:
        discount = Money.total((line.discount for line in lines), total.currency)
        return cls(
            lines=[BillLine.of(line) for line in lines],
            discount=str(discount) if discount else "",
            total=money_words(total),
            taxes=[(str(rate), str(amount)) for rate, amount in taxes_of(lines).items()],
        )
