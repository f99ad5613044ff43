"""What the sandbox keeps for itself, so that books have something to agree about."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.money import exponent

SHARE: Final = Decimal("0.02")
FIXED: Final = Decimal("0.30")
"""In units of the currency, as `DISPUTE` is: 0.30 EUR, and 0.300 KWD."""
DISPUTE: Final = Decimal(15)


def payment_fee(amount_minor: int, currency: str) -> int:
    """For a captured payment: 2 % and 0.30, each rounded half up to what the currency can pay; at most all of it."""
    return min(amount_minor, _whole(amount_minor * SHARE) + _minor(FIXED, currency))


def dispute_fee(currency: str) -> int:
    """For a dispute, whatever is contested and whoever wins."""
    return _minor(DISPUTE, currency)


def _minor(units: Decimal, currency: str) -> int:
    return _whole(units.scaleb(exponent(currency)))


def _whole(minor: Decimal) -> int:
    return int(minor.to_integral_value(ROUND_HALF_UP))
