"""What AWS charges, as data. Check it against aws.amazon.com/pricing before you rely on it."""

from decimal import Decimal
from typing import Final

from attrs import frozen

REGION: Final = "us-east-1"
AS_OF: Final = "2025-11"


@frozen
class Price:
    """For `per` units in a month, after those that are free."""

    usd: Decimal
    per: int = 1
    free: int = 0

    def of(self, units: float) -> Decimal:
        charged = max(Decimal(0), Decimal(str(units)) - self.free)
        return charged * self.usd / self.per


def _price(usd: str, per: int = 1, free: int = 0) -> Price:
    return Price(Decimal(usd), per, free)


_MILLION: Final = 1_000_000

WRITES: Final = _price("0.625", _MILLION)
READS: Final = _price("0.125", _MILLION)
TABLE_GB: Final = _price("0.25", free=25)
RECOVERY_GB: Final = _price("0.20")
FILE_GB: Final = _price("0.023")
FILE_READS: Final = _price("0.0004", 1_000)
OUT_GB: Final = _price("0.09", free=100)
LAMBDA_CALLS: Final = _price("0.20", _MILLION, free=_MILLION)
LAMBDA_GB_S: Final = _price("0.0000166667", free=400_000)
MAILS: Final = _price("0.10", 1_000)
ALARMS: Final = _price("0.10", free=10)
METRICS: Final = _price("0.30", free=10)
DASHBOARDS: Final = _price("3.00", free=3)
LOG_GB: Final = _price("0.50", free=5)
USERS: Final = _price("0.015", free=10_000)
"""Of Cognito's Essentials, for each user that signs in during the month."""
