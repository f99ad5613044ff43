"""Event: the occasion people attend, and its life from draft to archive."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from domain.checks import at_most, text, whole
from domain.dispute import DisputePolicy
from domain.errors import DomainError, InvalidValue, NotAllowedNow
from domain.facts import Aggregate, EventArchived, EventCancelled, EventRescheduled, Fact
from domain.ids import AccountId, AllotmentId, EventId, TicketTypeId
from domain.money import Money, exponent
from domain.refund_policy import RefundPolicy
from domain.tax import TaxRate
from domain.time import is_aware, is_zone

DOORS_LEAD: Final = timedelta(hours=2)
GRACE: Final = timedelta(hours=6)
HOLD_MINUTES: Final = 15
IMAGES_MAX: Final = 10
TICKET_TYPES_MAX: Final = 50
TICKETS_PER_BOOKING_MAX: Final = 20
TITLE_MAX: Final = 200
DESCRIPTION_MAX: Final = 20_000
WORDS_MAX: Final = 200


class EventStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class EventNotOnSale(NotAllowedNow):
    """The event takes no bookings in its present state."""

    code = "event_not_on_sale"


class SaleClosed(NotAllowedNow):
    """The sale of this event or ticket type has not begun, or is over."""

    code = "sale_closed"


class EventFrozen(NotAllowedNow):
    """People have booked: this part of the event can no longer change."""

    code = "event_frozen"


class EventTransitionRefused(NotAllowedNow):
    """The event cannot go from its present state to the one asked for."""

    code = "event_transition_refused"


class UnknownTicketType(DomainError):
    """The event has no such ticket type."""

    code = "unknown_ticket_type"


class PublishingNeedsApproval(DomainError):
    """Only an organizer whose identity was approved may publish."""

    code = "publishing_needs_approval"


@frozen
class Venue:
    """Where it takes place."""

    name: str = field(validator=text(WORDS_MAX, least=1))
    address: str = field(default="", validator=text(WORDS_MAX))
    city: str = field(default="", validator=text(WORDS_MAX))


@frozen
class EventImage:
    """A picture in the object store; the first one is the cover."""

    key: str
    alt: str = field(default="", validator=text(WORDS_MAX))


@frozen
class TicketType:
    """What can be bought: a price, a sale window, limits, and the allotment that it draws on."""

    id: TicketTypeId
    name: str = field(validator=text(WORDS_MAX, least=1))
    price: Money
    allotment_id: AllotmentId
    sales_start_at: datetime | None = None
    sales_end_at: datetime | None = None
    per_order_max: int = field(default=10, validator=whole(1, TICKETS_PER_BOOKING_MAX))
    per_buyer_max: int | None = field(default=None, validator=optional(whole(1, 1_000)))
    tax: TaxRate | None = None
    """In place of the event's; a rate of 0 says that none is due."""

    def __attrs_post_init__(self) -> None:
        if self.price.amount_minor < 0:
            raise InvalidValue(f"ticket type {self.name!r}: a price is never negative")

    def check_on_sale(self, at: datetime) -> None:
        """SaleClosed outside the type's own window."""
        if self.sales_start_at is not None and at < self.sales_start_at:
            raise SaleClosed(f"{self.name} is on sale from {self.sales_start_at.isoformat()}")
        if self.sales_end_at is not None and at >= self.sales_end_at:
            raise SaleClosed(f"{self.name} was on sale until {self.sales_end_at.isoformat()}")


@frozen
class AllotmentName:
    """What people call an allotment of the event; how many places it has is counted elsewhere."""

    id: AllotmentId
    name: str = field(validator=text(WORDS_MAX, least=1))


@frozen
class Schedule:
    """When things happen, in UTC, and the zone that people read it in."""

    starts_at: datetime = field(validator=is_aware)
    ends_at: datetime = field(validator=is_aware)
    zone: str = field(validator=is_zone)
    doors_open_at: datetime = field(validator=is_aware)
    sales_end_at: datetime = field(validator=is_aware)

    @doors_open_at.default
    def _doors_before_the_start(self) -> datetime:
        return self.starts_at - DOORS_LEAD

    @sales_end_at.default
    def _sales_until_the_start(self) -> datetime:
        return self.starts_at

    def __attrs_post_init__(self) -> None:
        if not self.starts_at < self.ends_at:
            raise InvalidValue("an event ends after it starts")
        if self.ends_at - self.starts_at > timedelta(days=366):
            raise InvalidValue("an event lasts at most a year")
        if self.doors_open_at > self.ends_at:
            raise InvalidValue("doors open before the end")
        if self.sales_end_at > self.ends_at:
            raise InvalidValue("sales end before the event does")

    @property
    def closes_at(self) -> datetime:
        """The end of the last admission: the event's end and a grace."""
        return self.ends_at + GRACE


def _one_currency(event: "Event", _attribute: "Attribute[Any]", types: Sequence[TicketType]) -> None:
    if len(types) > TICKET_TYPES_MAX:
        raise InvalidValue(f"an event has at most {TICKET_TYPES_MAX} ticket types")
    if len({t.id for t in types}) != len(types):
        raise InvalidValue("ticket types have distinct ids")
    if {t.allotment_id for t in types} - {a.id for a in event.allotments}:
        raise InvalidValue("a ticket type draws on an allotment of its event")
    if any(t.price.currency != event.currency for t in types):
        raise InvalidValue(f"all prices of this event are in {event.currency}")


