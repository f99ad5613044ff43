"""Places that exist, and who has taken them."""

from attrs import field, frozen

from domain.checks import whole
from domain.errors import DomainError
from domain.ids import AccountId, AllotmentId, TicketTypeId

CAPACITY_MAX = 1_000_000
_LIVE = "live/"


class TakeRefused(DomainError):
    """Something that is counted does not suffice: places, what one buyer may have, or the uses of a promotion code."""

    code = "take_refused"


class SoldOut(TakeRefused):
    """Not enough places are left."""

    code = "sold_out"


class BuyerLimitReached(TakeRefused):
    """This buyer holds or owns as many tickets of the type as one person may."""

    code = "buyer_limit_reached"


class LiveHoldsReached(TakeRefused):
    """This buyer has as many unpaid holds as one person may have at a time."""

    code = "live_holds_reached"


class CapacityBelowTaken(DomainError):
    """A capacity cannot fall below the places that are already held or sold."""

    code = "capacity_below_taken"


@frozen
class Allotment:
    """How many places may exist. In every stored state 0 <= held, 0 <= sold and held + sold <= capacity.

    A buyer's limit on one ticket type is an allotment too: of places for that person.
    """

    id: AllotmentId
    capacity: int = field(validator=whole(0, CAPACITY_MAX))
    held: int = field(default=0, validator=whole(0, CAPACITY_MAX))
    sold: int = field(default=0, validator=whole(0, CAPACITY_MAX))

    @property
    def taken(self) -> int:
        return self.held + self.sold

    @property
    def available(self) -> int:
        return self.capacity - self.taken


@frozen
class Take:
    """What a booking takes out of one allotment. `ceiling` is set where nobody opened that: for a limit or a code."""

    allotment_id: AllotmentId
    units: int = field(validator=whole(1, CAPACITY_MAX))
    ceiling: int | None = None


@frozen
class AllotmentChange:
    """A change of one allotment that happens only if the result keeps its promise.

    With a `ceiling` the allotment is opened if it is missing, and its capacity becomes the ceiling.
    """

    allotment_id: AllotmentId
    held: int = 0
    sold: int = 0
    capacity: int = 0
    ceiling: int | None = None


def buyer_limit_id(ticket_type_id: TicketTypeId, buyer_id: AccountId) -> AllotmentId:
    """The allotment that counts one buyer's places of one ticket type."""
    return AllotmentId(f"limit/{ticket_type_id}/{buyer_id}")


def is_buyer_limit(allotment_id: AllotmentId) -> bool:
    return allotment_id.startswith("limit/")


def live_hold(buyer: str, most: int) -> Take:
    """One of the holds that a buyer may have at a time. It counts while the places are held, and sold ones do not."""
    return Take(AllotmentId(f"{_LIVE}{buyer}"), 1, most)


def is_live_hold(allotment_id: AllotmentId) -> bool:
    return allotment_id.startswith(_LIVE)
