"""Outages, health, counts, and the description of the API."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import define

from adapters.http.openapi import example_of
from adapters.http.policy import Policy, route_handlers
from adapters.http.problems import STATUS
from adapters.http.views import Body, View
from adapters.monitoring.counting_store import CountingStore
from adapters.persistence.memory import MemoryStore
from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record, StoreUnavailable
from domain.allotment import Allotment
from domain.ids import AllotmentId
from tests.support.http_stage import FOR_PROGRAMS, Stage, counts


@define(eq=False)
class _ShakyStore(MemoryStore):
    """A store that does not answer while it is `down`."""

    down: bool = False

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailable("the line is dead")

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        self._check()
        return await super().get(keys)

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        self._check()
        return await super().allotments(ids)

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        self._check()
        return await super().commit(batch)

    async def list(self, listing: Listing) -> Page[Record]:
        self._check()
        return await super().list(listing)

    async def ping(self) -> None:
        self._check()


async def test_a_store_that_is_down_is_told_and_needs_no_help_to_come_back(tmp_path: Path) -> None:
    store = _ShakyStore()
    async with Stage.of(tmp_path, store) as stage:
        buyer, event = await stage.caller(), await stage.world.event()
        store.down = True

        down = [
            await buyer.hold(event, key="mine"),
            await buyer.get("/me"),
            await stage.stranger.get(f"/events/{event.id}"),
            await stage.stranger.get("/events"),
            await stage.stranger.get("/health/ready"),
        ]
        alive = await stage.stranger.get("/health/live")
        store.down = False
        up = await buyer.hold(event, key="mine")

        assert {(answer.status_code, answer.json()["code"]) for answer in down} == {(503, "unavailable")}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in down)
        assert "line is dead" not in "".join(answer.text for answer in down)
        assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
        assert up.status_code == 201
        assert (await stage.stranger.get("/health/ready")).status_code == 200


async def test_what_happens_is_counted_by_route_and_outcome(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, CountingStore(MemoryStore())) as stage:
        organizer, buyer = await stage.organizer(), await stage.caller()
        event = await stage.world.event(organizer.actor)
        before = counts((await stage.stranger.get("/metrics")).text)

        booking = await stage.world.buy(buyer.actor, event)
        [ticket] = await stage.world.tickets(booking)
        stage.world.open_doors(event)
        await organizer.scan(event, ticket.token)
        await organizer.scan(event, ticket.token)
        for number in range(5):
            await stage.stranger.get(f"/events/made-up-{number}")
            await stage.stranger.get(f"/made-up-{number}")
        answer = await stage.stranger.get("/metrics")

    after = counts(answer.text)
    grown = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert grown['relex_bookings_total{status="held"}'] == 1
    assert grown['relex_bookings_total{status="confirmed"}'] >= 1
    assert grown['relex_payments_total{status="captured"}'] == 1
    assert grown['relex_scans_total{outcome="admitted",reason=""}'] == 1
    assert grown['relex_scans_total{outcome="refused",reason="ticket_used"}'] == 1
    assert grown['relex_http_requests_total{method="GET",route="/api/v1/events/{event_id}",status="404"}'] == 5
    assert grown['relex_http_requests_total{method="GET",route="none",status="404"}'] == 5
    assert after["relex_outbox_due"] >= 0
    assert "made-up" not in answer.text


async def test_counts_are_shown_to_monitoring_alone(stage: Stage) -> None:
    """Without a token: from this machine, and past no proxy."""
    assert (await stage.stranger.get("/metrics")).status_code == 200
    proxied = await stage.stranger.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    assert (proxied.status_code, proxied.json()["code"]) == (404, "not_found")

    async with Stage.of(stage.world.container.settings().data_dir, metrics_token="let-me-see") as guarded:
        assert (await guarded.stranger.get("/metrics")).status_code == 404
        for token, status in (("let-me-see", 200), ("let-me-se", 404), ("", 404)):
            answer = await guarded.stranger.get("/metrics", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status


def _operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


async def test_the_description_says_everything_of_every_route(stage: Stage) -> None:
    answer = await stage.stranger.get("/schema")
    schema = answer.json()
    components = schema["components"]["schemas"]

    assert answer.headers["content-type"] == "application/json"
    assert schema["openapi"].startswith("3.1")
    assert schema["info"]["title"] == "RelexBooking"
    assert schema["servers"] == [{"url": "http://tickets.example"}]
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "cookie", "key"}
    operations = _operations(schema)
    ours = [path for path, _ in route_handlers(stage.app.routes) if path.startswith(FOR_PROGRAMS)]
    assert len(operations) == len(ours)
    known_tags = {tag["name"] for tag in schema["tags"]}

    def has_example(media: dict[str, Any]) -> bool:
        assert all(set(example) <= {"summary", "value"} for example in media.get("examples", {}).values())
        described = media.get("schema", {})
        target = components[described["$ref"].rpartition("/")[2]] if "$ref" in described else described
        return bool(media.get("examples") or target.get("examples"))

    for name, operation in operations:
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= known_tags, name
        if "requestBody" in operation:
            assert any(map(has_example, operation["requestBody"]["content"].values())), name
        for status, response in operation["responses"].items():
            for kind, media in response.get("content", {}).items():
                assert kind == "application/problem+json" if status >= "400" else True, (name, status)
                if "json" in kind:
                    assert has_example(media), (name, status)
        assert {"400", "500", "503"} <= set(operation["responses"]), name


async def test_the_description_is_the_same_in_yaml(stage: Stage) -> None:
    as_json = (await stage.stranger.get("/schema/openapi.json")).json()
    as_yaml = msgspec.yaml.decode((await stage.stranger.get("/schema/openapi.yaml")).content)

    assert as_yaml["paths"].keys() == as_json["paths"].keys()


async def test_a_closed_installation_describes_nothing(stage: Stage) -> None:
    async with Stage.of(stage.world.container.settings().data_dir, open_docs=False) as closed:
        assert (await closed.stranger.get("/schema")).status_code == 404
        assert (await closed.stranger.get("/events")).status_code == 200


def _all(of: type[Any]) -> set[type[Any]]:
    return {of}.union(*(_all(kind) for kind in of.__subclasses__()))


@pytest.mark.parametrize("kind", list(_all(Body) | _all(View)), ids=lambda kind: kind.__name__)
def test_every_example_is_one(kind: type[Any]) -> None:
    """It reads as what it is an example of, strictly."""
    if kind in {Body, View} or kind.__module__.startswith("tests") or kind.__name__ == "PageView":
        return
    example = example_of(kind)
    assert example is not None, f"{kind.__name__} has no example"

    read = msgspec.json.decode(msgspec.json.encode(example), type=kind)

    assert set(example) <= set(kind.__struct_fields__)
    assert issubclass(kind, Body) or set(example) == set(kind.__struct_fields__)
    assert read == msgspec.json.decode(msgspec.json.encode(read), type=kind)


async def test_every_documented_problem_exists_and_every_route_says_who_may(stage: Stage) -> None:
    for path, handler in route_handlers(stage.app.routes):
        assert isinstance(handler.opt["policy"], Policy), path
        for status, spec in (handler.responses or {}).items():
            codes = [example.summary for example in spec.examples or ()]
            assert codes, path
            assert {STATUS[code] for code in codes if code} == {status}, path
