"""What a month costs on AWS, from what a booking takes and what people do."""

from decimal import Decimal
from typing import Final

from attrs import field, frozen

from adapters.aws import prices
from adapters.aws.capacity import BOOKING, LOOK_READS, STORED_BYTES

REQUESTS_PER_USER: Final = 100
"""The guide's million for 10,000 users."""
READS_PER_REQUEST: Final = 6
"""Session and account, and what the page shows."""
WRITES_PER_USER: Final = 40
"""Signing in and out, counts of limits, and what else is not a booking."""
FILES_MB_PER_USER: Final = 10
"""The guide's 100 GB for 10,000 users."""
OUT_KB_PER_REQUEST: Final = 100
"""With pictures, of which a cache before us takes most; the guide's 100 GB for a million."""
MAILS_PER_BOOKING: Final = 2
MAILS_PER_USER: Final = 2
MONTHS_KEPT: Final = 24
LAMBDA_GB_S_PER_REQUEST: Final = 0.1
"""A tenth of a second with 1 GB."""
LOG_KB_PER_REQUEST: Final = 1
ALARM_COUNT: Final = 27
METRIC_COUNT: Final = 30
PROCESSES: Final = 2
_MONTH_S: Final = 30 * 86_400
_CENT: Final = Decimal("0.01")


def _in_cents(usd: Decimal) -> Decimal:
    return usd.quantize(_CENT)


@frozen
class Line:
    service: str
    usage: str
    usd: Decimal = field(converter=_in_cents)


@frozen
class Estimate:
    """A month with so many people and bookings; each process looks for work all the time."""

    users: int
    bookings: int

    @property
    def requests(self) -> int:
        return self.users * REQUESTS_PER_USER

    @property
    def writes(self) -> int:
        return self.bookings * BOOKING.writes + self.users * WRITES_PER_USER

    @property
    def reads(self) -> int:
        looks = PROCESSES * _MONTH_S * LOOK_READS
        return self.bookings * BOOKING.reads + self.requests * READS_PER_REQUEST + looks

    @property
    def stored_gb(self) -> float:
        return self.bookings * MONTHS_KEPT * STORED_BYTES / 1e9

    def lines(self) -> tuple[Line, ...]:
        """The bill, a line for each service."""
        files, out = self.users * FILES_MB_PER_USER / 1e3, self.requests * OUT_KB_PER_REQUEST / 1e6
        logs = self.requests * LOG_KB_PER_REQUEST / 1e6
        mails = self.bookings * MAILS_PER_BOOKING + self.users * MAILS_PER_USER
        watching = prices.ALARMS.of(ALARM_COUNT) + prices.METRICS.of(METRIC_COUNT) + prices.DASHBOARDS.of(1)
        work = self.requests * LAMBDA_GB_S_PER_REQUEST
        return (
            Line("DynamoDB, writes", f"{self.writes / 1e6:.1f} M units", prices.WRITES.of(self.writes)),
            Line("DynamoDB, reads", f"{self.reads / 1e6:.1f} M units", prices.READS.of(self.reads)),
            Line(
                "DynamoDB, storage and recovery",
                f"{self.stored_gb:.1f} GB",
                prices.TABLE_GB.of(self.stored_gb) + prices.RECOVERY_GB.of(self.stored_gb),
            ),
            Line("S3", f"{files:.0f} GB", prices.FILE_GB.of(files) + prices.FILE_READS.of(self.requests)),
            Line("Transfer out", f"{out:.0f} GB", prices.OUT_GB.of(out)),
            Line(
                "Lambda",
                f"{self.requests / 1e6:.1f} M calls",
                prices.LAMBDA_CALLS.of(self.requests) + prices.LAMBDA_GB_S.of(work),
            ),
            Line("SES", f"{mails:,} mails", prices.MAILS.of(mails)),
            Line("CloudWatch", f"{ALARM_COUNT} alarms, {logs:.0f} GB of logs", watching + prices.LOG_GB.of(logs)),
            Line("Cognito, if it is used", f"{self.users:,} users", prices.USERS.of(self.users)),
        )

    @property
    def total(self) -> Decimal:
        return sum((line.usd for line in self.lines()), Decimal(0))
