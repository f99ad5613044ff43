"""Plays the demonstration's cast through the use cases. What is there already is left as it is."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from attrs import define, field

from adapters.cli.demo_cast import (
    PASSPORT_NUMBER,
    PASSPORT_SCAN,
    PASSWORD,
    PEOPLE,
    SUPERADMIN,
    Occasion,
    Person,
    Purchase,
)
from adapters.cli.operations import DemoStage
from adapters.setting_checks import WrongSetting
from application.access import Actor
from application.document_custody import DocumentUpload
from application.errors import AlreadyExists, NotFound
from application.queries.accounts import AccountFilter
from application.records import TeamRole
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.book_places import BookPlacesCommand
from application.use_cases.create_event import EventPlan
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.scan_ticket import ScanCommand
from domain.account import Account
from domain.admission import AdmissionOutcome
from domain.booking import Booking
from domain.event import Event, EventStatus
from domain.identity_document import DocumentType, Side

_APPLICANT = "pia@demo.example"
_PAGE = 100


@define(eq=False)
class Seeding:
    """Loads the data once: a second run finds it, and adds only what is missing."""

    stage: DemoStage
    operator: Actor
    wait_for_sandbox: Callable[[], None]
    now: datetime = field(init=False)
    """When it began, on the machine's clock."""
    people: dict[str, Account] = field(factory=dict)
    made: int = 0
    """How many accounts, events and bookings are new."""

    async def run(self, occasions: tuple[Occasion, ...]) -> None:
        """Everybody, then every occasion; whoever costs nothing goes first, while the sandbox starts."""
        self.stage.put_clock(timedelta(0))
        self.now = self.stage.deeds.clock.now()
        await self._refuse_other_data()
        self.people = dict(await asyncio.gather(*(self._person(person) for person in PEOPLE)))
        await self._apply()
        for occasion in occasions:
            await self._occasion(occasion)
        self.stage.put_clock(timedelta(0))
        await self.stage.deeds.relay.drain()
        # What is made here was done weeks ago, and records that wait for weeks are rightly taken for meddled with.
        await self.stage.deeds.seal_audit()

    async def _refuse_other_data(self) -> None:
        deeds = self.stage.deeds
        if not (await deeds.accounts.list(self.operator, AccountFilter(), None, 1)).items:
            return
        try:
            await deeds.accounts.show(self.operator, SUPERADMIN)
        except NotFound:
            raise WrongSetting(
                "this installation holds accounts that are not the demonstration's: "
                "set RELEX_DATA_DIR to an empty folder"
            ) from None

    async def _person(self, person: Person) -> tuple[str, Account]:
        deeds = self.stage.deeds
        try:
            return person.email, await deeds.accounts.show(self.operator, person.email)
        except NotFound:
            command = CreateAccountCommand(
                person.email, person.name, PASSWORD, person.role, approved=person.is_approved
            )
            account = await deeds.create_account(self.operator, command)
        self.made += 1
        return person.email, await deeds.accounts.show(self.operator, account.id)

    async def _apply(self) -> None:
        applicant = Actor.person(self.people[_APPLICANT])
        if not (await self.stage.deeds.identity_checks.mine(applicant)).items:
            passport = DocumentUpload(DocumentType.PASSPORT, PASSPORT_NUMBER, ((Side.FRONT, PASSPORT_SCAN),))
            await self.stage.deeds.apply_for_kyc(applicant, ApplyForKycCommand("Pia Novak", (passport,)))

    async def _occasion(self, occasion: Occasion) -> None:
        owner = Actor.person(self.people[occasion.organizer])
        self.stage.put_clock(-occasion.written)
        event = await self._event(occasion, owner)
        if event.status is EventStatus.CANCELLED:
            return
        if occasion.is_published and event.status is EventStatus.DRAFT:
            event = await self.stage.deeds.move_event.publish(owner, event.id)
        for address in occasion.staff:
            await self.stage.deeds.grant_at_event(self.operator, event.id, address, TeamRole.DOOR)
        if occasion.promo_code is not None:
            await self._promo_code(occasion.promo_code, event, owner)
        for purchase in occasion.purchases:
            await self._purchase(occasion, event, owner, purchase)
        if occasion.is_cancelled:
            await self.stage.deeds.move_event.cancel(owner, event.id, event.title)
            await self.stage.deeds.cancel_bookings()
            await self.stage.deeds.relay.drain()

    async def _event(self, occasion: Occasion, owner: Actor) -> Event:
        deeds, organizer = self.stage.deeds, owner.signed_in()
        for known in (await deeds.events.of_organizer(owner, organizer.id, None, _PAGE)).items:
            if known.title == occasion.title:
                return known
        starts_at = self._on_the_hour(occasion.starts)
        self.made += 1
        return await deeds.create_event(
            owner,
            EventPlan(
                title=occasion.title,
                venue=occasion.venue,
                starts_at=starts_at,
                ends_at=starts_at + occasion.lasts,
                zone=occasion.zone,
                currency=occasion.currency,
                ticket_types=occasion.ticket_types,
                description=occasion.description,
                category=occasion.category,
                door_sales=occasion.door_sales,
                tax=occasion.tax,
            ),
        )

    async def _promo_code(self, plan: PromoCodePlan, event: Event, owner: Actor) -> None:
        with suppress(AlreadyExists):
            await self.stage.deeds.create_promo_code(owner, event.id, plan)

    def _on_the_hour(self, from_now: timedelta) -> datetime:
        return (self.now + from_now).replace(minute=0, second=0, microsecond=0)

    async def _purchase(self, occasion: Occasion, event: Event, owner: Actor, purchase: Purchase) -> None:
        deeds, buyer = self.stage.deeds, Actor.person(self.people[purchase.buyer])
        known = await deeds.bookings.of_buyer(self.operator, self.people[purchase.buyer].id, None, _PAGE)
        if any(booking.event_id == event.id for booking in known.items):
            return
        kind = event.ticket_types[purchase.ticket_type]
        booking = await deeds.book_places(buyer, BookPlacesCommand(event.id, ((kind.id, purchase.quantity),)))
        self.made += 1
        if booking.price and purchase.is_paid:
            await self._pay(buyer, booking)
        await deeds.relay.drain()
        if purchase.entered:
            if occasion.written:
                self.stage.put_clock(self.now - event.schedule.starts_at)
            await self._enter(owner, booking, purchase.entered)
            self.stage.put_clock(-occasion.written)

    async def _pay(self, buyer: Actor, booking: Booking) -> None:
        """At the sandbox, as a buyer does. Its notice finds no server yet, so the gateway is asked."""
        await asyncio.to_thread(self.wait_for_sandbox)
        payment = await self.stage.deeds.start_payment(buyer, booking.id)
        await self.stage.pay(payment.page_url)
        await self.stage.deeds.poll_gateways.payment(payment)

    async def _enter(self, owner: Actor, booking: Booking, count: int) -> None:
        full = await self.stage.deeds.bookings.show(self.operator, booking.id)
        for ticket in full.tickets[:count]:
            command = ScanCommand(booking.event_id, ticket.token, "Main gate", f"demo-{ticket.id}")
            admission = await self.stage.deeds.scan_ticket(owner, command)
            assert admission.outcome is AdmissionOutcome.ADMITTED, admission.message
