"""A whole installation inside a test: the real parts, wired as in production, on a clock that the test moves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import Factory, define
from dependency_injector import providers

from adapters.identity.argon2_hasher import Argon2Hasher
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.memory import MemoryStore
from adapters.randomness import SystemRandomness
from adapters.settings import Settings
from application.access import Actor
from application.deeds import Deeds
from application.document_custody import DocumentUpload
from application.gateways import Gateways
from application.limits import LIMITS
from application.ports.mailer import Mail
from application.ports.payment_gateway import ChargeState
from application.ports.store import Store
from application.records import Session, TeamRole
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.create_event import EventPlan, TicketTypePlan
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.scan_ticket import ScanCommand
from domain.account import Account, Role
from domain.admission import Admission
from domain.booking import Booking
from domain.event import Event, Venue
from domain.kyc import KycRequest
from domain.payment import Payment
from domain.promo_code import PromoCode
from domain.ticket import Ticket
from tests.support.documents import passport
from tests.support.fake_clock import FakeClock
from tests.support.pocket_gateway import PocketGateway
from wiring.container import Container

FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@define(eq=False)
class Mailbox:
    """A Mailer that keeps what it was given."""

    mails: list[Mail] = Factory(list)

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    def to(self, address: str) -> Sequence[Mail]:
        return [mail for mail in self.mails if mail.to == address]


def _just_opened(account: Account) -> Session:
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return Session("", account.id, account.epoch, at, FAR_AWAY, fresh_until=FAR_AWAY)


@define(eq=False)
class World:
    """`World.of(folder)` is an empty installation on memory; `store` puts it on another one."""

    container: Container
    deeds: Deeds
    clock: FakeClock
    mailbox: Mailbox
    bank: PocketGateway
    operator: Actor = Factory(lambda: Actor.operator("test"))
    _people: int = 0

    @classmethod
    def of(
        cls,
        folder: Path,
        store: Store | None = None,
        *,
        clock: FakeClock | None = None,
        bank: PocketGateway | None = None,
        mfa_required: tuple[str, ...] = ("none",),
        live_max: int = 0,
        **overrides: Any,
    ) -> "World":
        clock, mailbox, bank = clock or FakeClock(), Mailbox(), bank or PocketGateway()
        # One person of a test may hold what it likes: how many one may have has a test of its own.
        container = Container(
            settings=Settings(data_dir=folder, payments=("pocket",), mfa_required=mfa_required, hold_live_max=live_max)
        )
        parts: dict[str, Any] = {
            "clock": clock,
            "randomness": SystemRandomness(),
            "store": store or GatheringStore(MemoryStore()),
            "mailer": mailbox,
            "hasher": Argon2Hasher(memory_kib=8),
            "gateways": Gateways({"pocket": bank.as_gateway()}),
            **overrides,
        }
        for name, part in parts.items():
            getattr(container, name).override(providers.Object(part))
        return cls(container, container.deeds(), clock, mailbox, bank)

    def lift_limits(self) -> None:
        """For a test that asks more often than any person does."""
        self.container.limits()._otherwise = dict.fromkeys(LIMITS)

    async def settle(self) -> None:
        """Let the relay, and the job that ends the bookings of cancelled events, work until nothing is due."""
        await self.deeds.relay.drain()
        while await self.deeds.cancel_bookings():
            await self.deeds.relay.drain()

    async def person(self, role: Role = Role.USER, *, email: str = "", approved: bool = False) -> Actor:
        """Somebody new who has signed up, and in so lately that nothing is asked again, however the clock moves."""
        self._people += 1
        command = CreateAccountCommand(
            email or f"{role}{self._people}@example.com", f"Person {self._people}", PASSWORD, role, approved=approved
        )
        account = await self.deeds.create_account(self.operator, command)
        stored = await self.deeds.accounts.show(self.operator, account.id)
        return Actor.person(stored, _just_opened(stored))

    async def person_called(self, name: str, *, organizer: bool = False) -> Actor:
        """Somebody with a name of their own, for stores that outlive the test's process."""
        role = Role.ORGANIZER if organizer else Role.USER
        return await self.person(role, email=f"{name}@example.com", approved=organizer)

    async def apply(self, applicant: Actor, *documents: DocumentUpload) -> KycRequest:
        """Ask to become an organizer, with a passport unless the test says otherwise."""
        command = ApplyForKycCommand("Ana Silva", documents or (passport(),))
        return await self.deeds.apply_for_kyc(applicant, command)

    async def organizer(self) -> Actor:
        return await self.person(Role.ORGANIZER, approved=True)

    async def event(
        self,
        organizer: Actor | None = None,
        *,
        capacity: int = 10,
        price: str = "25.00",
        published: bool = True,
        in_hours: float = 48,
        **plan: Any,
    ) -> Event:
        """A concert with one ticket type, two days from now."""
        owner = organizer or await self.organizer()
        starts_at = self.clock.now() + timedelta(hours=in_hours)
        event = await self.deeds.create_event(
            owner,
            EventPlan(
                **{
                    "title": "Concert",
                    "venue": Venue("Hall", "1 Street", "Pune"),
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=3),
                    "zone": "Asia/Kolkata",
                    "currency": "EUR",
                    "ticket_types": (TicketTypePlan("Standard", price, capacity),),
                    **plan,
                }
            ),
        )
        return await self.deeds.move_event.publish(owner, event.id) if published else event

    async def hold(self, buyer: Actor, event: Event, quantity: int = 1, *, promo_code: str = "") -> Booking:
        wanted = ((event.ticket_types[0].id, quantity),)
        command = BookPlacesCommand(event.id, wanted, promo_code=promo_code)
        return await self.deeds.book_places(buyer, command)

    async def promo_code(self, event: Event, code: str = "EARLY-20", **plan: Any) -> PromoCode:
        """A fifth off, unless the plan says otherwise."""
        terms = plan if "amount" in plan else {"percent": 20, **plan}
        return await self.deeds.create_promo_code(self.operator, event.id, PromoCodePlan(code, **terms))

    async def uses(self, promo: PromoCode) -> tuple[int, int]:
        """By bookings that are held, and by those that are confirmed."""
        shown = await self.deeds.promo_codes.show(self.operator, promo.event_id, promo.code)
        return shown.held, shown.confirmed

    async def start_payment(self, buyer: Actor, booking: Booking) -> Payment:
        return await self.deeds.start_payment(buyer, booking.id)

    async def bank_says(self, payment: Payment, state: ChargeState, *, notice_id: str = "") -> None:
        """The buyer does something on the page, and the bank tells us."""
        self.bank.becomes(payment.id, state, at=self.clock.now() if state is ChargeState.CAPTURED else None)
        headers, body = self.bank.notice(payment.id, notice_id)
        await self.deeds.receive_notice("pocket", headers, body)
        await self.settle()

    async def buy(self, buyer: Actor, event: Event, quantity: int = 1, *, promo_code: str = "") -> Booking:
        """Hold, pay, and wait for the tickets."""
        return await self.buy_held(buyer, await self.hold(buyer, event, quantity, promo_code=promo_code))

    async def buy_held(self, buyer: Actor, booking: Booking) -> Booking:
        """Pay for what is held, and wait for the tickets."""
        if booking.price:
            payment = await self.start_payment(buyer, booking)
            await self.bank_says(payment, ChargeState.CAPTURED)
        await self.settle()
        return await self.booking(booking)

    async def booking(self, booking: Booking) -> Booking:
        """As it now is."""
        return (await self.deeds.bookings.show(self.operator, booking.id)).booking

    async def tickets(self, booking: Booking) -> Sequence[Ticket]:
        return (await self.deeds.bookings.show(self.operator, booking.id)).tickets

    async def scan(
        self,
        actor: Actor,
        event: Event,
        token: str,
        *,
        gate: str = "North",
        scan_id: str = "",
        count: int | None = None,
    ) -> Admission:
        """Each call is another scan, unless it says which."""
        self._people += 1
        command = ScanCommand(event.id, token, gate, scan_id or f"scan-{self._people}", count)
        return await self.deeds.scan_ticket(actor, command)

    async def let(self, event: Event, person: Actor, role: TeamRole) -> None:
        """Somebody works at the event from now on."""
        await self.deeds.grant_at_event(self.operator, event.id, person.signed_in().email, role)

    def open_doors(self, event: Event) -> None:
        self.clock.set(event.schedule.doors_open_at + timedelta(minutes=1))
