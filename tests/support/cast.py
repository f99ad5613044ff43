"""One of everything that people own, and one person of every sort: the stage of the access matrix."""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from attrs import define, frozen

from adapters.http.policy import NEEDS_FRESH, Policy, route_handlers
from adapters.http.views import Body
from adapters.persistence.memory import MemoryStore
from adapters.persistence.memory_objects import MemoryObjects
from application.access import Actor
from application.ports.store import Listing
from application.records import TeamRole
from application.use_cases.api_keys import KeyPlan
from application.use_cases.refund_booking import RefundCommand
from domain.account import Role
from domain.api_key import Scope
from domain.booking_outcome import OutcomeState
from domain.money import Money
from domain.refund_policy import FourEyes
from tests import build
from tests.support.dead_letters import give_up
from tests.support.documents import form
from tests.support.guests import GUEST, booked
from tests.support.http_stage import BASE_URL, Caller, Stage
from tests.support.mailed_links import link_in
from tests.support.pictures import png
from tests.support.world import World

MISSING: Final = "00000000000000000000000000"
"""The letters of an identifier that nothing has."""


@frozen
class Route:
    """One way in."""

    method: str
    path: str
    policy: Policy
    needs_fresh: bool
    body: type[Body] | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+):str\}", self.path)


def every_route(stage: Stage) -> list[Route]:
    """All of them, pages too, as the application has them."""
    found = []
    for path, handler in route_handlers(stage.app.routes):
        data = handler.parsed_fn_signature.parameters.get("data")
        body = data.annotation if data is not None and hasattr(data.annotation, "EXAMPLE") else None
        policy, needs_fresh = handler.opt["policy"], bool(handler.opt.get(NEEDS_FRESH))
        found += [Route(method, path, policy, needs_fresh, body) for method in handler.http_methods]
    return sorted(found, key=lambda route: route.name)


@define(eq=False)
class Cast:
    """People, what they own, and a way to put everything back as it was."""

    stage: Stage
    people: Mapping[str, Caller]
    things: Mapping[str, str]
    """What stands for each parameter of a path, and for each identifier in a body."""
    called_off: Mapping[str, str]
    """The same for paths about an event that was called off."""
    _store: MemoryStore
    _objects: MemoryObjects
    _kept: tuple[Any, Any, Any] = ((), (), ())

    @classmethod
    async def of(cls, folder: Path) -> "Cast":
        store, objects = MemoryStore(), MemoryObjects()
        limit = FourEyes({"EUR": Money(2_000, "EUR")})
        world = World.of(folder, store, objects=objects, four_eyes=limit)
        world.lift_limits()
        stage = Stage.around(world)
        people = {
            "anonymous": stage.stranger,
            "user": await stage.caller(),
            "other": await stage.caller(),
            "guest": await _guest(stage),
            "door": await stage.caller(),
            "co_organizer": await stage.caller(),
            "organizer": await stage.organizer(),
            "other_organizer": await stage.organizer(),
            "admin": await stage.caller(Role.ADMIN),
            "superadmin": await stage.caller(Role.SUPERADMIN),
        }
        things, called_off = await _things(world, people)
        cast = cls(stage, people, things, called_off, store, objects)
        cast.keep()
        return cast

    def keep(self) -> None:
        """Everything as it is now is what `put_back` makes of it."""
        self._kept = (dict(self._store._records), copy.deepcopy(self._store._shelf), dict(self._objects._objects))

    def put_back(self) -> None:
        records, shelf, objects = self._kept
        self._store._records = dict(records)
        self._store._shelf = copy.deepcopy(shelf)
        self._objects._objects = dict(objects)

    async def ask(self, person: str, route: Route, *, for_real: bool = True) -> httpx.Response:
        """Ask for what there is or, not `for_real`, for the same where nothing of that name exists."""
        self.stage.client.cookies.clear()
        things = {**self.things, **(self.called_off if "{event_id:str}/cancellation" in route.path else {})}
        if not for_real:
            things = {name: _missing(name, value) for name, value in things.items()}
        path = re.sub(r"\{(\w+):str\}", lambda found: things[found[1]], route.path)
        answer = await self._client_of(person).call(route.method, path, **_sent(route, things))
        self.put_back()
        return answer

    def _client_of(self, person: str) -> Caller:
        caller = self.people[person]
        return _Anywhere(caller._client, caller.actor, caller.token)


class _Anywhere(Caller):
    """Pages know people by their cookie, and only if the form is of our own page."""

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        if path.startswith(("/api/", "/health", "/metrics", "/schema")):
            return await super().call(method, path, **request)
        headers = {"origin": BASE_URL, **request.pop("headers", {})}
        if self.token:
            headers["cookie"] = f"relex={self.token}"
        return await self._client.request(method, path, headers=headers, **request)


