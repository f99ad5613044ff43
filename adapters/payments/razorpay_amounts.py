"""Money as Razorpay counts it: in minor units by ISO 4217, with two rules of its own."""

from typing import Final

from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable
from domain.errors import InvalidValue
from domain.money import Money, exponent

# What Razorpay documents. It may count other currencies without two places in another way than ISO 4217 does, and
# then a price would be a hundred times too high.
_WITHOUT_TWO_PLACES: Final = frozenset({"JPY", "KWD", "BHD", "OMR"})
_THREE_PLACES: Final = 3


def is_countable(currency: str) -> bool:
    """Whether we know how Razorpay counts it; UnknownCurrency if it is none."""
    return exponent(currency) == len("00") or currency in _WITHOUT_TWO_PLACES


def asked(amount: Money) -> dict[str, str | int]:
    """The amount as it stands in a request; GatewayRefused if Razorpay cannot take it exactly."""
    if not is_countable(amount.currency):
        raise GatewayRefused(f"we do not know how Razorpay counts {amount.currency}")
    if exponent(amount.currency) == _THREE_PLACES and amount.amount_minor % 10:
        raise GatewayRefused(f"Razorpay takes no {amount}: the third place of {amount.currency} must be 0")
    return {"amount": amount.amount_minor, "currency": amount.currency}


def answered(amount_minor: int, currency: str) -> Money:
    """The amount in an answer."""
    try:
        return Money(amount_minor, currency)
    except InvalidValue:
        raise GatewayUnavailable("Razorpay answered with a currency that we do not know") from None
