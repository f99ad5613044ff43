"""What an account at AWS tells of itself: its costs, and who did what in it."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Self

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import fault_of, open_client
from adapters.cli.operations import Charge, CloudUnavailable, Happening
from adapters.settings import Settings

BILLING_REGION: Final = "us-east-1"
"""Cost Explorer answers only there, for all regions."""
METRIC: Final = "UnblendedCost"
PAGES_MAX: Final = 50
_PAGE: Final = 50


@frozen
class AwsAccount:
    """A Cloud."""

    costs: Any
    trail: Any

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """WrongSetting if no region is named."""
        return cls(open_client(settings, "ce", region=BILLING_REGION), open_client(settings, "cloudtrail"))

    def charges(self, start: date, end: date) -> list[Charge]:
        """See Cloud."""
        asked: dict[str, Any] = {
            "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
            "Granularity": "MONTHLY",
            "Metrics": [METRIC],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        }
        found: list[Charge] = []
        for _ in range(PAGES_MAX):
            answer = _asked(lambda: self.costs.get_cost_and_usage(**asked))
            found += [_charge(period, group) for period in answer["ResultsByTime"] for group in period["Groups"]]
            if "NextPageToken" not in answer:
                break
            asked["NextPageToken"] = answer["NextPageToken"]
        return sorted(found, key=lambda charge: (charge.month, -Decimal(charge.amount), charge.service))

    def happenings(self, name: str, since: datetime, until: datetime, count_max: int) -> list[Happening]:
        """See Cloud."""
        asked: dict[str, Any] = {"StartTime": since, "EndTime": until, "MaxResults": min(count_max, _PAGE)}
        if name:
            asked["LookupAttributes"] = [{"AttributeKey": "EventName", "AttributeValue": name}]
        found: list[Happening] = []
        while True:
            answer = _asked(lambda: self.trail.lookup_events(**asked))
            found += [_happening(event) for event in answer["Events"]]
            if len(found) >= count_max or "NextToken" not in answer:
                return found[:count_max]
            asked["NextToken"] = answer["NextToken"]


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise CloudUnavailable(str(fault_of(error))) from None


def _charge(period: Any, group: Any) -> Charge:
    told = group["Metrics"][METRIC]
    month = period["TimePeriod"]["Start"][:7]
    return Charge(month, group["Keys"][0], told["Amount"], told["Unit"], bool(period.get("Estimated")))


def _happening(event: Any) -> Happening:
    # Only the event's own document knows from where it was done.
    document = json.loads(event.get("CloudTrailEvent") or "{}")
    return Happening(
        at=event["EventTime"],
        name=event["EventName"],
        by=event.get("Username", ""),
        source_ip=document.get("sourceIPAddress", ""),
        resources=tuple(resource.get("ResourceName", "") for resource in event.get("Resources", ())),
        id=event["EventId"],
    )
