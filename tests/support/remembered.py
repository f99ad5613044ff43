"""Somebody of whom an installation knows all that it can, and a search of what it keeps, byte by byte."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from adapters.codec import encode
from adapters.persistence.memory import MemoryStore
from application.access import Actor
from application.records import DeliveryState, TeamRole
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.booking_outcome import OutcomeState
from domain.event import Event
from tests import build
from tests.support.documents import passport
from tests.support.world import PASSWORD, World

NAME: Final = "Zephyrine Quillfeather"
EMAIL: Final = "z.canary@quillfeather.example"
PHONE: Final = "+91 70123 45670"
CANARIES: Final = (NAME, EMAIL, PHONE, "Quillfeather", "quillfeather", "70123 45670")
_WORDS: Final = f"{NAME} called from {PHONE}"


@frozen
class Remembered:
    """The person, and what she did: a visit, a booking that was cancelled, one that was refunded in part."""

    actor: Actor
    show: Event
    secret: str


async def remembered(world: World, show: Event, organizer: Actor) -> Remembered:
    """Planted everywhere that takes words of or about a person, with everything paid and nothing under way."""
    command = CreateAccountCommand(EMAIL, NAME, PASSWORD)
    account = await world.deeds.create_account(world.operator, command)
    actor = Actor.person(await world.deeds.edit_profile(Actor.person(account), EditProfileCommand(NAME, PHONE)))
    secret = (await world.deeds.sign_in(SignInCommand(EMAIL, PASSWORD))).secret
    await world.deeds.ask_for_reset(EMAIL)
    elsewhere = await world.event(organizer)
    for event in (show, elsewhere):
        await world.deeds.grant_at_event(world.operator, event.id, EMAIL, TeamRole.DOOR)
    await world.deeds.leave_team.withdraw(organizer, elsewhere.id, account.id)
    await world.deeds.invite_to_team(organizer, elsewhere.id, EMAIL, TeamRole.CO_ORGANIZER)
    request = await world.deeds.apply_for_kyc(actor, ApplyForKycCommand(NAME, (passport(),)))
    await _books(world, actor, show, organizer)
    await _plants(world, actor, request.id)
    return Remembered(actor, show, secret)


async def _books(world: World, actor: Actor, show: Event, organizer: Actor) -> None:
    visited, cancelled, given_back = [await world.buy(actor, show, 2) for _ in range(3)]
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(cancelled.id, _WORDS))
    await world.deeds.refund_booking(world.operator, RefundCommand(given_back.id, _WORDS, "1.00"))
    await world.settle()
    began = world.clock.now()
    world.open_doors(show)
    ticket = (await world.tickets(visited))[0]
    await world.scan(organizer, show, ticket.token)
    await world.deeds.undo_admission(organizer, UndoAdmissionCommand(ticket.id, _WORDS))
    await world.scan(organizer, show, ticket.token)
    world.clock.set(max(began, show.schedule.closes_at + timedelta(minutes=1)))


async def _plants(world: World, actor: Actor, request_id: str) -> None:
    """What only comes about by mishaps: a letter that a mail server refused, and an answer that is still kept."""
    await world.settle()
    mine = (await world.deeds.bookings.mine(actor, None, 1)).items[0]
    outcome = build.booking_outcome(id=mine.id, event_id=mine.event_id, note=_WORDS, state=OutcomeState.PAID_BY_HAND)
    refused = build.outbox_entry(state=DeliveryState.DEAD, last_error=f"mail_tickets: SMTPError: <{EMAIL}> is full")
    async with world.container.begin()() as work:
        payment = await work.payments.get(str(mine.payment_id))
        work.payments.save(evolve(payment, checkout=(("prefill_name", NAME), ("prefill_contact", PHONE))))
        work.booking_outcomes.add(outcome)
        work.outbox.add(refused)
        work.answers.add(build.answer(body=f'{{"id":"{mine.id}","name":"{NAME}"}}'.encode()))
        work.tokens.add(build.one_time_token(account_id=actor.name))
        work.known_devices.add(build.known_device(account_id=actor.name))
        request = await work.kyc_requests.get(request_id)
        work.kyc_requests.save(evolve(request, notes=_WORDS))
        await work.commit()


def kept(world: World, folder: Path) -> bytes:
    """All that the store keeps: the bodies of the records in memory, or every byte of the files of SQLite."""
    store = world.container.store()
    inner = getattr(store, "_store", store)
    if isinstance(inner, MemoryStore):
        return "\n".join(f"{key.id} {encode(record)}" for key, record in inner._records.items()).encode()
    return b"".join(path.read_bytes() for path in sorted(folder.glob("relexbooking.db*")))


def found_in(data: bytes) -> set[str]:
    """Which canaries are there, also where JSON spells letters by their numbers."""
    return {canary for canary in CANARIES if canary.encode() in data}