async def _guest(stage: Stage) -> Caller:
    """Somebody who bought something without an account, and opened the link of the mail."""
    await booked(stage.world, await stage.world.event())
    opened = await stage.world.deeds.open_guest_session.by_link(link_in(stage.world, GUEST, "guest/open"))
    return Caller(stage.client, Actor.anonymous(), opened.secret)


async def _things(world: World, people: Mapping[str, Caller]) -> tuple[dict[str, str], dict[str, str]]:
    staff, buyer, at_the_door, helper = (people[n].actor for n in ("organizer", "user", "door", "co_organizer"))
    show = await world.event(staff, door_sales=True, in_hours=1)
    sold = await world.buy(buyer, show)
    [ticket] = await world.tickets(sold)
    asked = await world.deeds.refund_booking(
        world.operator, RefundCommand((await world.buy(buyer, show)).id, "all of it")
    )
    request = await world.apply(buyer)
    off = await world.event(staff)
    await world.let(show, at_the_door, TeamRole.DOOR)
    for event in (show, off):
        await world.let(event, helper, TeamRole.CO_ORGANIZER)
    invited = await world.deeds.invite_to_team(staff, show.id, "new@example.com", TeamRole.DOOR)
    owed = build.booking_outcome(event_id=off.id, state=OutcomeState.FAILED)
    finding, notice = build.finding(), build.notice_receipt(gateway="pocket")
    async with world.container.begin()() as work:
        work.findings.add(finding)
        work.booking_outcomes.add(owed)
        work.notices.add(notice)
        await work.commit()
    await world.settle()
    [dead] = await give_up(world)
    show = await world.deeds.add_event_image(staff, show.id, png(), "a stage")
    await world.deeds.move_event.cancel(staff, off.id, off.title)
    promo = await world.promo_code(show)
    plan = KeyPlan("Till", (Scope.BOOKINGS_READ,), owner=buyer.name)
    key = await world.deeds.create_api_key(world.operator, plan)
    [here] = (await people["user"].get("/me/sessions")).json()["items"]
    audit = (await world.container.store().list(Listing("audit", "everything", "all"))).items[0]
    things = {
        "account_id": at_the_door.name,
        "booking_id": sold.id,
        "code": promo.code,
        "document_id": request.document_ids[0],
        "email": people["other"].actor.signed_in().email,
        "entry_id": dead,
        "event_id": show.id,
        "factor_id": f"fac_{MISSING}",
        "finding_id": finding.id,
        "gateway": "pocket",
        "invitation_id": invited.id,
        "key_id": key.key.id,
        "name": show.images[0].key.rpartition("/")[2],
        "notice_id": notice.id,
        "purpose": "sign",
        "record_id": audit.id,
        "refund_id": asked.id,
        "request_id": request.id,
        "role": "organizer",
        "session_id": here["id"],
        "side": "front",
        "subject": ticket.id,
        "ticket_id": ticket.id,
        "ticket_type_id": show.ticket_types[0].id,
        "token": ticket.token,
    }
    return things, {"event_id": off.id, "booking_id": owed.id}


def _missing(name: str, value: str) -> str:
    prefix, has_prefix, letters = value.partition("_")
    if has_prefix and len(letters) == len(MISSING):
        return f"{prefix}_{MISSING}"
    return {"code": "NONE-SUCH", "name": f"{MISSING}.jpg", "gateway": "none"}.get(name, value)


def _sent(route: Route, things: Mapping[str, str]) -> dict[str, Any]:
    """A body that makes sense, about those things."""
    headers = {"idempotency-key": "mine"}
    if route.body is not None:
        return {"json": _about(msgspec.to_builtins(route.body.EXAMPLE), things), "headers": headers}
    if route.path.endswith("/images") and route.method == "POST":
        return {"content": png(), "headers": {**headers, "content-type": "image/png"}, "params": {"alt": "a stage"}}
    if route.path.endswith(("/kyc-requests", "/documents")) and route.method == "POST":
        return {**form(), "headers": headers}
    if route.method == "POST" and not route.path.startswith("/api"):
        return {"headers": {**headers, "content-type": "application/x-www-form-urlencoded"}}
    return {"headers": headers}


def _about(value: Any, things: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: things[name] if name in things and isinstance(inner, str) else _about(inner, things)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_about(inner, things) for inner in value]
    return things["ticket_id"] if isinstance(value, str) and value.startswith("tkt_") else value
