from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import define

from adapters.cli.operations import Charge, Happening
from tests.support.command_line import CommandLine

AT = datetime.now(UTC) - timedelta(hours=1)
DEED = Happening(AT, "PutBucketPolicy", "mallory", "198.51.100.7", ("relexbooking-storage-prod",), "e-1")


@define
class _Account:
    """Tells what a test says, and notes what it was asked."""

    asked: tuple[object, ...] = ()

    def charges(self, start: date, end: date) -> list[Charge]:
        self.asked = (start, end)
        return [
            Charge("2026-10", "Amazon DynamoDB", "12.3456789", "USD", is_estimate=False),
            Charge("2026-10", "Amazon Simple Storage Service", "0.0049", "USD", is_estimate=False),
        ]

    def happenings(self, name: str, since: datetime, until: datetime, count_max: int) -> list[Happening]:
        self.asked = (name, since, until, count_max)
        return [DEED] if name in {"", DEED.name} else []


@pytest.fixture
def account(line: CommandLine) -> _Account:
    line.operations.given_cloud = account = _Account()
    return account


def test_costs_are_told_by_service_and_in_all(line: CommandLine, account: _Account) -> None:
    document = line.json("aws", "costs", "--start", "2026-10-01", "--end", "2026-11-01")

    assert account.asked == (date(2026, 10, 1), date(2026, 11, 1))
    assert [item["service"] for item in document["items"]] == ["Amazon DynamoDB", "Amazon Simple Storage Service"]
    assert document["totals"] == [{"month": "2026-10", "currency": "USD", "amount": "12.3505789"}]
    said = line.ok("aws", "costs", "--start", "2026-10-01", "--end", "2026-11-01")
    assert "12.35 USD" in said
    assert "0.00 USD" in said


def test_costs_are_those_of_this_month_unless_said_otherwise(line: CommandLine, account: _Account) -> None:
    line.ok("aws", "costs")

    start, end = account.asked
    assert isinstance(start, date)
    assert start.day == 1
    assert start < end  # type: ignore[operator]  # both are days


def test_deeds_are_told_with_who_and_from_where(line: CommandLine, account: _Account) -> None:
    document = line.json("aws", "trail", "--event-name", "PutBucketPolicy", "--limit", "7")

    assert (account.asked[0], account.asked[3]) == ("PutBucketPolicy", 7)
    assert document["items"] == [
        {
            "at": AT.isoformat(),
            "name": "PutBucketPolicy",
            "by": "mallory",
            "source_ip": "198.51.100.7",
            "resources": ["relexbooking-storage-prod"],
            "id": "e-1",
        }
    ]
    assert "mallory" in line.ok("aws", "trail")
    assert "Nothing of that kind" in line.ok("aws", "trail", "--event-name", "Decrypt")


@pytest.mark.parametrize(
    "words",
    [
        ("costs", "--start", "2026-11-01", "--end", "2026-11-01"),
        ("trail", "--since", "2026-01-01", "--until", "2025-01-01"),
        ("trail", "--since", "2020-01-01"),
        ("trail", "--limit", "0"),
    ],
)
def test_a_span_that_cannot_be_is_a_usage_error(line: CommandLine, account: _Account, words: tuple[str, ...]) -> None:
    assert line.type("aws", *words).exit_code == 2


def test_an_account_that_does_not_let_us_look_is_told(line: CommandLine) -> None:
    answer = line.type("aws", "trail")

    assert answer.exit_code == 6
    assert "AWS says AccessDenied" in answer.stderr
