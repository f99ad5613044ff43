"""A whole sale that can be killed anywhere and told again: every step carries a key, as a careful client's would."""

import json
import os
import pickle
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

from attrs import define, field, frozen

from application.access import Actor
from application.once import AnsweredAlready, Once
from application.passing import Point
from application.ports.mailer import Mail
from application.ports.payment_gateway import ChargeState
from application.ports.store import Store
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.admission import Admission
from domain.booking import Booking
from domain.event import Event
from domain.ids import BookingId
from tests.support.fake_clock import FakeClock
from tests.support.pocket_gateway import PocketGateway
from tests.support.world import World


@define(eq=False)
class Killer:
    """Kills the process when a point is passed for the n-th time."""

    point: Point
    nth: int
    passed: int = 0

    def __call__(self, point: Point, /) -> None:
        if point is self.point:
            self.passed += 1
            if self.passed == self.nth:
                os.kill(os.getpid(), signal.SIGKILL)


@define(eq=False)
class FileMailbox:
    """Mails that outlive the process which sent them."""

    folder: Path

    async def send(self, mail: Mail) -> None:
        with (self.folder / "mails").open("a") as mails:
            mails.write(json.dumps({"id": mail.id, "to": mail.to}) + "\n")

    def ids(self, to: str) -> list[str]:
        if not (self.folder / "mails").exists():
            return []
        lines = [json.loads(line) for line in (self.folder / "mails").read_text().splitlines()]
        return [line["id"] for line in lines if line["to"] == to]


class FileBank(PocketGateway):
    """A bank that outlives the process which asked it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            self.charges, self.orders, self.refunds = pickle.loads(path.read_bytes())  # noqa: S301 - our own file

    def _answered(self) -> None:
        self.keep()
        super()._answered()

    def keep(self) -> None:
        new = self.path.with_suffix(".new")
        new.write_bytes(pickle.dumps((self.charges, self.orders, self.refunds)))
        new.replace(self.path)


@frozen
class Cast:
    """Who and what a story is about."""

    event: Event
    organizer: Actor
    buyer: Actor
    name: str


@define(eq=False)
class Story:
    """Told on a store by a process that may die; `tell` brings it to its end from wherever it was."""

    world: World
    bank: FileBank
    mailbox: FileMailbox
    cast: Cast
    journal: Path = field(kw_only=True)
    bank_type: ClassVar[type[FileBank]] = FileBank

    @classmethod
    def on(cls, store: Store, folder: Path, cast: Cast, clock: FakeClock, passing: Any) -> Self:
        bank, mailbox = cls.bank_type(folder / "bank"), FileMailbox(folder)
        world = World.of(folder, store, clock=clock, mailer=mailbox, passing=passing, bank=bank)
        return cls(world, bank, mailbox, cast, journal=folder / f"journal-{cast.name}")

    def acknowledged(self, what: str, identifier: str) -> None:
        """What the client was told. It is on the disk before the story goes on."""
        with self.journal.open("a") as journal:
            journal.write(f"{what} {identifier}\n")
            journal.flush()
            os.fsync(journal.fileno())

    def request_key(self, step: str) -> str:
        """The same whenever a step is tried again."""
        return f"{self.cast.name}/{step}"

    async def once(self, key: str, deed: Callable[[Once], Awaitable[Any]]) -> str:
        """The id that the first to succeed answered."""

        def render(result: Any) -> tuple[int, bytes]:
            return 200, str(result.id).encode()

        once = Once.of(self.cast.buyer.name, "story", self.request_key(key), b"", render)
        try:
            found = await self.world.deeds.find_answer(once)
            answer = found.body.decode() if found else str((await deed(once)).id)
        except AnsweredAlready:
            found = await self.world.deeds.find_answer(once)
            assert found is not None, "answered already"
            answer = found.body.decode()
        self.acknowledged(key, answer)
        return answer

    async def tell(self) -> None:
        """One booking is paid and used, another is paid and cancelled."""
        used = await self.sell("used")
        await self.enter(used)
        cancelled = await self.sell("cancelled")
        await self.world.deeds.cancel_booking(self.cast.organizer, CancelBookingCommand(cancelled.id, "sorry"))
        await self.world.settle()

    async def sell(self, name: str) -> Booking:
        deeds, buyer, event = self.world.deeds, self.cast.buyer, self.cast.event
        command = BookPlacesCommand(event.id, ((event.ticket_types[0].id, 2),))
        booking_id = BookingId(await self.once(f"hold-{name}", lambda once: deeds.book_places(buyer, command, once)))
        await self.once(f"pay-{name}", lambda once: deeds.start_payment(buyer, booking_id, once))
        full = await deeds.bookings.show(buyer, booking_id)
        payment = full.payments[0]
        self.bank.becomes(payment.id, ChargeState.CAPTURED)
        self.bank.keep()
        headers, body = self.bank.notice(payment.id)
        await deeds.receive_notice("pocket", headers, body)
        self.acknowledged(f"notice-{name}", payment.id)
        await self.world.settle()
        return (await deeds.bookings.show(buyer, booking_id)).booking

    async def enter(self, booking: Booking) -> Admission:
        event = self.cast.event
        at = self.world.clock.now()
        self.world.clock.set(event.schedule.doors_open_at + timedelta(minutes=10))
        [first, _] = await self.world.tickets(booking)
        admission = await self.world.scan(self.cast.organizer, event, first.token, scan_id=f"scan-{self.cast.name}")
        self.acknowledged("scan", admission.id)
        self.world.clock.set(at)
        return admission


class CarelessStory(Story):
    """Told by a client that makes each request anew, without the key of the first."""

    def request_key(self, step: str) -> str:
        return f"{super().request_key(step)}/{self.world.clock.now()}"
