"""Costs and deeds as AWS tells them, by botocore's stub: moto knows no look-ups in CloudTrail, nor pages of costs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from adapters.aws.account_reports import AwsAccount
from adapters.cli.operations import Charge, CloudUnavailable
from adapters.settings import Settings
from tests.support.aws import nowhere

START, END = date(2026, 10, 1), date(2026, 11, 1)
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def account(aws: Settings) -> AwsAccount:
    return AwsAccount.of(aws)


@pytest.fixture
def costs(account: AwsAccount) -> Iterator[Stubber]:
    with Stubber(account.costs) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def trail(account: AwsAccount) -> Iterator[Stubber]:
    with Stubber(account.trail) as stub:
        yield stub
        stub.assert_no_pending_responses()


def month(*services: tuple[str, str], after: str = "") -> dict[str, Any]:
    groups = [
        {"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
        for service, amount in services
    ]
    period = {"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Groups": groups, "Estimated": False}
    return {"ResultsByTime": [period]} | ({"NextPageToken": after} if after else {})


def asked(**more: Any) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    } | more


def test_all_pages_of_costs_are_read_and_the_dearest_is_first(account: AwsAccount, costs: Stubber) -> None:
    costs.add_response("get_cost_and_usage", month(("S3", "9.5"), after="more"), asked())
    costs.add_response("get_cost_and_usage", month(("DynamoDB", "10.25")), asked(NextPageToken="more"))

    assert account.charges(START, END) == [
        Charge("2026-10", "DynamoDB", "10.25", "USD", is_estimate=False),
        Charge("2026-10", "S3", "9.5", "USD", is_estimate=False),
    ]


def test_an_account_without_costs_has_none(account: AwsAccount) -> None:
    """Over the socket: moto tells an empty list."""
    assert account.charges(START, END) == []


def event(number: int) -> dict[str, Any]:
    return {
        "EventId": f"e-{number}",
        "EventName": "Decrypt",
        "EventTime": SINCE,
        "Username": "relexbooking",
        "Resources": [{"ResourceName": "key/1", "ResourceType": "AWS::KMS::Key"}],
        "CloudTrailEvent": '{"sourceIPAddress": "198.51.100.7"}',
    }


def test_deeds_of_one_name_are_looked_up_over_pages_until_there_are_enough(account: AwsAccount, trail: Stubber) -> None:
    question = {
        "StartTime": SINCE,
        "EndTime": UNTIL,
        "MaxResults": 3,
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}],
    }
    trail.add_response("lookup_events", {"Events": [event(1), event(2)], "NextToken": "more"}, question)
    trail.add_response("lookup_events", {"Events": [event(3), event(4)]}, question | {"NextToken": "more"})

    found = account.happenings("Decrypt", SINCE, UNTIL, 3)

    assert [each.id for each in found] == ["e-1", "e-2", "e-3"]
    assert (found[0].by, found[0].source_ip, found[0].resources) == ("relexbooking", "198.51.100.7", ("key/1",))


def test_a_deed_without_any_details_is_told_all_the_same(account: AwsAccount, trail: Stubber) -> None:
    bare = {"EventId": "e-1", "EventName": "Decrypt", "EventTime": SINCE}
    trail.add_response("lookup_events", {"Events": [bare]}, {"StartTime": SINCE, "EndTime": UNTIL, "MaxResults": 50})

    [found] = account.happenings("", SINCE, UNTIL, 100)

    assert (found.by, found.source_ip, found.resources) == ("", "", ())


def test_a_refusal_is_told_without_aws_own_words(account: AwsAccount, costs: Stubber) -> None:
    costs.add_client_error("get_cost_and_usage", "AccessDeniedException", "user arn:aws:iam::1:user/ada", 400)

    with pytest.raises(CloudUnavailable, match=r"^AWS says AccessDeniedException$"):
        account.charges(START, END)


def test_no_answer_is_told(aws: Settings) -> None:
    with pytest.raises(CloudUnavailable, match="EndpointConnectionError"):
        AwsAccount.of(nowhere(aws)).happenings("", SINCE, UNTIL, 1)
