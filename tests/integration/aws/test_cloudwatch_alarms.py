"""Alarms and the dashboard are made as described, and put right if somebody changed them."""

import json
from typing import Any

import pytest

from adapters.aws.bringing_about import bring_about, differing
from adapters.aws.cloudwatch_alarms import BILLING_REGION, Alarm, Ratio, alarms, billing_alarm
from adapters.aws.cloudwatch_counts import LATENCY, NAMESPACE, TOLD
from adapters.aws.cloudwatch_dashboard import Dashboard
from adapters.aws.session import open_client
from adapters.settings import Settings
from tests.support.aws import REGION

TABLES = ("relexbooking-test-booking", "relexbooking-test-event")
ALARMS = alarms("test", "relexbooking-storage-test", TABLES)
TOPIC = f"arn:aws:sns:{REGION}:123456789012:alarms"
DASHBOARD = Dashboard("test", REGION, "relexbooking-storage-test", TABLES)


@pytest.fixture
def client(aws: Settings) -> Any:
    return open_client(aws, "cloudwatch")


def test_all_alarms_are_made_once(client: Any) -> None:
    aspects = [alarm.aspect(client, TOPIC) for alarm in ALARMS]

    assert bring_about(aspects) == tuple(f"alarm {alarm.name}" for alarm in ALARMS)
    assert bring_about(aspects) == ()
    for alarm in client.describe_alarms()["MetricAlarms"]:
        assert (alarm["AlarmActions"], alarm["TreatMissingData"]) == ([TOPIC], "notBreaching")


def test_a_threshold_that_somebody_moved_is_put_back(client: Any) -> None:
    aspects = [alarm.aspect(client) for alarm in ALARMS]
    bring_about(aspects)
    moved = next(alarm for alarm in ALARMS if alarm.name.endswith("given-up"))
    client.put_metric_alarm(**(moved.as_asked() | {"Threshold": 99.0}))

    assert [aspect.name for aspect in differing(aspects)] == ["alarm relexbooking-test-given-up"]
    assert bring_about(aspects) == ("alarm relexbooking-test-given-up",)
    assert differing(aspects) == ()


def test_the_billing_alarm_is_set_where_aws_tells_its_charges(aws: Settings) -> None:
    client = open_client(aws, "cloudwatch", region=BILLING_REGION)
    bring_about([billing_alarm(250).aspect(client, TOPIC)])

    [made] = client.describe_alarms()["MetricAlarms"]
    assert (made["Namespace"], made["MetricName"], made["Threshold"]) == ("AWS/Billing", "EstimatedCharges", 250.0)
    assert open_client(aws, "cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_names_do_not_collide() -> None:
    names = [alarm.name for alarm in (*ALARMS, billing_alarm())]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_an_alarm_listens_to_what_is_told(alarm: Alarm) -> None:
    """An alarm on a name that nobody sends never rings, for no data is no alarm."""
    heard = (alarm.number.part, alarm.number.whole) if isinstance(alarm.number, Ratio) else (alarm.number,)
    told = {told.name for told in TOLD} | {LATENCY}

    assert all(series.name in told for series in heard if series.namespace == NAMESPACE)


def test_the_dashboard_is_made_once_and_put_right(client: Any) -> None:
    aspects = [DASHBOARD.aspect(client)]

    assert bring_about(aspects) == ("dashboard RelexBooking-test",)
    assert bring_about(aspects) == ()
    client.put_dashboard(DashboardName=DASHBOARD.name, DashboardBody=json.dumps({"widgets": []}))
    assert bring_about(aspects) == ("dashboard RelexBooking-test",)
    assert differing(aspects) == ()


def test_widgets_lie_beside_each_other_and_not_over_each_other() -> None:
    widgets = DASHBOARD.body()["widgets"]
    places = [(widget["x"], widget["y"]) for widget in widgets]

    assert len(widgets) == 9
    assert len(set(places)) == len(places)
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets)


def test_the_dashboard_shows_what_is_told() -> None:
    told = {told.name for told in TOLD} | {LATENCY}
    shown = {
        line[1]
        for widget in DASHBOARD.body()["widgets"]
        for line in widget["properties"]["metrics"]
        if line[0] == NAMESPACE
    }

    assert shown <= told
