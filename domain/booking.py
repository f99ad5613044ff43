"""Booking: one buyer's claim on places, confirmed only by money that covers its price."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.account import ERASED_NAME
from domain.allotment import AllotmentChange, Take, buyer_limit_id, is_live_hold
from domain.email_address import erased_email
from domain.errors import NotAllowedNow
from domain.event import Event
from domain.facts import Aggregate, BookingCancelled, BookingConfirmed, Fact, PaymentPageAbandoned
from domain.ids import AccountId, AllotmentId, BookingId, EventId, PaymentId, TicketId
from domain.money import Money
from domain.pricing import PriceLine, Quote
from domain.refund_policy import RefundPolicy
from domain.time import is_aware


class BookingStatus(StrEnum):
    HELD = "held"
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


HOLDING = frozenset({BookingStatus.HELD, BookingStatus.AWAITING_PAYMENT})
"""The states in which places are held, and not yet sold."""


class HoldExpired(NotAllowedNow):
    """The places were held until a deadline, and that has passed."""

    code = "hold_expired"


class BookingOver(NotAllowedNow):
    """The booking is confirmed, cancelled or expired: this can no longer be done to it."""

    code = "booking_over"


@frozen
class Booking(Aggregate):
    """A buyer's claim. It holds its places in HELD and AWAITING_PAYMENT and owns them in CONFIRMED."""

    id: BookingId
    event_id: EventId
    organizer_id: AccountId
    buyer_id: AccountId
    buyer_name: str
    buyer_email: str
    lines: tuple[PriceLine, ...]
    takes: tuple[Take, ...]
    price: Money
    created_at: datetime = field(validator=is_aware)
    hold_expires_at: datetime = field(validator=is_aware)
    status: BookingStatus = BookingStatus.HELD
    payment_id: PaymentId | None = None
    """The attempt to pay that is or was under way."""
    confirmed_at: datetime | None = None
    ended_reason: str = ""
    """Why it was cancelled, in words for the buyer."""
    ticket_ids: tuple[TicketId, ...] = ()
    """Its tickets, once they are issued."""
    group_token: str = field(default="", repr=False)
    """One token for the whole party, once tickets are issued."""
    group_generation: int = 0
    refund_policy: RefundPolicy | None = None
    """The event's, as it was when the places were taken."""
    refunds_until: datetime | None = None
    """The end of the refund window, as it was then."""
    promo_code: str = ""
    """The code that made it cheaper; its use is among the `takes`."""

    @classmethod
    def hold(cls, booking_id: BookingId, event: Event, quoted: Quote, buyer: "Buyer", at: datetime) -> Self:
        """Take the quoted places until the event's hold time has passed."""
        return cls(
            id=booking_id,
            event_id=event.id,
            organizer_id=event.organizer_id,
            buyer_id=buyer.id,
            buyer_name=buyer.name,
            buyer_email=buyer.email,
            lines=quoted.lines,
            takes=quoted.takes,
            price=quoted.total,
            created_at=at,
            hold_expires_at=at + timedelta(minutes=event.hold_minutes),
            refund_policy=event.refund_policy,
            refunds_until=event.refund_policy.ends_at(event.schedule.starts_at) if event.refund_policy else None,
            promo_code=quoted.promo_code,
        )

    @property
    def ticket_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def discount(self) -> Money:
        """What a promotion code took off, all lines together."""
        return Money(sum([line.discount.amount_minor for line in self.lines]), self.price.currency)

    @property
    def tax_included(self) -> Money:
        """The part of the price that is tax."""
        return Money(sum([line.tax_included.amount_minor for line in self.lines]), self.price.currency)

    @property
    def is_over(self) -> bool:
        return self.status in {BookingStatus.CANCELLED, BookingStatus.EXPIRED}

    def has_lapsed(self, at: datetime) -> bool:
        """Whether its places are free again for others, by the clock."""
        return self.status in HOLDING and at >= self.hold_expires_at

    def start_payment(self, payment_id: PaymentId, at: datetime) -> Self:
        """Begin a new attempt to pay, while the hold stands."""
        if self.status not in HOLDING:
            raise BookingOver(f"the booking is {self.status}: there is nothing to pay")
        if self.has_lapsed(at):
            raise HoldExpired(f"the places were held until {self.hold_expires_at.isoformat()}")
        return evolve(self, status=BookingStatus.AWAITING_PAYMENT, payment_id=payment_id)

    def payment_failed(self, payment_id: PaymentId) -> Self:
        """Let the buyer try again, if it was the attempt under way that failed."""
        if self.status is not BookingStatus.AWAITING_PAYMENT or self.payment_id != payment_id:
            return self
        return evolve(self, status=BookingStatus.HELD)

    def confirm(self, at: datetime, payment_id: PaymentId | None = None) -> Self:
        """Make the places the buyer's own. The caller has seen the money, or won the places again after expiry."""
        if self.status is BookingStatus.CONFIRMED:
            return self
        if self.status is BookingStatus.CANCELLED:
            raise BookingOver("the booking was cancelled")
        confirmed = evolve(
            self, status=BookingStatus.CONFIRMED, confirmed_at=at, payment_id=payment_id or self.payment_id
        )
        return confirmed.telling(BookingConfirmed(at, self.id))

    def expire(self, at: datetime) -> Self:
        """Give the places back once the deadline has passed; before it, or twice, changes nothing."""
        if not self.has_lapsed(at):
            return self
        return evolve(self, status=BookingStatus.EXPIRED).telling(*self._page_left_open(at))

    def cancel(self, reason: str, at: datetime) -> Self:
        """End the claim and give its places back. Cancelling twice is no error."""
        if self.status is BookingStatus.CANCELLED:
            return self
        if self.status is BookingStatus.EXPIRED:
            raise BookingOver("the booking has expired already")
        cancelled = evolve(self, status=BookingStatus.CANCELLED, ended_reason=reason)
        return cancelled.telling(BookingCancelled(at, self.id), *self._page_left_open(at))

    def _page_left_open(self, at: datetime) -> tuple[Fact, ...]:
        if self.status is BookingStatus.AWAITING_PAYMENT and self.payment_id is not None:
            return (PaymentPageAbandoned(at, self.payment_id),)
        return ()

    def shares(self) -> tuple[Money, ...]:
        """What each ticket cost, in the order of their numbers. Together they are the price, to the last cent."""
        return tuple(share for line in self.lines for share in line.total.split([1] * line.quantity))

    def give_up(self, numbers: Collection[int], event: Event) -> tuple[Self, tuple[AllotmentChange, ...]]:
        """The booking without the places of those tickets, and the change of each allotment that frees them."""
        kinds = [line.ticket_type_id for line in self.lines for _ in range(line.quantity)]
        freed: Counter[AllotmentId] = Counter()
        for number in numbers:
            kind = kinds[number - 1]
            freed[event.ticket_type(kind).allotment_id] += 1
            freed[buyer_limit_id(kind, self.buyer_id)] += 1
        # A type without a limit for each buyer has no take of that name.
        units = {take.allotment_id: min(freed[take.allotment_id], take.units) for take in self.takes}
        left = tuple(
            evolve(take, units=take.units - units[take.allotment_id])
            for take in self.takes
            if take.units > units[take.allotment_id]
        )
        changes = tuple(AllotmentChange(allotment, sold=-count) for allotment, count in units.items() if count)
        return evolve(self, takes=left), changes

    def forget_buyer(self) -> Self:
        """Without the buyer's name and address, and without words that may speak of the buyer."""
        return evolve(self, buyer_name=ERASED_NAME, buyer_email=erased_email(self.buyer_id), ended_reason="")

    def refund_window(self, event: Event) -> datetime | None:
        """Until when its refund policy gives money back: a new date may make that later, never earlier."""
        if self.refund_policy is None or self.refunds_until is None:
            return None
        return max(self.refunds_until, self.refund_policy.ends_at(event.schedule.starts_at))

    def moves(self, *, held: int = 0, sold: int = 0) -> tuple[AllotmentChange, ...]:
        """The change of each allotment that this booking draws on: -1, 0 or 1 times its units."""
        taking = held + sold > 0
        places = tuple(
            AllotmentChange(
                take.allotment_id, held * take.units, sold * take.units, ceiling=take.ceiling if taking else None
            )
            for take in self.takes
            if not is_live_hold(take.allotment_id)
        )
        if not held:
            return places
        live = (take for take in self.takes if is_live_hold(take.allotment_id))
        return (
            *places,
            *(AllotmentChange(t.allotment_id, held, ceiling=t.ceiling if held > 0 else None) for t in live),
        )

    def counted_live(self, take: Take | None) -> Self:
        """The same, counted among the holds that its buyer has; the same if those are not counted."""
        return self if take is None else evolve(self, takes=(*self.takes, take))


@frozen
class Buyer:
    """Who books, as written on the booking."""

    id: AccountId
    name: str
    email: str
