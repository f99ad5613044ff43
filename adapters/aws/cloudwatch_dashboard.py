"""One page at CloudWatch on which an installation is seen."""

import json
from typing import Any, Final

from attrs import frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.cloudwatch_alarms import Series
from adapters.aws.cloudwatch_counts import (
    BOOKINGS,
    DEAD,
    ENVIRONMENT,
    FINDINGS,
    LATENCY,
    NAMESPACE,
    OLDEST_PENDING,
    PAYMENTS,
    QUARANTINED,
    REQUESTS,
    SCANS,
    SERVER_ERRORS,
    Told,
)
from domain.admission import AdmissionOutcome
from domain.booking import BookingStatus
from domain.payment import PaymentStatus

WIDTH: Final = 12
HEIGHT: Final = 6
_ACROSS: Final = 24
_NOT_THERE: Final = frozenset({"ResourceNotFound", "DashboardNotFoundError"})


@frozen
class Chart:
    title: str
    lines: tuple[Series, ...]
    statistic: str = "Sum"
    period_s: int = 300


@frozen
class Dashboard:
    """The guide's page for one installation, and what its money does."""

    env: str
    region: str
    bucket: str = ""
    tables: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"RelexBooking-{self.env}"

    def charts(self) -> tuple[Chart, ...]:
        """In reading order."""
        waiting = (self._ours(OLDEST_PENDING.name),)
        people = (self._ours(DEAD.name), self._ours(FINDINGS.name), self._ours(QUARANTINED.name))
        size = Series("AWS/S3", "BucketSizeBytes", (("BucketName", self.bucket), ("StorageType", "StandardStorage")))
        return (
            Chart("Requests and errors of ours", (self._ours(REQUESTS.name), self._ours(SERVER_ERRORS.name))),
            Chart("Slowest of a hundred answers", (self._ours(LATENCY),), "p99"),
            Chart(
                "Bookings",
                self._each(BOOKINGS, (BookingStatus.CONFIRMED, BookingStatus.CANCELLED, BookingStatus.EXPIRED)),
            ),
            Chart("Payments", self._each(PAYMENTS, (PaymentStatus.CAPTURED, PaymentStatus.FAILED))),
            Chart("Scans", self._each(SCANS, (AdmissionOutcome.ADMITTED, AdmissionOutcome.REFUSED))),
            Chart("Waits for longest", waiting, "Maximum"),
            Chart("Needs a person", people, "Maximum"),
            *((Chart("Size of files", (size,), "Average", 86_400),) if self.bucket else ()),
            *((Chart("Units read and written", self._units()),) if self.tables else ()),
        )

    def _ours(self, name: str, *more: tuple[str, str]) -> Series:
        return Series(NAMESPACE, name, ((ENVIRONMENT, self.env), *more))

    def _each(self, told: Told, values: tuple[str, ...]) -> tuple[Series, ...]:
        return tuple(self._ours(told.name, (told.by.capitalize(), value)) for value in values)

    def _units(self) -> tuple[Series, ...]:
        return tuple(
            Series("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", (("TableName", table),))
            for table in self.tables
            for kind in ("Read", "Write")
        )

    def body(self) -> dict[str, Any]:
        """In the words of CloudWatch."""
        return {"widgets": [self._widget(number, chart) for number, chart in enumerate(self.charts())]}

    def text(self) -> str:
        """The same as CloudWatch takes it."""
        return json.dumps(self.body())

    def _widget(self, number: int, chart: Chart) -> dict[str, Any]:
        row, left = divmod(number * WIDTH, _ACROSS)
        lines = [
            [series.namespace, series.name, *(word for dimension in series.dimensions for word in dimension)]
            for series in chart.lines
        ]
        shown = {"title": chart.title, "stat": chart.statistic, "period": chart.period_s, "region": self.region}
        return {
            "type": "metric",
            "x": left,
            "y": row * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": shown | {"metrics": lines, "view": "timeSeries"},
        }

    def aspect(self, client: Any) -> Aspect:
        """This page at CloudWatch."""
        wanted = self.body()

        def read() -> Any:
            try:
                return json.loads(client.get_dashboard(DashboardName=self.name)["DashboardBody"])
            except ClientError as error:
                if error.response["Error"]["Code"] not in _NOT_THERE:
                    raise
                return None

        return Aspect(
            f"dashboard {self.name}",
            wanted,
            read,
            lambda: client.put_dashboard(DashboardName=self.name, DashboardBody=self.text()),
        )
