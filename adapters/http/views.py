"""What our things look like from outside. A domain object is never serialised directly."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

import msgspec

from application.paging import Page
from domain.money import Money
from domain.tax import TaxRate

T = TypeVar("T")
V = TypeVar("V")


class View(msgspec.Struct, frozen=True):
    """Something that goes out. `EXAMPLE` is shown in the OpenAPI description."""

    EXAMPLE: ClassVar[dict[str, Any]]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that comes in. A field that we do not know is refused, not ignored."""

    EXAMPLE: ClassVar[dict[str, Any]]


class MoneyView(View, frozen=True):
    """`amount` is for people; `amount_minor` counts the currency's smallest unit."""

    EXAMPLE: ClassVar = {"amount": "25.00", "amount_minor": 2500, "currency": "EUR"}

    amount: str
    amount_minor: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(money.decimal(), money.amount_minor, money.currency)


class TaxView(View, frozen=True):
    """Included in the price. `basis_points` are hundredths of a per cent."""

    EXAMPLE: ClassVar = {"name": "GST", "basis_points": 1800}

    name: str
    basis_points: int

    @classmethod
    def of(cls, tax: TaxRate | None) -> "TaxView | None":
        return None if tax is None else cls(tax.name, tax.basis_points)


class PageView(View, Generic[V], frozen=True):
    """One page of a list. `next_cursor` is null on the last one; pass it as `cursor` for the next."""

    items: list[V]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[T], view: Callable[[T], V]) -> "PageView[V]":
        return PageView([view(item) for item in page.items], page.next_cursor)


class DoneView(View, frozen=True):
    """What happens next, in words."""

    EXAMPLE: ClassVar = {"detail": "if the address can be written to, a mail is on its way"}

    detail: str


def moment(at: datetime | None) -> datetime | None:
    """An instant without the microseconds that nobody asked for."""
    return None if at is None else at.replace(microsecond=0)