@frozen
class Event(Aggregate):
    """The occasion people attend. `status` is as stored; `status_at` is what holds now."""

    id: EventId
    organizer_id: AccountId
    title: str = field(validator=text(TITLE_MAX, least=1))
    description: str = field(validator=text(DESCRIPTION_MAX, lines=True))
    category: str = field(validator=text(WORDS_MAX))
    venue: Venue
    schedule: Schedule
    currency: str
    allotments: tuple[AllotmentName, ...]
    ticket_types: tuple[TicketType, ...] = field(validator=_one_currency)
    created_at: datetime = field(validator=is_aware)
    status: EventStatus = EventStatus.DRAFT
    archived: bool = False
    door_sales: bool = False
    hold_minutes: int = field(default=HOLD_MINUTES, validator=whole(5, 60))
    images: tuple[EventImage, ...] = field(default=(), validator=at_most(IMAGES_MAX))
    refund_policy: RefundPolicy | None = None
    """What buyers get back for giving up places; None: nothing by right, as the organizer sees fit."""
    dispute_policy: DisputePolicy = DisputePolicy.BLOCK
    tax: TaxRate | None = None
    """Included in the price of every ticket type without one of its own."""

    def __attrs_post_init__(self) -> None:
        exponent(self.currency)

    def status_at(self, at: datetime) -> EventStatus:
        """The state that holds at an instant, whether or not the background job has stored it."""
        if self.status not in {EventStatus.PUBLISHED, EventStatus.ACTIVE}:
            return self.status
        if at >= self.schedule.closes_at:
            return EventStatus.COMPLETED
        return EventStatus.ACTIVE if at >= self.schedule.doors_open_at else self.status

    def is_public_at(self, at: datetime) -> bool:
        return self.status_at(at) is not EventStatus.DRAFT

    def check_on_sale(self, at: datetime) -> None:
        """EventNotOnSale or SaleClosed if no booking may begin now."""
        status = self.status_at(at)
        if status is EventStatus.ACTIVE and self.door_sales:
            if at >= self.schedule.ends_at:
                raise SaleClosed("the event is over")
            return
        if status is not EventStatus.PUBLISHED:
            raise EventNotOnSale(f"the event is {status}: it takes no bookings")
        if at >= self.schedule.sales_end_at:
            raise SaleClosed(f"sales ended at {self.schedule.sales_end_at.isoformat()}")

    def check_takes_payment(self, at: datetime) -> None:
        """EventNotOnSale if what is held can no longer be paid: the event was called off, or is over."""
        if self.status_at(at) not in {EventStatus.PUBLISHED, EventStatus.ACTIVE}:
            raise EventNotOnSale(f"the event is {self.status_at(at)}: nothing can be paid any more")

    def ticket_type(self, ticket_type_id: str) -> TicketType:
        for known in self.ticket_types:
            if known.id == ticket_type_id:
                return known
        raise UnknownTicketType(f"the event has no ticket type {ticket_type_id!r}")

    def publish(self, at: datetime) -> Self:
        """Put a draft on sale. Publishing twice is no error."""
        status = self.status_at(at)
        if status in {EventStatus.PUBLISHED, EventStatus.ACTIVE}:
            return self
        if status is not EventStatus.DRAFT:
            raise EventTransitionRefused(f"a {status} event cannot be published")
        if not self.ticket_types:
            raise EventTransitionRefused("an event needs a ticket type before it can be published")
        if at >= self.schedule.ends_at:
            raise EventTransitionRefused("an event that is over cannot be published: change its dates first")
        return evolve(self, status=EventStatus.PUBLISHED)

    def cancel(self, at: datetime) -> Self:
        """Call it off. A draft is deleted instead, and what is over cannot be called off."""
        status = self.status_at(at)
        if status is EventStatus.CANCELLED:
            return self
        if status not in {EventStatus.PUBLISHED, EventStatus.ACTIVE}:
            raise EventTransitionRefused(f"a {status} event cannot be cancelled")
        return evolve(self, status=EventStatus.CANCELLED).telling(EventCancelled(at, self.id))

    def settle(self, at: datetime) -> Self:
        """Store the state that time has brought. Nothing depends on when this happens."""
        return evolve(self, status=self.status_at(at))

    def archive(self, at: datetime) -> Self:
        """Put away what is over."""
        if self.status_at(at) not in {EventStatus.COMPLETED, EventStatus.CANCELLED}:
            raise EventTransitionRefused("only a completed or cancelled event can be archived")
        return evolve(self, status=self.status_at(at), archived=True).telling(EventArchived(at, self.id))

    def edit(self, changed: Self, at: datetime, *, booked: bool) -> Self:
        """Take over the words of `changed`, within what the state allows.

        Once somebody has booked, currency and ticket types sold stay, and new dates or a new venue are told to all.
        """
        status = self.status_at(at)
        if status not in {EventStatus.DRAFT, EventStatus.PUBLISHED, EventStatus.ACTIVE}:
            raise EventTransitionRefused(f"a {status} event cannot be edited")
        assert (changed.id, changed.organizer_id, changed.status) == (self.id, self.organizer_id, self.status)
        facts: tuple[Fact, ...] = ()
        if status is not EventStatus.DRAFT:
            # New dates may shut doors that had opened: what holds now follows from them, and not from what was stored.
            changed = evolve(changed, status=EventStatus.PUBLISHED).settle(at)
        if booked:
            if changed.currency != self.currency:
                raise EventFrozen("the currency is frozen since the first booking")
            if {t.id for t in self.ticket_types} - {t.id for t in changed.ticket_types}:
                raise EventFrozen("a ticket type cannot be removed since the first booking: end its sale instead")
            if (changed.schedule, changed.venue) != (self.schedule, self.venue):
                facts = (EventRescheduled(at, self.id),)
        return changed.telling(*facts)
