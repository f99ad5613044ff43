"""What an event looks like from outside."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from adapters.http.views import MoneyView, TaxView, View, moment
from application.queries.events import EventWithPlaces
from domain.allotment import Allotment
from domain.event import Event, EventImage, EventStatus, TicketType, Venue
from domain.ids import AllotmentId
from domain.money import Money
from domain.refund_policy import RefundPolicy


class VenueView(View, frozen=True):
    EXAMPLE: ClassVar = {"name": "Shanmukhananda Hall", "address": "Comrade Harbanslal Marg", "city": "Mumbai"}

    name: str
    address: str
    city: str

    @classmethod
    def of(cls, venue: Venue) -> Self:
        return cls(venue.name, venue.address, venue.city)


class ImageView(View, frozen=True):
    """`alt` says what is to be seen, for those who do not see it."""

    EXAMPLE: ClassVar = {
        "name": "img_01arz3ndektsv4rrffq69g5fav.jpg",
        "url": "/api/v1/events/evt_01arz3ndektsv4rrffq69g5fav/images/img_01arz3ndektsv4rrffq69g5fav.jpg",
        "alt": "A sitar on a stage",
    }

    name: str
    url: str
    alt: str

    @classmethod
    def of(cls, event: Event, image: EventImage) -> Self:
        name = image.key.rpartition("/")[2]
        return cls(name, f"/api/v1/events/{event.id}/images/{name}", image.alt)


class TicketTypeView(View, frozen=True):
    """`tickets_available` counts what is left of the allotment that it draws on."""

    EXAMPLE: ClassVar = {
        "id": "tty_01arz3ndektsv4rrffq69g5fav",
        "name": "Standard",
        "price": {"amount": "499.00", "amount_minor": 49900, "currency": "INR"},
        "allotment_id": "alm_01arz3ndektsv4rrffq69g5fav",
        "tickets_available": 118,
        "sales_start_at": None,
        "sales_end_at": None,
        "per_order_max": 10,
        "per_buyer_max": None,
        "tax": TaxView.EXAMPLE,
    }

    id: str
    name: str
    price: MoneyView
    allotment_id: str
    tickets_available: int
    sales_start_at: datetime | None
    sales_end_at: datetime | None
    per_order_max: int
    per_buyer_max: int | None
    tax: TaxView | None
    """Included in `price`: its own rate, or the event's."""

    @classmethod
    def of(cls, event: Event, kind: TicketType, left: dict[AllotmentId, int]) -> Self:
        return cls(
            id=kind.id,
            name=kind.name,
            price=MoneyView.of(kind.price),
            allotment_id=kind.allotment_id,
            tickets_available=left[kind.allotment_id],
            sales_start_at=moment(kind.sales_start_at),
            sales_end_at=moment(kind.sales_end_at),
            per_order_max=kind.per_order_max,
            per_buyer_max=kind.per_buyer_max,
            tax=TaxView.of(kind.tax or event.tax),
        )


class AllotmentView(View, frozen=True):
    """Places that exist. `held` are in baskets, `sold` are paid; what neither is can be bought."""

    EXAMPLE: ClassVar = {
        "id": "alm_01arz3ndektsv4rrffq69g5fav",
        "capacity": 120,
        "held": 2,
        "sold": 0,
        "tickets_available": 118,
    }

    id: str
    capacity: int
    held: int
    sold: int
    tickets_available: int

    @classmethod
    def of(cls, allotment: Allotment) -> Self:
        return cls(allotment.id, allotment.capacity, allotment.held, allotment.sold, allotment.available)


_WORDS: dict[str, Any] = {
    "id": "evt_01arz3ndektsv4rrffq69g5fav",
    "title": "An evening of ragas",
    "category": "Music",
    "venue": VenueView.EXAMPLE,
    "starts_at": "2026-12-04T13:30:00Z",
    "ends_at": "2026-12-04T16:30:00Z",
    "zone": "Asia/Kolkata",
    "status": "published",
    "archived": False,
}


