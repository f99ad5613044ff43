"""Our HTTP application on a whole installation in memory, and people who call it."""

import itertools
import re
from pathlib import Path
from typing import Any, Self

import httpx
from attrs import define, field
from litestar import Litestar

from adapters.http.app import HttpConfig, create_app
from application.access import Actor
from application.deeds import Deeds
from application.ports.payment_gateway import ChargeState
from application.ports.store import Store
from domain.account import Role
from domain.event import Event
from domain.ids import PaymentId
from tests.support.world import PASSWORD, World

BASE_URL = "http://tickets.example"
FOR_PROGRAMS = ("/api/", "/health/", "/metrics")
"""What is called by programs; all else that we route is a page."""
_keys = itertools.count(1)


@define(eq=False)
class Caller:
    """Somebody who calls the API, with a bearer token or without."""

    _client: httpx.AsyncClient
    actor: Actor
    token: str = ""

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**request.pop("headers", {})}
        if self.token:
            headers.setdefault("authorization", f"Bearer {self.token}")
        url = path if path.startswith(("/health", "/metrics", "/schema", "/api/")) else f"/api/v1{path}"
        return await self._client.request(method, url, headers=headers, **request)

    async def get(self, path: str, **request: Any) -> httpx.Response:
        return await self.call("GET", path, **request)

    async def post(self, path: str, body: Any = None, *, key: str = "", **request: Any) -> httpx.Response:
        """With `key` as the Idempotency-Key; "new" makes one."""
        headers = dict(request.pop("headers", {}))
        if key:
            headers["idempotency-key"] = f"key-{next(_keys)}" if key == "new" else key
        return await self.call("POST", path, headers=headers, **_body(body), **request)

    async def patch(self, path: str, body: Any, **request: Any) -> httpx.Response:
        return await self.call("PATCH", path, **_body(body), **request)

    async def put(self, path: str, body: Any, **request: Any) -> httpx.Response:
        return await self.call("PUT", path, **_body(body), **request)

    async def delete(self, path: str, **request: Any) -> httpx.Response:
        return await self.call("DELETE", path, **request)

    async def hold(self, event: Event, quantity: int = 1, *, key: str = "new") -> httpx.Response:
        wanted = [{"ticket_type_id": event.ticket_types[0].id, "quantity": quantity}]
        return await self.post("/bookings", {"event_id": event.id, "tickets": wanted}, key=key)

    async def scan(self, event: Event, token: str, *, gate: str = "North", **more: Any) -> httpx.Response:
        scan = {"token": token, "gate": gate, "scan_id": f"scan-{next(_keys)}", **more}
        return await self.post(f"/events/{event.id}/scans", scan)


_apps: dict[HttpConfig, Litestar] = {}


def _app(deeds: Deeds, config: HttpConfig) -> Litestar:
    """One application for each configuration, given what this test works on: making one takes a quarter of a second."""
    if config not in _apps:
        _apps[config] = create_app(deeds, config)
    _apps[config].state.deeds = deeds
    return _apps[config]


def _body(body: Any) -> dict[str, Any]:
    if body is None:
        return {}
    return {"content": body} if isinstance(body, bytes) else {"json": body}


def counts(text: str) -> dict[str, float]:
    """What /metrics says, by name and labels."""
    return {name: float(value) for name, value in re.findall(r"^(relex_\S+) (\S+)$", text, re.MULTILINE)}


@define(eq=False)
class Stage:
    """`async with Stage.of(folder) as stage`: an installation, its application, and a line to it."""

    world: World
    app: Litestar
    client: httpx.AsyncClient = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = self.browser()

    @classmethod
    def of(cls, folder: Path, store: Store | None = None, *, base_url: str = BASE_URL, **config: Any) -> Self:
        return cls.around(World.of(folder, store), base_url=base_url, **config)

    @classmethod
    def around(cls, world: World, *, base_url: str = BASE_URL, **config: Any) -> Self:
        """The application of an installation that is there."""
        return cls(world, _app(world.deeds, HttpConfig(base_url, **config)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    def browser(self, peer: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A client with cookies of its own. What fails inside shows as an answer, as it does in production."""
        app: Any = self.app  # httpx and Litestar spell the same protocol in types of their own
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)

    @property
    def stranger(self) -> Caller:
        return Caller(self.client, Actor.anonymous())

    async def caller(self, role: Role = Role.USER, *, approved: bool = False) -> Caller:
        """Somebody new of a role, signed in over HTTP."""
        return await self.signed_in(await self.world.person(role, approved=approved))

    async def signed_in(self, actor: Actor) -> Caller:
        body = {"email": actor.signed_in().email, "password": PASSWORD}
        answer = await self.stranger.post("/sessions", body)
        assert answer.status_code == 201, answer.text
        self.client.cookies.clear()
        return Caller(self.client, actor, answer.json()["token"])

    async def organizer(self) -> Caller:
        return await self.caller(Role.ORGANIZER, approved=True)

    async def pay(self, payment: dict[str, Any]) -> httpx.Response:
        """The buyer pays, and the gateway's webhook comes in."""
        self.world.bank.becomes(PaymentId(payment["id"]), ChargeState.CAPTURED)
        headers, body = self.world.bank.notice(PaymentId(payment["id"]))
        return await self.stranger.post("/webhooks/pocket", body, headers=headers)
