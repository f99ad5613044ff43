"""What a booking costs: computed here from the stored ticket types, and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from domain.allotment import Take, buyer_limit_id
from domain.checks import whole
from domain.errors import InvalidValue
from domain.event import TICKETS_PER_BOOKING_MAX, Event, TicketType
from domain.ids import AccountId, AllotmentId, TicketTypeId
from domain.money import Money
from domain.promo_code import PromoCode
from domain.tax import TaxRate


class OrderLimitReached(InvalidValue):
    """More tickets than one order may have."""

    code = "order_limit_reached"


@frozen
class Wanted:
    """What a buyer asks for: never a price."""

    ticket_type_id: TicketTypeId
    quantity: int = field(validator=whole(1, TICKETS_PER_BOOKING_MAX))


@frozen
class PriceLine:
    """One ticket type's part of a booking, at the price of the moment. `total` is what the buyer pays for it."""

    ticket_type_id: TicketTypeId
    name: str
    unit_price: Money
    quantity: int = field(validator=whole(1, TICKETS_PER_BOOKING_MAX))
    discount: Money
    tax_included: Money
    """The part of `total` that is tax; it is never added on top."""
    total: Money
    tax: TaxRate | None = None
    """The rate when it was sold: a later one changes nothing here."""

    def __attrs_post_init__(self) -> None:
        if self.total != self.unit_price * self.quantity - self.discount or self.total.amount_minor < 0:
            raise InvalidValue("a price line's total is unit price times quantity less discount, and not negative")
        if self.discount.amount_minor < 0 or not 0 <= self.tax_included.amount_minor <= self.total.amount_minor:
            raise InvalidValue("a discount is not negative, and the tax included is a part of the total")


def taxes_of(lines: Iterable[PriceLine]) -> Mapping[TaxRate, Money]:
    """What each rate comes to, in the order of the lines; a rate of 0 is left out."""
    taxes: dict[TaxRate, Money] = {}
    for line in lines:
        if line.tax is not None and line.tax.basis_points:
            taxes[line.tax] = taxes.get(line.tax, Money.zero(line.total.currency)) + line.tax_included
    return taxes


@frozen
class Quote:
    """What a wish costs and which places it takes."""

    lines: tuple[PriceLine, ...]
    takes: tuple[Take, ...]
    total: Money
    promo_code: str = ""
    """The code that made it cheaper, in its canonical form."""

    @property
    def discount(self) -> Money:
        return Money(sum([line.discount.amount_minor for line in self.lines]), self.total.currency)

    @property
    def tax_included(self) -> Money:
        return Money(sum([line.tax_included.amount_minor for line in self.lines]), self.total.currency)


def quote(
    event: Event, wanted: Sequence[Wanted], buyer_id: AccountId, at: datetime, promo: PromoCode | None = None
) -> Quote:
    """Price a wish at an instant, within every limit of the order; repeated lines count together."""
    counts: dict[TicketTypeId, int] = {}
    for wish in wanted:
        counts[wish.ticket_type_id] = counts.get(wish.ticket_type_id, 0) + wish.quantity
    if not counts:
        raise InvalidValue("a booking needs at least one ticket")
    if sum(counts.values()) > TICKETS_PER_BOOKING_MAX:
        raise OrderLimitReached(f"one booking has at most {TICKETS_PER_BOOKING_MAX} tickets")
    event.check_on_sale(at)
    kinds: list[tuple[TicketType, int]] = []
    places: dict[AllotmentId, int] = {}
    limits: list[Take] = []
    for ticket_type_id, quantity in counts.items():
        kind = event.ticket_type(ticket_type_id)
        kind.check_on_sale(at)
        if quantity > kind.per_order_max:
            raise OrderLimitReached(f"{kind.name}: at most {kind.per_order_max} in one order")
        kinds.append((kind, quantity))
        places[kind.allotment_id] = places.get(kind.allotment_id, 0) + quantity
        if kind.per_buyer_max is not None:
            limits.append(Take(buyer_limit_id(kind.id, buyer_id), quantity, kind.per_buyer_max))
    if promo is not None:
        promo.check_valid(at)
        limits.extend(promo.takes(buyer_id))
    lines = _lines(event, kinds, promo)
    takes = (*(Take(allotment_id, units) for allotment_id, units in places.items()), *limits)
    total = Money.total((line.total for line in lines), event.currency)
    return Quote(lines, takes, total, "" if promo is None else promo.code)


def _lines(event: Event, kinds: Sequence[tuple[TicketType, int]], promo: PromoCode | None) -> tuple[PriceLine, ...]:
    """First the price, then what comes off it, then the tax in what is left."""
    zero = Money.zero(event.currency)
    discounts: Sequence[Money] = (
        promo.discounts([(kind.id, kind.price * quantity) for kind, quantity in kinds])
        if promo is not None
        else [zero] * len(kinds)
    )
    lines = []
    for (kind, quantity), discount in zip(kinds, discounts, strict=True):
        cost = kind.price * quantity
        total = cost - discount if promo is not None else cost
        tax = kind.tax or event.tax
        included = zero if tax is None else tax.included_in(total)
        lines.append(PriceLine(kind.id, kind.name, kind.price, quantity, discount, included, total, tax))
    return tuple(lines)
