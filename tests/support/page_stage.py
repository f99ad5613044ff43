"""People in front of our pages: browsers with cookies, forms and no script."""

import pickle
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import httpx
import zxingcpp
from attrs import Factory, define
from PIL import Image

from adapters.http.policy import Policy, route_handlers
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from application.access import Actor
from application.ports.payment_gateway import ChargeState
from domain.booking import Booking
from domain.event import Event
from domain.ids import PaymentId
from tests.support.form_browser import FormBrowser
from tests.support.http_stage import BASE_URL, FOR_PROGRAMS, Stage
from tests.support.world import PASSWORD, World

FORM = "application/x-www-form-urlencoded"
NOBODY = "none_00000000000000000000000000"


def decoded(png: bytes) -> str:
    [code] = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    return code.text


@define(eq=False)
class PageStage:
    """An installation in memory and its pages."""

    stage: Stage
    memory: MemoryStore
    clients: list[httpx.AsyncClient] = Factory(list)

    @classmethod
    def of(cls, folder: Path, **config: Any) -> Self:
        memory = MemoryStore()
        return cls(Stage.of(folder, GatheringStore(memory), **config), memory)

    async def close(self) -> None:
        for client in (*self.clients, self.stage.client):
            await client.aclose()

    @property
    def world(self) -> World:
        return self.stage.world

    def browser(self, **headers: str) -> FormBrowser:
        """A stranger, whose browser says where its forms come from."""
        client = self.stage.browser(**{"origin": BASE_URL, **headers})
        self.clients.append(client)
        return FormBrowser(client)

    async def signed_in(self, actor: Actor) -> FormBrowser:
        browser = self.browser()
        await browser.open("/sign-in")
        await browser.press("Sign in", email=actor.signed_in().email, password=PASSWORD)
        assert browser.response.status_code == 303, browser.response.text
        return browser

    async def pays(self, page_url: str) -> None:
        """The buyer pays on the gateway's page, and the gateway tells us."""
        payment_id = PaymentId(page_url.rpartition("/")[2])
        self.world.bank.becomes(payment_id, ChargeState.CAPTURED)
        headers, body = self.world.bank.notice(payment_id)
        await self.stage.stranger.post("/webhooks/pocket", body, headers=headers)
        await self.world.settle()

    def digest(self) -> bytes:
        """All that is stored."""
        return pickle.dumps((self.memory._records, self.memory._shelf))

    def routes(self) -> Iterator[tuple[str, str, Policy]]:
        """Method, path and policy of every page."""
        for path, handler in route_handlers(self.stage.app.routes):
            if not path.startswith((*FOR_PROGRAMS, "/schema")):
                for method in sorted(handler.http_methods):
                    yield method, path, handler.opt["policy"]

    def paths(self, method: str, known: dict[str, str]) -> list[str]:
        """The path of every page with that method, filled with what is `known` or with what nothing is called."""
        templates = [path for each, path, _ in self.routes() if each == method]
        return [re.sub(r"\{(\w+):str\}", lambda part: known.get(part[1], NOBODY), path) for path in templates]


@define
class Shown:
    """Something of each kind to be looked at."""

    buyer: Actor
    event: Event
    booking: Booking
    known: dict[str, str]

    @classmethod
    async def on(cls, stage: PageStage, **plan: Any) -> Self:
        world = stage.world
        buyer = await world.person()
        event = await world.event(**plan)
        booking = await world.buy(buyer, event, 2)
        tickets = await world.tickets(booking)
        known = {"event_id": event.id, "booking_id": booking.id, "ticket_id": tickets[0].id}
        return cls(buyer, event, booking, known)