class EventSummaryView(View, frozen=True):
    """An event in a list. `price_from` is its lowest price."""

    EXAMPLE: ClassVar = _WORDS | {"price_from": TicketTypeView.EXAMPLE["price"], "image": ImageView.EXAMPLE}

    id: str
    title: str
    category: str
    venue: VenueView
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str
    status: str
    archived: bool
    price_from: MoneyView | None
    image: ImageView | None

    @classmethod
    def of(cls, event: Event, at: datetime) -> Self:
        lowest = min((kind.price for kind in event.ticket_types), key=lambda price: price.amount_minor, default=None)
        return cls(
            id=event.id,
            title=event.title,
            category=event.category,
            venue=VenueView.of(event.venue),
            starts_at=moment(event.schedule.starts_at),
            ends_at=moment(event.schedule.ends_at),
            zone=event.schedule.zone,
            status=event.status_at(at),
            archived=event.archived,
            price_from=None if lowest is None else MoneyView.of(lowest),
            image=ImageView.of(event, event.images[0]) if event.images else None,
        )


class RefundPolicyView(View, frozen=True):
    """What buyers get back: so many percent, less the fee, until some hours before the start."""

    EXAMPLE: ClassVar = {
        "until_hours": 24,
        "percent": 90,
        "fee": {"amount": "10.00", "amount_minor": 1000, "currency": "INR"},
        "by_buyer": True,
    }

    until_hours: int
    percent: int
    fee: MoneyView
    by_buyer: bool

    @classmethod
    def of(cls, policy: RefundPolicy, currency: str) -> Self:
        return cls(policy.until_hours, policy.percent, MoneyView.of(Money(policy.fee_minor, currency)), policy.by_buyer)


class EventView(View, frozen=True):
    """One event. `capacity` and `tickets_available` are those of all its allotments together."""

    EXAMPLE: ClassVar = _WORDS | {
        "organizer_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "description": "Three hours, with an interval.",
        "doors_open_at": "2026-12-04T11:30:00Z",
        "sales_end_at": "2026-12-04T13:30:00Z",
        "currency": "INR",
        "door_sales": False,
        "hold_minutes": 15,
        "tax": TaxView.EXAMPLE,
        "refund_policy": RefundPolicyView.EXAMPLE,
        "dispute_policy": "block",
        "capacity": 120,
        "tickets_available": 118,
        "ticket_types": [TicketTypeView.EXAMPLE],
        "images": [ImageView.EXAMPLE],
    }

    id: str
    organizer_id: str
    title: str
    description: str
    category: str
    venue: VenueView
    starts_at: datetime | None
    ends_at: datetime | None
    doors_open_at: datetime | None
    sales_end_at: datetime | None
    zone: str
    currency: str
    status: str
    archived: bool
    door_sales: bool
    hold_minutes: int
    tax: TaxView | None
    refund_policy: RefundPolicyView | None
    dispute_policy: str
    capacity: int
    tickets_available: int
    ticket_types: list[TicketTypeView]
    images: list[ImageView]

    @classmethod
    def of(cls, shown: EventWithPlaces) -> Self:
        return cls.with_places(shown.event, shown.status, shown.allotments)

    @classmethod
    def with_places(cls, event: Event, status: EventStatus, allotments: Iterable[Allotment]) -> Self:
        counted = list(allotments)
        left = {allotment.id: allotment.available for allotment in counted}
        return cls(
            id=event.id,
            organizer_id=event.organizer_id,
            title=event.title,
            description=event.description,
            category=event.category,
            venue=VenueView.of(event.venue),
            starts_at=moment(event.schedule.starts_at),
            ends_at=moment(event.schedule.ends_at),
            doors_open_at=moment(event.schedule.doors_open_at),
            sales_end_at=moment(event.schedule.sales_end_at),
            zone=event.schedule.zone,
            currency=event.currency,
            status=status,
            archived=event.archived,
            door_sales=event.door_sales,
            hold_minutes=event.hold_minutes,
            tax=TaxView.of(event.tax),
            refund_policy=RefundPolicyView.of(event.refund_policy, event.currency) if event.refund_policy else None,
            dispute_policy=event.dispute_policy,
            capacity=sum(allotment.capacity for allotment in counted),
            tickets_available=sum(left.values()),
            ticket_types=[TicketTypeView.of(event, kind, left) for kind in event.ticket_types],
            images=[ImageView.of(event, image) for image in event.images],
        )
