"""What a store answers to a commit, as errors for people."""

from application.errors import AlreadyExists, StaleVersion
from application.once import AnsweredAlready
from application.ports.store import Committed, Duplicate, Outcome, Refused, Stale
from domain.allotment import (
    Allotment,
    BuyerLimitReached,
    LiveHoldsReached,
    SoldOut,
    TakeRefused,
    is_buyer_limit,
    is_live_hold,
)
from domain.promo_code import PromoCodeLimitReached, PromoCodeUsedUp, is_promo_buyer_limit, is_promo_use


def check(outcome: Outcome) -> None:
    """Raise unless it was committed."""
    match outcome:
        case Committed():
            return
        case Refused(allotment):
            raise refusal(allotment)
        case Stale(key):
            raise StaleVersion(f"{key.kind.replace('_', ' ')} {key.id} was changed at the same time: try again")
        case Duplicate(key) if key.kind == "answer":
            raise AnsweredAlready(key.id)
        case Duplicate(key):
            raise AlreadyExists(f"{key.kind.replace('_', ' ')} {key.id} exists already")


def refusal(allotment: Allotment) -> TakeRefused:
    """Why an allotment refused, for people."""
    if is_buyer_limit(allotment.id):
        return BuyerLimitReached(
            f"you hold or own {allotment.taken} of at most {allotment.capacity} tickets of this type"
        )
    if is_live_hold(allotment.id):
        return LiveHoldsReached(f"you hold places {allotment.held} times already: pay for one, or give it up first")
    if is_promo_use(allotment.id):
        return PromoCodeUsedUp("this promotion code has been used as often as it may be")
    if is_promo_buyer_limit(allotment.id):
        return PromoCodeLimitReached(f"you have used this promotion code {allotment.taken} times, and may no more")
    left = max(allotment.available, 0)
    return SoldOut(f"only {left} left" if left else "sold out")
