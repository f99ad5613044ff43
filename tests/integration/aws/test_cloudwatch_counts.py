"""What a process counts, as CloudWatch is told it, over a socket against moto's server."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field, frozen

from adapters.aws import cloudwatch_counts
from adapters.aws.cloudwatch_counts import LATENCY, NAMESPACE, TOLD, CountPusher, CountsNotTaken
from adapters.aws.session import AwsLine, open_client
from adapters.monitoring import metrics
from adapters.monitoring.watching import watching
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.background import Background
from tests.support.aws import nowhere
from tests.support.fake_clock import NOON, FakeClock
from tests.support.world import World


@frozen
class Told:
    name: str
    value: float
    labels: dict[str, str] = field(factory=dict)


def answered(status: str, count: float, route: str = "/events") -> Told:
    return Told("relex_http_requests_total", count, {"route": route, "status": status, "method": "GET"})


@define
class Counts:
    """What this process has counted so far, as a test sets it."""

    now: Sequence[Told] = ()
    stock_taken: int = 0

    async def take_stock(self) -> None:
        self.stock_taken += 1


@pytest.fixture
def client(aws: Settings) -> Any:
    return open_client(aws, "cloudwatch", tries=1)


def pusher(client: Any, counts: Counts) -> CountPusher:
    return CountPusher(AwsLine(client), "test", counts.take_stock, lambda: counts.now, FakeClock())


def sum_of(client: Any, name: str, statistic: str = "Sum", **dimensions: str) -> float:
    wanted = {"Environment": "test"} | dimensions
    points = client.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in wanted.items()],
        StartTime=NOON - timedelta(hours=1),
        EndTime=NOON + timedelta(hours=1),
        Period=7_200,
        Statistics=[statistic],
    )["Datapoints"]
    return sum(float(point[statistic]) for point in points)


async def test_counts_are_told_by_what_came_since_and_add_up(client: Any) -> None:
    counts = Counts([answered("200", 10), answered("500", 2, "/bookings")])
    push = pusher(client, counts)
    await push()
    counts.now = [answered("200", 15), answered("503", 1), answered("500", 2, "/bookings")]
    await push()

    assert sum_of(client, "Requests") == 18
    assert sum_of(client, "ServerErrors") == 3
    assert counts.stock_taken == 2


async def test_without_remembering_what_was_sent_everything_would_count_again(client: Any) -> None:
    """The negative control."""
    counts = Counts([answered("200", 10)])
    push = pusher(client, counts)
    await push()
    push._sent = {}
    await push()

    assert sum_of(client, "Requests") == 20


async def test_two_processes_are_added_up_and_how_things_stand_is_not(client: Any) -> None:
    for _ in range(2):
        await pusher(client, Counts([answered("200", 10), Told("relex_outbox_dead", 3)]))()

    assert sum_of(client, "Requests") == 20
    assert sum_of(client, "OutboxDead", "Maximum") == 3


async def test_only_one_label_becomes_a_dimension(client: Any) -> None:
    scans = [
        Told("relex_scans_total", 2, {"outcome": "refused", "reason": "unpaid"}),
        Told("relex_scans_total", 1, {"outcome": "refused", "reason": "used"}),
        Told("relex_scans_total", 7, {"outcome": "admitted", "reason": ""}),
    ]
    await pusher(client, Counts(scans))()

    assert sum_of(client, "Scans", Outcome="refused") == 3
    assert sum_of(client, "Scans", Outcome="admitted") == 7


async def test_the_time_of_an_answer_is_told_by_its_bucket(client: Any) -> None:
    asked: dict[str, Any] = {}
    client.meta.events.register(
        "provide-client-params.cloudwatch.PutMetricData", lambda params, **_: asked.update(params)
    )
    buckets = [
        *(Told("relex_http_seconds_bucket", 5, {"le": "0.1", "route": "/a"}),),
        *(Told("relex_http_seconds_bucket", 7, {"le": "1.0", "route": route}) for route in ("/a", "/b")),
        *(Told("relex_http_seconds_bucket", 8, {"le": "+Inf", "route": route}) for route in ("/a", "/b")),
    ]
    push = pusher(client, Counts([*buckets, answered("200", 8)]))
    await push()

    [latency] = [datum for datum in asked["MetricData"] if datum["MetricName"] == LATENCY]
    assert dict(zip(latency["Values"], latency["Counts"], strict=True)) == {0.1: 5, 1.0: 9, 30.0: 2}
    asked.clear()
    await push()
    assert asked["MetricData"]
    assert not [datum for datum in asked["MetricData"] if datum["MetricName"] == LATENCY]


async def test_what_was_not_taken_goes_with_the_next(client: Any, aws: Settings) -> None:
    counts = Counts([answered("200", 10)])
    push = pusher(open_client(nowhere(aws), "cloudwatch", tries=1), counts)
    with pytest.raises(CountsNotTaken, match="CloudWatch: AWS says EndpointConnectionError"):
        await push()

    push._line = AwsLine(client)
    counts.now = [answered("200", 11)]
    await push()

    assert sum_of(client, "Requests") == 11


async def test_more_than_one_request_may_carry_goes_in_several(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudwatch_counts, "_AT_ONCE", 1)
    await pusher(client, Counts([answered("200", 10), Told("relex_outbox_due", 4)]))()

    assert (sum_of(client, "Requests"), sum_of(client, "OutboxDue")) == (10, 4)


def test_every_metric_comes_from_one_that_we_count() -> None:
    """One that was renamed would be told as nothing for ever."""
    known = {
        metric.name + ("_total" if metric.type == "counter" else ""): metric for metric in metrics._registry.collect()
    }

    assert {told.source for told in TOLD} <= set(known)
    assert f"{cloudwatch_counts._BUCKETS.removesuffix('_bucket')}" in known
    for told in TOLD:
        labels = getattr(metrics, next(name for name in vars(metrics) if _is(name, told.source)))._labelnames
        assert {told.by, told.only[0]} - {""} <= set(labels)


def _is(name: str, source: str) -> bool:
    made = getattr(metrics, name)
    return getattr(made, "_name", None) == source.removesuffix("_total")


async def test_a_process_counts_by_itself_beside_the_relay(aws: Settings, tmp_path: Path, client: Any) -> None:
    world = World.of(tmp_path)
    [jobs] = watching(evolve(aws, cloudwatch=True, aws_env="test"), world.deeds)

    assert (await jobs.run_once())["push_counts"] > 5
    running = Background(world.deeds, [jobs], relays=False)
    await running.start()
    await running.stop()


def test_nothing_is_told_unless_the_settings_say_so(aws: Settings, tmp_path: Path) -> None:
    assert watching(aws, World.of(tmp_path).deeds) == ()


def test_a_cloudwatch_that_does_not_answer_stops_the_start(aws: Settings, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="RELEX_CLOUDWATCH=true: AWS says EndpointConnectionError"):
        watching(evolve(nowhere(aws), cloudwatch=True), World.of(tmp_path).deeds)
