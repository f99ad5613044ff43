"""Events in the words of a page."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Self

from attrs import frozen

from adapters.http.pages.words import money_words
from adapters.messaging.local_time import local_time, time_span
from application.queries.events import EventWithPlaces
from domain.event import Event, EventImage, EventNotOnSale, EventStatus, SaleClosed, TicketType
from domain.ids import AllotmentId
from domain.money import Money


@frozen
class Picture:
    url: str
    alt: str

    @classmethod
    def of(cls, event: Event, image: EventImage) -> Self:
        name = image.key.rpartition("/")[2]
        return cls(f"/api/v1/events/{event.id}/images/{name}", image.alt)


def where(event: Event) -> str:
    return ", ".join(part for part in (event.venue.name, event.venue.address, event.venue.city) if part)


@frozen
class EventCard:
    """An event in a list."""

    id: str
    title: str
    category: str
    when: str
    where: str
    price: str
    places: int
    note: str
    """Why nothing can be booked, if so."""
    cover: Picture | None

    @classmethod
    def of(cls, shown: EventWithPlaces, at: datetime) -> Self:
        event = shown.event
        prices: list[Money] = [kind.price for kind in event.ticket_types]
        lowest = min(prices, key=lambda price: price.amount_minor, default=None)
        several = len({price.amount_minor for price in prices}) > 1
        return cls(
            id=event.id,
            title=event.title,
            category=event.category,
            when=time_span(event.schedule),
            where=where(event),
            price="" if lowest is None else ("from " if several and lowest else "") + money_words(lowest),
            places=sum(allotment.available for allotment in shown.allotments),
            note=sale_note(event, shown.status, at),
            cover=Picture.of(event, event.images[0]) if event.images else None,
        )


@frozen
class Offer:
    """A ticket type that one can choose, or not."""

    id: str
    name: str
    price: str
    places: int
    most: int
    """How many at once; 0 if none."""
    note: str
    quantity: int


@frozen
class EventPage:
    """An event with all that its page says."""

    event: Event
    when: str
    doors: str
    where: str
    note: str
    tax: str
    """What the prices include; empty for nothing."""
    offers: Sequence[Offer]
    pictures: Sequence[Picture]

    @property
    def is_bookable(self) -> bool:
        return any(offer.most for offer in self.offers)

    @classmethod
    def of(cls, shown: EventWithPlaces, at: datetime, chosen: dict[str, int]) -> Self:
        event = shown.event
        note = sale_note(event, shown.status, at)
        left = {allotment.id: allotment.available for allotment in shown.allotments}
        return cls(
            event=event,
            when=time_span(event.schedule),
            doors=local_time(event.schedule.doors_open_at, event.schedule.zone),
            where=where(event),
            note=note,
            tax=_tax_words(event),
            offers=[_offer(event, kind, left, at, chosen, is_open=not note) for kind in event.ticket_types],
            pictures=[Picture.of(event, image) for image in event.images],
        )


def state_of(shown: EventWithPlaces, at: datetime) -> Hashable:
    """Changes whenever the words of the event's page do."""
    event = shown.event
    return (
        event.version,
        shown.status,
        _is_on_sale(event, at),
        tuple([_is_on_sale(kind, at) for kind in event.ticket_types]),
        tuple([allotment.available for allotment in shown.allotments]),
    )


def _is_on_sale(what: Event | TicketType, at: datetime) -> bool:
    try:
        what.check_on_sale(at)
    except (EventNotOnSale, SaleClosed):
        return False
    return True


def sale_note(event: Event, status: EventStatus, at: datetime) -> str:
    """Why the event takes no bookings; empty if it does."""
    if _is_on_sale(event, at):
        return ""
    match status:
        case EventStatus.DRAFT:
            return "This is a draft: only you can see it."
        case EventStatus.CANCELLED:
            return "This event was called off."
        case EventStatus.COMPLETED:
            return "This event is over."
        case EventStatus.ACTIVE:
            return "The doors are open: tickets are no longer sold here."
        case EventStatus.PUBLISHED:
            return "The sale has ended."


def _offer(
    event: Event, kind: TicketType, left: dict[AllotmentId, int], at: datetime, chosen: dict[str, int], *, is_open: bool
) -> Offer:
    places = left[kind.allotment_id]
    most = min(kind.per_order_max, places) if is_open and _is_on_sale(kind, at) else 0
    usual = 1 if len(event.ticket_types) == 1 and not chosen else 0
    return Offer(
        id=kind.id,
        name=kind.name,
        price=money_words(kind.price),
        places=places,
        most=most,
        note=_window_note(kind, event.schedule.zone, at),
        quantity=min(chosen.get(kind.id, usual), most),
    )


def _tax_words(event: Event) -> str:
    rates = dict.fromkeys(kind.tax or event.tax for kind in event.ticket_types)
    due = [str(rate) for rate in rates if rate is not None and rate.basis_points]
    if not due:
        return ""
    return f"Prices include {due[0]}." if len(rates) == 1 else f"Prices include tax: {', '.join(due)}, as on the bill."


def _window_note(kind: TicketType, zone: str, at: datetime) -> str:
    if kind.sales_start_at is not None and at < kind.sales_start_at:
        return f"On sale from {local_time(kind.sales_start_at, zone)}"
    if kind.sales_end_at is not None and at >= kind.sales_end_at:
        return "No longer on sale"
    return ""
