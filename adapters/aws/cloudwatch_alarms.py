"""Alarms as they shall be: by the guide, and for what only a person can mend."""

from typing import Any, Final

from attrs import field, frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.cloudwatch_counts import (
    DEAD,
    ENVIRONMENT,
    FINDINGS,
    LATENCY,
    NAMESPACE,
    OLDEST_AUDIT,
    OLDEST_PENDING,
    QUARANTINED,
    REQUESTS,
    SERVER_ERRORS,
)

BILLING_REGION: Final = "us-east-1"
"""Only there does AWS tell what it charges, for all regions together."""
_DAY_S: Final = 86_400
_GIGABYTE: Final = 10**9


@frozen
class Series:
    """A metric, with the dimensions that make it one line."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    def as_asked(self) -> dict[str, Any]:
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        return {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}


@frozen
class Ratio:
    """How many of a hundred, in each period; nothing while there are none to count."""

    part: Series
    whole: Series


@frozen
class Alarm:
    """Rings while a number is above its threshold for so many periods in a row. No data is no alarm."""

    name: str
    told: str
    number: Series | Ratio
    above: float = field(converter=float)
    statistic: str = "Maximum"
    """Sum, Maximum, or a percentile as p99."""
    period_s: int = 300
    periods: int = 1

    def as_asked(self, notify: str = "") -> dict[str, Any]:
        """In the words of CloudWatch; `notify` is the SNS topic that hears of it."""
        asked: dict[str, Any] = {
            "AlarmName": self.name,
            "AlarmDescription": self.told,
            "Threshold": self.above,
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": self.periods,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [notify] if notify else [],
        }
        if isinstance(self.number, Ratio):
            return asked | {"Metrics": self._queries(self.number)}
        key = "ExtendedStatistic" if self.statistic.startswith("p") else "Statistic"
        return asked | self.number.as_asked() | {"Period": self.period_s, key: self.statistic}

    def _queries(self, ratio: Ratio) -> list[dict[str, Any]]:
        sums = [
            {
                "Id": id_,
                "MetricStat": {"Metric": series.as_asked(), "Period": self.period_s, "Stat": "Sum"},
                "ReturnData": False,
            }
            for id_, series in (("part", ratio.part), ("whole", ratio.whole))
        ]
        share = {"Id": "share", "Label": self.name, "Expression": "100 * part / whole", "ReturnData": True}
        return [*sums, share]

    def aspect(self, client: Any, notify: str = "") -> Aspect:
        """This alarm at CloudWatch."""
        wanted = self.as_asked(notify)

        def read() -> dict[str, Any] | None:
            found = client.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
            return {name: found[0].get(name) for name in wanted} if found else None

        return Aspect(f"alarm {self.name}", wanted, read, lambda: client.put_metric_alarm(**wanted))


def alarms(env: str, bucket: str = "", tables: tuple[str, ...] = ()) -> tuple[Alarm, ...]:
    """Those of one installation: by the guide's table, and for what only a person can mend."""

    def ours(name: str) -> Series:
        return Series(NAMESPACE, name, ((ENVIRONMENT, env),))

    def called(name: str) -> str:
        return f"relexbooking-{env}-{name}"

    errors = Ratio(ours(SERVER_ERRORS.name), ours(REQUESTS.name))
    return (
        Alarm(called("errors-warning"), "More than 1 % of answers are errors of ours", errors, 1, periods=2),
        Alarm(called("errors-critical"), "More than 5 % of answers are errors of ours", errors, 5, periods=2),
        Alarm(called("slow-warning"), "One answer in a hundred takes over 1 s", ours(LATENCY), 1, "p99", periods=2),
        Alarm(called("slow-critical"), "One answer in a hundred takes over 3 s", ours(LATENCY), 3, "p99", periods=2),
        Alarm(called("given-up"), "Facts were given up: relexbooking outbox list", ours(DEAD.name), 0),
        Alarm(called("behind"), "A fact waits for over 15 minutes", ours(OLDEST_PENDING.name), 900),
        Alarm(called("findings"), "Our books and a provider's differ: docs/money.md", ours(FINDINGS.name), 0),
        Alarm(called("set-apart"), "Money came that is not what we asked for", ours(QUARANTINED.name), 0),
        Alarm(called("audit"), "Audit records are not sealed for over 5 minutes", ours(OLDEST_AUDIT.name), 300),
        *(_throttled(called(f"throttled-{table}-{kind.lower()}"), table, kind) for table in tables for kind in _KINDS),
        *((_storage(called("storage"), bucket),) if bucket else ()),
    )


_KINDS: Final = ("Read", "Write")


def _throttled(name: str, table: str, kind: str) -> Alarm:
    series = Series("AWS/DynamoDB", f"{kind}ThrottleEvents", (("TableName", table),))
    return Alarm(name, "DynamoDB held us up more than ten times in an hour", series, 10, "Sum", period_s=3_600)


def _storage(name: str, bucket: str) -> Alarm:
    """S3 tells its size once a day; growth is seen against a budget, and in the dashboard."""
    series = Series("AWS/S3", "BucketSizeBytes", (("BucketName", bucket), ("StorageType", "StandardStorage")))
    return Alarm(name, "The bucket for files holds more than 500 GB", series, 500 * _GIGABYTE, period_s=_DAY_S)


def billing_alarm(limit_usd: float = 100.0) -> Alarm:
    """What AWS will charge this month, of the whole account. Set it with a client of BILLING_REGION."""
    series = Series("AWS/Billing", "EstimatedCharges", (("Currency", "USD"),))
    return Alarm("relexbooking-billing", f"AWS charges more than {limit_usd:g} USD", series, limit_usd, period_s=21_600)
