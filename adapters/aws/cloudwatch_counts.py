"""Our counts in CloudWatch: few, since each name with its dimensions is paid for by the month."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import AwsLine, fault_of
from application.ports.clock import Clock

NAMESPACE: Final = "RelexBooking"
ENVIRONMENT: Final = "Environment"
EVERY_S: Final = 60
_AT_ONCE: Final = 150
"""Well below the most that one request may carry."""
_BUCKETS: Final = "relex_http_seconds_bucket"
_ENDLESS_S: Final = 30.0
"""As what an answer counts that took longer than every bucket."""


class CountsNotTaken(Exception):
    """CloudWatch did not take them. They go with the next ones."""


class Sample(Protocol):
    """One number of those that /metrics shows."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> Mapping[str, str]: ...

    @property
    def value(self) -> float: ...


@frozen
class Told:
    """One of our metrics at CloudWatch, and from which number of ours it comes."""

    name: str
    source: str
    by: str = ""
    """The label that becomes a dimension; all others are summed over."""
    only: tuple[str, str] = ("", "")
    """A label, and how its value begins."""
    unit: str = "Count"

    @property
    def is_counted(self) -> bool:
        """Whether it only grows: then what came since the last time is told."""
        return self.source.endswith("_total")

    def takes(self, sample: Sample) -> bool:
        label, beginning = self.only
        return sample.name == self.source and sample.labels.get(label, "").startswith(beginning)


REQUESTS: Final = Told("Requests", "relex_http_requests_total")
SERVER_ERRORS: Final = Told("ServerErrors", "relex_http_requests_total", only=("status", "5"))
LATENCY: Final = "Latency"
DEAD: Final = Told("OutboxDead", "relex_outbox_dead")
OLDEST_PENDING: Final = Told("OutboxOldestPending", "relex_outbox_oldest_pending_seconds", unit="Seconds")
FINDINGS: Final = Told("FindingsOpen", "relex_findings_open")
QUARANTINED: Final = Told("NoticesSetApart", "relex_notices_set_apart")
OLDEST_AUDIT: Final = Told("AuditOldestUnsealed", "relex_audit_oldest_unsealed_seconds", unit="Seconds")
BOOKINGS: Final = Told("Bookings", "relex_bookings_total", by="status")
PAYMENTS: Final = Told("Payments", "relex_payments_total", by="status")
SCANS: Final = Told("Scans", "relex_scans_total", by="outcome")
TOLD: Final = (
    *(REQUESTS, SERVER_ERRORS, BOOKINGS, PAYMENTS, SCANS, DEAD, OLDEST_PENDING, FINDINGS, QUARANTINED, OLDEST_AUDIT),
    Told("Refunds", "relex_refunds_total", by="status"),
    Told("DocumentsRead", "relex_identity_documents_read_total"),
    Told("NoticesRefused", "relex_notices_refused_total"),
    Told("OutboxDue", "relex_outbox_due"),
    Told("NoticesPending", "relex_notices_pending"),
    Told("NoticesOldestPending", "relex_notices_oldest_pending_seconds", unit="Seconds"),
)

Series = tuple[str, str]
"""The name of a metric, and the value of the label that is its dimension."""


@define(eq=False)
class CountPusher:
    """Sends what this process counted since the last time, and how things stand now.

    Every process sends its own: CloudWatch adds the counts up, and of how things stand its maximum is looked at.
    """

    _line: AwsLine
    _environment: str
    _take_stock: Callable[[], Awaitable[None]]
    _samples: Callable[[], Iterable[Sample]]
    _clock: Clock
    _sent: Mapping[Series, float] = field(init=False, factory=dict)
    _sent_buckets: Mapping[float, float] = field(init=False, factory=dict)

    async def __call__(self) -> int:
        """How many metrics were sent; CountsNotTaken if not all were."""
        await self._take_stock()
        counted, standing = self._sums()
        buckets = self._buckets()
        data = [self._datum(series, value - self._sent.get(series, 0.0)) for series, value in counted.items()]
        data += [self._datum(series, value) for series, value in standing.items()]
        data += self._latency(buckets)
        for start in range(0, len(data), _AT_ONCE):
            await self._put(data[start : start + _AT_ONCE])
        self._sent, self._sent_buckets = counted, buckets
        return len(data)

    def sign_of_life(self) -> dict[str, Any]:
        """The smallest request there is: no requests yet."""
        return {"Namespace": NAMESPACE, "MetricData": [self._datum((REQUESTS.name, ""), 0.0)]}

    async def _put(self, data: list[dict[str, Any]]) -> None:
        try:
            await self._line.do(lambda client: client.put_metric_data(Namespace=NAMESPACE, MetricData=data))
        except (ClientError, BotoCoreError) as error:
            raise CountsNotTaken(f"CloudWatch: {fault_of(error)}") from None

    def _sums(self) -> tuple[dict[Series, float], dict[Series, float]]:
        """What only grows, and how things stand."""
        counted: defaultdict[Series, float] = defaultdict(float)
        standing: defaultdict[Series, float] = defaultdict(float)
        for sample in self._samples():
            for told in TOLD:
                if told.takes(sample):
                    sums = counted if told.is_counted else standing
                    sums[told.name, sample.labels.get(told.by, "")] += sample.value
        return dict(counted), dict(standing)

    def _buckets(self) -> dict[float, float]:
        """How many answers took at most so many seconds, over all routes."""
        found: defaultdict[float, float] = defaultdict(float)
        for sample in self._samples():
            if sample.name == _BUCKETS:
                found[float(sample.labels["le"])] += sample.value
        return dict(found)

    def _latency(self, buckets: Mapping[float, float]) -> list[dict[str, Any]]:
        """The answers since the last time, each told as the longest that its bucket allows."""
        values, counts, below = [], [], 0.0
        for limit in sorted(buckets):
            up_to = buckets[limit] - self._sent_buckets.get(limit, 0.0)
            if up_to > below:
                values.append(min(limit, _ENDLESS_S))
                counts.append(up_to - below)
            below = up_to
        if not values:
            return []
        return [self._named(LATENCY, "") | {"Values": values, "Counts": counts, "Unit": "Seconds"}]

    def _datum(self, series: Series, value: float) -> dict[str, Any]:
        unit = next(told.unit for told in TOLD if told.name == series[0])
        return self._named(*series) | {"Value": value, "Unit": unit}

    def _named(self, name: str, label: str) -> dict[str, Any]:
        dimensions = [{"Name": ENVIRONMENT, "Value": self._environment}]
        by = next((told.by for told in TOLD if told.name == name), "")
        if by and label:
            dimensions.append({"Name": by.capitalize(), "Value": label})
        return {"MetricName": name, "Dimensions": dimensions, "Timestamp": self._clock.now()}
