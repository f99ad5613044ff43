"""Promotion codes: a word that makes a booking cheaper, so many times.

One use is one booking, however many tickets it has. It is taken in the commit that takes the places, and comes back in
the commit that gives them back: when the hold ends, or when the booking is cancelled.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from unicodedata import normalize

from attrs import evolve, field, frozen
from attrs.validators import optional

from domain.allotment import CAPACITY_MAX, Take, TakeRefused
from domain.checks import at_most, whole
from domain.errors import DomainError, InvalidValue, NotAllowedNow
from domain.event import TICKET_TYPES_MAX, Event
from domain.facts import Aggregate
from domain.ids import AccountId, AllotmentId, EventId, PromoCodeId, TicketTypeId
from domain.money import Money
from domain.time import is_aware

TYPED_MAX: Final = 200
"""Letters of what somebody types; a longer text is no code, and nobody looks at it more closely."""
PER_BUYER_MAX: Final = 1_000
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,31}", re.ASCII)
_USES: Final = "promo/"
_OF_A_BUYER: Final = "promo-buyer/"


class PromoCodeUnknown(InvalidValue):
    """This event has no such code. Whether another one has is not said."""

    code = "promo_code_unknown"


class PromoCodeNotYet(NotAllowedNow):
    """The code is not valid yet."""

    code = "promo_code_not_yet"


class PromoCodeOver(NotAllowedNow):
    """The code is not valid any more: its time has passed, or it was ended."""

    code = "promo_code_over"


class PromoCodeNotForTickets(DomainError):
    """The code makes none of these tickets cheaper."""

    code = "promo_code_not_for_tickets"


class PromoCodeUsedUp(TakeRefused):
    """The code was used as often as it may be."""

    code = "promo_code_used_up"


class PromoCodeLimitReached(TakeRefused):
    """This buyer has used the code as often as one person may."""

    code = "promo_code_limit_reached"


class PromoCodeStatus(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


def canonical(typed: str) -> str:
    """The one spelling of a code: capital letters, digits, - and _. InvalidValue for what spells none.

    Case, spaces around it and letters of another width (NFKC) do not matter. Letters that merely look alike do: they
    are refused, and so no two codes can be taken for each other.
    """
    # A capital may be two letters or another letter ("ß" makes "SS"): all are looked at before they are made ones.
    code = normalize("NFKC", typed[: TYPED_MAX + 1]).strip()
    if len(typed) > TYPED_MAX or not code.isascii() or not _CODE.fullmatch(code.upper()):
        raise InvalidValue("a code is 3 to 32 letters from A to Z, digits, - and _, and begins with a letter or digit")
    return code.upper()


def promo_code_id(event_id: str, code: str) -> PromoCodeId:
    """Under which a code is stored: one event has each code once, and can reach its own alone."""
    return PromoCodeId(f"{event_id}/{code}")


def _is_canonical(_instance: object, _attribute: object, value: str) -> None:
    if not _CODE.fullmatch(value):
        raise InvalidValue(f"{value!r} is not the canonical form of a code")


@frozen
class PromoCode(Aggregate):
    """Makes bookings of one event cheaper by a share or by an amount, while it lasts. Its terms never change."""

    id: PromoCodeId
    event_id: EventId
    organizer_id: AccountId
    code: str = field(validator=_is_canonical)
    created_at: datetime = field(validator=is_aware)
    percent: int | None = field(default=None, validator=optional(whole(1, 100)))
    amount: Money | None = None
    """Off each booking, and never more than its tickets cost."""
    valid_from: datetime | None = field(default=None, validator=optional(is_aware))
    valid_until: datetime | None = field(default=None, validator=optional(is_aware))
    ticket_type_ids: tuple[TicketTypeId, ...] = field(default=(), validator=at_most(TICKET_TYPES_MAX))
    """What it makes cheaper; empty: everything."""
    uses_max: int | None = field(default=None, validator=optional(whole(1, CAPACITY_MAX)))
    per_buyer_max: int | None = field(default=None, validator=optional(whole(1, PER_BUYER_MAX)))
    ended_at: datetime | None = field(default=None, validator=optional(is_aware))

    def __attrs_post_init__(self) -> None:
        if (self.percent is None) == (self.amount is None):
            raise InvalidValue("a promotion code takes off either a percentage or an amount")
        if self.amount is not None and self.amount.amount_minor <= 0:
            raise InvalidValue("a promotion code takes off more than nothing")
        if self.valid_from is not None and self.valid_until is not None and self.valid_from >= self.valid_until:
            raise InvalidValue("a promotion code ends after it begins")

    @classmethod
    def of(cls, event: Event, code: str, at: datetime, **terms: Any) -> Self:
        """A new one; InvalidValue if it speaks of another currency or of tickets that the event does not have."""
        made = cls(promo_code_id(event.id, code), event.id, event.organizer_id, code, at, **terms)
        if made.amount is not None and made.amount.currency != event.currency:
            raise InvalidValue(f"all amounts of this event are in {event.currency}")
        for ticket_type_id in made.ticket_type_ids:
            event.ticket_type(ticket_type_id)
        return made

    @property
    def status(self) -> PromoCodeStatus:
        return PromoCodeStatus.ACTIVE if self.ended_at is None else PromoCodeStatus.ENDED

    def end(self, at: datetime) -> Self:
        """Let nobody use it from now on; who has used it keeps the price. Ending twice is no error."""
        return self if self.ended_at is not None else evolve(self, ended_at=at)

    def check_valid(self, at: datetime) -> None:
        """PromoCodeNotYet or PromoCodeOver if it makes nothing cheaper now."""
        if self.ended_at is not None:
            raise PromoCodeOver("this promotion code is no longer valid")
        if self.valid_from is not None and at < self.valid_from:
            raise PromoCodeNotYet(f"this promotion code is valid from {self.valid_from.isoformat()}")
        if self.valid_until is not None and at >= self.valid_until:
            raise PromoCodeOver(f"this promotion code was valid until {self.valid_until.isoformat()}")

    def discounts(self, costs: Sequence[tuple[TicketTypeId, Money]]) -> tuple[Money, ...]:
        """What comes off each line, in their order; PromoCodeNotForTickets if there is nothing that it could come off.

        The whole discount is rounded once: a percentage of what the eligible lines cost together, half up to the
        smallest unit; an amount as it is, but at most what they cost. It is then split over those lines by what each
        costs, by largest remainder: the parts sum to it exactly, and none is more than its line.
        """
        weights = [cost.amount_minor if self._is_for(kind) else 0 for kind, cost in costs]
        eligible = sum(weights)
        if not eligible:
            raise PromoCodeNotForTickets("this promotion code makes none of these tickets cheaper")
        if self.percent is not None:
            off = (eligible * self.percent + 50) // 100
        else:
            assert self.amount is not None, "it takes off one or the other"
            off = min(self.amount.amount_minor, eligible)
        return Money(off, costs[0][1].currency).split(weights)

    def _is_for(self, ticket_type_id: TicketTypeId) -> bool:
        return not self.ticket_type_ids or ticket_type_id in self.ticket_type_ids

    def takes(self, buyer_id: AccountId) -> tuple[Take, ...]:
        """One use, counted even where there is no limit to it, and one of this buyer's where there is."""
        use = Take(promo_uses_id(self.id), 1, CAPACITY_MAX if self.uses_max is None else self.uses_max)
        if self.per_buyer_max is None:
            return (use,)
        return (use, Take(promo_buyer_limit_id(self.id, buyer_id), 1, self.per_buyer_max))


def promo_uses_id(promo_id: PromoCodeId) -> AllotmentId:
    """The allotment that counts the uses of one code."""
    return AllotmentId(f"{_USES}{promo_id}")


def promo_buyer_limit_id(promo_id: PromoCodeId, buyer_id: AccountId) -> AllotmentId:
    """The allotment that counts one buyer's uses of one code."""
    return AllotmentId(f"{_OF_A_BUYER}{promo_id}/{buyer_id}")


def is_promo_use(allotment_id: AllotmentId) -> bool:
    return allotment_id.startswith(_USES)


def is_promo_buyer_limit(allotment_id: AllotmentId) -> bool:
    return allotment_id.startswith(_OF_A_BUYER)
