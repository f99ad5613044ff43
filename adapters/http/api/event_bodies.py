"""What organizers write about an event."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from adapters.http.fields import (
    BasisPoints,
    Capacity,
    Currency,
    Identifier,
    Instant,
    LongText,
    OptionalText,
    Price,
    Quantity,
    ShortText,
    TaxName,
)
from adapters.http.views import Body
from application.use_cases.create_event import EventPlan, RefundTerms, TicketTypePlan
from application.use_cases.edit_event import EventEdit, TicketTypeEdit
from domain.dispute import DisputePolicy
from domain.errors import InvalidValue
from domain.event import Venue
from domain.event_cancellation import REASON_CHARS_MAX
from domain.tax import TaxRate
from domain.time import to_utc

PerBuyer = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
HoldMinutes = Annotated[int, msgspec.Meta(ge=5, le=60)]
Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_+/-]*$")]


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else to_utc(at)


class VenueBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"name": "Shanmukhananda Hall", "address": "Comrade Harbanslal Marg", "city": "Mumbai"}

    name: ShortText
    address: OptionalText = ""
    city: OptionalText = ""

    def venue(self) -> Venue:
        return Venue(self.name, self.address, self.city)


class TaxBody(Body, frozen=True):
    """Included in prices. `basis_points` are hundredths of a per cent; 0 says that none is due."""

    EXAMPLE: ClassVar = {"name": "GST", "basis_points": 1800}

    name: TaxName
    basis_points: BasisPoints

    def rate(self) -> TaxRate:
        return TaxRate(self.name, self.basis_points)


def _rate(tax: TaxBody | None) -> TaxRate | None:
    return None if tax is None else tax.rate()


class TicketTypeBody(Body, frozen=True):
    """Draws on an allotment of its own with `capacity` places, or on the shared one named by `allotment`."""

    EXAMPLE: ClassVar = {"name": "Balcony", "price": "299.00", "allotment": "Hall", "per_order_max": 6}

    name: ShortText
    price: Price
    capacity: Capacity | None = None
    allotment: ShortText | None = None
    sales_start_at: Instant | None = None
    sales_end_at: Instant | None = None
    per_order_max: Quantity = 10
    per_buyer_max: PerBuyer | None = None
    tax: TaxBody | None = None

    def plan(self) -> TicketTypePlan:
        return TicketTypePlan(
            name=self.name,
            price=self.price,
            capacity=self.capacity,
            allotment=self.allotment,
            sales_start_at=_utc(self.sales_start_at),
            sales_end_at=_utc(self.sales_end_at),
            per_order_max=self.per_order_max,
            per_buyer_max=self.per_buyer_max,
            tax=_rate(self.tax),
        )


class RefundPolicyBody(Body, frozen=True):
    """What buyers get back for giving up places until some hours before the start."""

    EXAMPLE: ClassVar = {"until_hours": 24, "percent": 90, "fee": "10.00"}

    until_hours: Annotated[int, msgspec.Meta(ge=0, le=8_784)]
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 100
    fee: Price = "0"
    by_buyer: bool = True
    """Whether buyers may do it by themselves."""

    def terms(self) -> RefundTerms:
        return RefundTerms(self.until_hours, self.percent, self.fee, self.by_buyer)


class EventBody(Body, frozen=True):
    """Either `price` and `capacity`, for one ticket type called Standard, or `ticket_types`."""

    EXAMPLE: ClassVar = {
        "title": "An evening of ragas",
        "description": "Three hours, with an interval.",
        "category": "Music",
        "venue": VenueBody.EXAMPLE,
        "starts_at": "2026-12-04T19:00:00+05:30",
        "ends_at": "2026-12-04T22:00:00+05:30",
        "zone": "Asia/Kolkata",
        "currency": "INR",
        "ticket_types": [
            {"name": "Stalls", "price": "499.00", "allotment": "Hall"},
            {"name": "Student", "price": "199.00", "allotment": "Hall", "per_buyer_max": 1},
        ],
        "allotments": {"Hall": 500},
        "tax": TaxBody.EXAMPLE,
    }

    title: ShortText
    venue: VenueBody
    starts_at: Instant
    ends_at: Instant
    zone: Zone
    currency: Currency
    price: Price | None = None
    capacity: Capacity | None = None
    ticket_types: Annotated[list[TicketTypeBody], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)
    allotments: Annotated[dict[ShortText, Capacity], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=dict)
    description: LongText = ""
    category: OptionalText = ""
    doors_open_at: Instant | None = None
    sales_end_at: Instant | None = None
    door_sales: bool = False
    hold_minutes: HoldMinutes = 15
    tax: TaxBody | None = None
    refund_policy: RefundPolicyBody | None = None
    dispute_policy: DisputePolicy = DisputePolicy.BLOCK

    def plan(self) -> EventPlan:
        return EventPlan(
            title=self.title,
            venue=self.venue.venue(),
            starts_at=to_utc(self.starts_at),
            ends_at=to_utc(self.ends_at),
            zone=self.zone,
            currency=self.currency,
            ticket_types=self._ticket_types(),
            allotments=self.allotments,
            description=self.description,
            category=self.category,
            doors_open_at=_utc(self.doors_open_at),
            sales_end_at=_utc(self.sales_end_at),
            door_sales=self.door_sales,
            hold_minutes=self.hold_minutes,
            tax=_rate(self.tax),
            refund_policy=self.refund_policy.terms() if self.refund_policy else None,
            dispute_policy=self.dispute_policy,
        )

    def _ticket_types(self) -> tuple[TicketTypePlan, ...]:
        if self.price is None and self.capacity is None:
            return tuple(kind.plan() for kind in self.ticket_types)
        if self.price is None or self.capacity is None or self.ticket_types:
            raise InvalidValue("give both price and capacity, or ticket_types, and not both forms")
        return (TicketTypePlan("Standard", self.price, self.capacity),)


class TicketTypeEditBody(Body, frozen=True):
    """New terms; sold prices never change. What is left out stays."""

    EXAMPLE: ClassVar = {"price": "549.00"}

    name: ShortText | None = None
    price: Price | None = None
    sales_start_at: Instant | None = None
    sales_end_at: Instant | None = None
    per_order_max: Quantity | None = None
    per_buyer_max: PerBuyer | None = None
    tax: TaxBody | None = None

    def edit(self) -> TicketTypeEdit:
        return TicketTypeEdit(
            name=self.name,
            price=self.price,
            sales_start_at=_utc(self.sales_start_at),
            sales_end_at=_utc(self.sales_end_at),
            per_order_max=self.per_order_max,
            per_buyer_max=self.per_buyer_max,
            tax=_rate(self.tax),
        )


class EventEditBody(Body, frozen=True):
    """What is left out, or null, stays as it is. `ticket_types` maps ids to their new terms."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "title": "A night of ragas",
        "ticket_types": {"tty_01arz3ndektsv4rrffq69g5fav": TicketTypeEditBody.EXAMPLE},
    }

    title: ShortText | None = None
    description: LongText | None = None
    category: OptionalText | None = None
    venue: VenueBody | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    zone: Zone | None = None
    doors_open_at: Instant | None = None
    sales_end_at: Instant | None = None
    door_sales: bool | None = None
    hold_minutes: HoldMinutes | None = None
    tax: TaxBody | None = None
    refund_policy: RefundPolicyBody | None = None
    dispute_policy: DisputePolicy | None = None
    ticket_types: Annotated[dict[Identifier, TicketTypeEditBody], msgspec.Meta(max_length=50)] = msgspec.field(
        default_factory=dict
    )

    def edit(self) -> EventEdit:
        return EventEdit(
            title=self.title,
            description=self.description,
            category=self.category,
            venue=self.venue.venue() if self.venue else None,
            starts_at=_utc(self.starts_at),
            ends_at=_utc(self.ends_at),
            zone=self.zone,
            doors_open_at=_utc(self.doors_open_at),
            sales_end_at=_utc(self.sales_end_at),
            door_sales=self.door_sales,
            hold_minutes=self.hold_minutes,
            tax=_rate(self.tax),
            refund_policy=self.refund_policy.terms() if self.refund_policy else None,
            dispute_policy=self.dispute_policy,
            ticket_types={ticket_type_id: terms.edit() for ticket_type_id, terms in self.ticket_types.items()},
        )


class CancelEventBody(Body, frozen=True):
    """The event's title, typed as it stands, so that nobody cancels by a slip. Buyers read the reason."""

    EXAMPLE: ClassVar = {"title": "An evening of ragas", "reason": "the hall is flooded"}

    title: ShortText
    reason: Annotated[str, msgspec.Meta(max_length=REASON_CHARS_MAX, pattern="^[^\x00-\x1f\x7f]*$")] = ""


class CapacityBody(Body, frozen=True):
    """`allotment_id` may be left out where the event has just one."""

    EXAMPLE: ClassVar = {"capacity": 150}

    capacity: Capacity
    allotment_id: Identifier | None = None
