"""Whatever staff, organizers, administrators and operators do is written down in the same commit, and only that."""

import ast
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from adapters.codec import encode
from application.access import Actor
from application.errors import NotFound
from application.ports.store import Listing
from application.ports.ticket_codes import KeyPurpose
from application.queries.notices import NoticeFilter
from application.records import AuditRecord, EventInvitation, TeamRole
from application.use_cases.api_keys import KeyPlan, NewKey
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.change_capacity import ChangeCapacityCommand
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.edit_event import EventEdit
from application.use_cases.end_sessions import EVERYBODY
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.reconcile import ReconcileCommand
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.account import Role
from domain.api_key import Scope
from domain.booking import Booking
from domain.booking_outcome import BookingOutcome, OutcomeState
from domain.event import Event
from domain.kyc import KycRequest
from domain.money import Money
from domain.promo_code import PromoCode
from domain.reconciliation import Finding
from domain.refund import Refund
from domain.refund_policy import FourEyes
from tests import build
from tests.support.dead_letters import give_up
from tests.support.pictures import png
from tests.support.world import World


@frozen
class Staffed:
    """A world with one of each that staff may deal with."""

    world: World
    staff: Actor
    admin: Actor
    buyer: Actor
    show: Event
    draft: Event
    off: Event
    sold: Booking
    request: KycRequest
    promo: PromoCode
    at_the_door: Actor
    dead_fact: str
    asked: Refund
    finding: Finding
    owed: BookingOutcome
    asked_to_help: EventInvitation


Deed = Callable[[Staffed], Awaitable[Any]]


async def written(world: World) -> list[AuditRecord]:
    page = await world.container.store().list(Listing("audit", "everything", "all"))
    return [record for record in page.items if isinstance(record, AuditRecord)]


async def create_event(on: Staffed) -> None:
    await on.world.event(on.staff, published=False)


async def publish(on: Staffed) -> None:
    await on.world.deeds.move_event.publish(on.staff, on.draft.id)


async def cancel_event(on: Staffed) -> None:
    await on.world.deeds.move_event.cancel(on.staff, on.show.id, on.show.title)


async def pause_cancellation(on: Staffed) -> None:
    await on.world.deeds.steer_cancellation.pause(on.staff, on.off.id)


async def edit_event(on: Staffed) -> None:
    await on.world.deeds.edit_event(on.staff, on.show.id, EventEdit(title="Other words"))


async def delete_event(on: Staffed) -> None:
    await on.world.deeds.move_event.delete(on.staff, on.draft.id)


async def change_capacity(on: Staffed) -> None:
    await on.world.deeds.change_capacity(on.staff, ChangeCapacityCommand(on.show.id, 50))


async def invite(on: Staffed) -> None:
    await on.world.deeds.invite_to_team(on.staff, on.show.id, "new@example.com", TeamRole.DOOR)


async def uninvite(on: Staffed) -> None:
    await on.world.deeds.leave_team.uninvite(on.staff, on.show.id, on.asked_to_help.id)


async def grant_at_event(on: Staffed) -> None:
    await on.world.let(on.show, on.buyer, TeamRole.DOOR)


async def create_promo_code(on: Staffed) -> None:
    await on.world.deeds.create_promo_code(on.staff, on.show.id, PromoCodePlan("SUMMER", percent=10))


async def end_promo_code(on: Staffed) -> None:
    await on.world.deeds.end_promo_code(on.staff, on.show.id, on.promo.code)


async def cancel_booking(on: Staffed) -> None:
    await on.world.deeds.cancel_booking(on.staff, CancelBookingCommand(on.sold.id, WORDS))


async def refund(on: Staffed) -> None:
    await on.world.deeds.refund_booking(on.staff, RefundCommand(on.sold.id, WORDS, "1.00"))


async def reissue(on: Staffed) -> None:
    await on.world.deeds.reissue_ticket(on.staff, on.sold.id)


async def undo(on: Staffed) -> None:
    await on.world.deeds.undo_admission(on.staff, UndoAdmissionCommand(on.sold.id, WORDS))


async def decide_kyc(on: Staffed) -> None:
    await on.world.deeds.decide_kyc(on.admin, DecideKycCommand(on.request.id, Decision.APPROVE, WORDS))


async def request_info(on: Staffed) -> None:
    await on.world.deeds.decide_kyc(on.admin, DecideKycCommand(on.request.id, Decision.REQUEST_INFO, WORDS))


async def read_document(on: Staffed) -> None:
    [document] = on.request.document_ids
    await on.world.deeds.read_document.at_desk(on.world.operator, document, "front", "a complaint")


async def rewrap(on: Staffed) -> None:
    await on.world.deeds.rewrap_documents(on.world.operator)


async def grant_role(on: Staffed) -> None:
    await on.world.deeds.administer_account.grant(on.admin, on.buyer.name, Role.ORGANIZER)


async def sign_everybody_out(on: Staffed) -> None:
    await on.world.deeds.sign_everybody_out(on.world.operator, EVERYBODY)


async def create_api_key(on: Staffed) -> NewKey:
    plan = KeyPlan("Till of Mr Sabharwal", (Scope.DOOR,), owner=on.staff.name)
    return await on.world.deeds.create_api_key(on.world.operator, plan)


async def disable(on: Staffed) -> None:
    await on.world.deeds.administer_account.disable(on.admin, on.buyer.name)


async def delete_account(on: Staffed) -> None:
    await on.world.deeds.erase_account(on.world.operator, on.at_the_door.name)


async def temporary_password(on: Staffed) -> None:
    await on.world.deeds.give_temporary_password(on.admin, on.buyer.name)


async def export_person(on: Staffed) -> None:
    await on.world.deeds.export_person(on.world.operator, on.buyer.name)


async def consent_at_desk(on: Staffed) -> None:
    await on.world.deeds.give_consent.at_desk(on.world.operator, on.buyer.name, marketing=True)


async def create_account(on: Staffed) -> None:
    await on.world.person()


async def rotate(on: Staffed) -> None:
    await on.world.deeds.rotate_keys.rotate(on.world.operator, KeyPurpose.SIGN)


async def revoke_key(on: Staffed) -> None:
    await on.world.deeds.rotate_keys.revoke(on.world.operator, KeyPurpose.SEAL, 1)


async def withdraw_role(on: Staffed) -> None:
    await on.world.deeds.leave_team.withdraw(on.staff, on.show.id, on.at_the_door.name)


async def add_image(on: Staffed) -> None:
    await on.world.deeds.add_event_image(on.staff, on.show.id, png(), "a stage")


async def replay_fact(on: Staffed) -> None:
    await on.world.deeds.replay_facts.one(on.world.operator, on.dead_fact)


async def replay_notice(on: Staffed) -> None:
    [receipt, *_] = (await on.world.deeds.notices.list(on.admin, NoticeFilter(), None, 1)).items
    await on.world.deeds.replay_notices.one(on.admin, receipt.id)


async def ask_about_payment(on: Staffed) -> None:
    assert on.sold.payment_id is not None
    await on.world.deeds.ask_about_payment(on.admin, on.sold.payment_id)


async def export_audit(on: Staffed) -> None:
    await on.world.deeds.export_audit(on.world.operator)


async def rotate_audit_key(on: Staffed) -> None:
    await on.world.deeds.rotate_audit_key(on.world.operator)


async def remove_factors(on: Staffed) -> None:
    async with on.world.container.begin()() as work:
        work.second_factors.add(build.second_factors(id=on.buyer.name))
        await work.commit()
    await on.world.deeds.administer_factors.remove(on.admin, on.buyer.name)


async def rotate_vault(on: Staffed) -> None:
    await on.world.deeds.rotate_vault(on.world.operator)


async def remove_image(on: Staffed) -> None:
    await on.world.deeds.remove_event_image(on.staff, on.show.id, on.show.images[0].key)


async def approve_refund(on: Staffed) -> None:
    await on.world.deeds.approve_refund.approve(on.admin, on.asked.id)


async def reject_refund(on: Staffed) -> None:
    await on.world.deeds.approve_refund.reject(on.admin, on.asked.id, WORDS)


async def reconcile(on: Staffed) -> None:
    day = on.world.clock.now().date() - timedelta(days=1)
    await on.world.deeds.reconcile(on.admin, ReconcileCommand(day, day))


async def decide_finding(on: Staffed) -> None:
    await on.world.deeds.decide_finding(on.admin, on.finding.id, WORDS)


async def paid_by_hand(on: Staffed) -> None:
    await on.world.deeds.pay_by_hand(on.staff, on.off.id, on.owed.id, WORDS)


DEEDS: dict[str, Deed] = {
    "event.create": create_event,
    "event.publish": publish,
    "event.cancel": cancel_event,
    "event.cancellation.pause": pause_cancellation,
    "event.edit": edit_event,
    "event.delete": delete_event,
    "event.capacity": change_capacity,
    "event.team.grant": grant_at_event,
    "event.team.invite": invite,
    "event.team.uninvite": uninvite,
    "promo_code.create": create_promo_code,
    "promo_code.end": end_promo_code,
    "booking.cancel": cancel_booking,
    "booking.refund": refund,
    "ticket.reissue": reissue,
    "admission.undo": undo,
    "kyc.approve": decide_kyc,
    "kyc.request_info": request_info,
    "kyc.document.read": read_document,
    "kyc.rewrap": rewrap,
    "account.grant.organizer": grant_role,
    "account.disable": disable,
    "api_key.create": create_api_key,
    "installation.sign_everybody_out": sign_everybody_out,
    "account.delete": delete_account,
    "account.create": create_account,
    "account.export": export_person,
    "account.temporary_password": temporary_password,
    "account.consent": consent_at_desk,
    "key.rotate": rotate,
    "key.revoke": revoke_key,
    "event.team.withdraw": withdraw_role,
    "event.image.add": add_image,
    "fact.replay": replay_fact,
    "notice.replay": replay_notice,
    "payment.ask": ask_about_payment,
    "audit.export": export_audit,
    "audit.key.rotate": rotate_audit_key,
    "vault.rotate": rotate_vault,
    "factors.removed_by_staff": remove_factors,
    "event.image.remove": remove_image,
    "refund.approve": approve_refund,
    "refund.reject": reject_refund,
    "books.reconcile": reconcile,
    "finding.decide": decide_finding,
    "booking.paid_by_hand": paid_by_hand,
}

ELSEWHERE = {
    "event.team.join": "test_invitations counts its records, for who joins is no staff yet",
    "booking.refund_again": "test_cancellation_money counts its records, for it needs refunds that failed",
    "api_key.rotate": "test_keys_ended counts its records, for it needs a key",
    "api_key.revoke": "test_keys_ended counts its records, for it needs a key",
    "api_key.leaked": "test_keys_ended counts its records, for it needs a key",
    "kyc.forget": "test_documents_kept counts its records, for it needs documents whose time is over",
    "kyc.retire_keys": "test_documents_kept counts its records, for it needs keys that wrap nothing any more",
}

WORDS = "Ask Mr Sabharwal, sabharwal@example.com, +91 98200 12345"
"""What people write into a reason: none of it may ever reach the audit."""


@pytest.fixture
async def staffed(tmp_path: Path) -> Staffed:
    world = World.of(tmp_path, four_eyes=FourEyes({"EUR": Money(2_000, "EUR")}))
    staff, buyer, at_the_door = await world.organizer(), await world.person(), await world.person()
    show = await world.event(staff, door_sales=True, in_hours=1)
    sold = await world.buy(buyer, show)
    [ticket] = await world.tickets(sold)
    await world.scan(staff, show, ticket.token)
    off = await world.event(staff)
    other = await world.buy(buyer, show)
    asked = await world.deeds.refund_booking(world.operator, RefundCommand(other.id, "all of it"))
    await world.let(show, at_the_door, TeamRole.DOOR)
    finding, owed = build.finding(), build.booking_outcome(event_id=off.id, state=OutcomeState.FAILED)
    async with world.container.begin()() as work:
        work.findings.add(finding)
        work.booking_outcomes.add(owed)
        await work.commit()
    [dead_fact] = await give_up(world)
    show = await world.deeds.add_event_image(staff, show.id, png(), "a stage")
    asked_to_help = await world.deeds.invite_to_team(staff, show.id, buyer.signed_in().email, TeamRole.DOOR)
    await world.deeds.move_event.cancel(staff, off.id, off.title)
    return Staffed(
        world=world,
        staff=staff,
        admin=await world.person(Role.ADMIN),
        buyer=buyer,
        show=show,
        draft=await world.event(staff, published=False),
        off=off,
        sold=sold,
        request=await world.apply(buyer),
        promo=await world.promo_code(show),
        at_the_door=at_the_door,
        dead_fact=dead_fact,
        asked=asked,
        finding=finding,
        owed=owed,
        asked_to_help=asked_to_help,
    )


@pytest.mark.parametrize("action", sorted(DEEDS))
async def test_a_deed_of_staff_writes_one_record_of_who_did_what_to_what(staffed: Staffed, action: str) -> None:
    before = {record.id for record in await written(staffed.world)}

    await DEEDS[action](staffed)

    [record] = [record for record in await written(staffed.world) if record.id not in before]
    assert record.action == action
    assert record.subject
    assert record.actor in {staffed.staff.name, staffed.admin.name, "cli:test"}
    assert "@" not in f"{record.subject}{record.detail}"


async def test_a_deed_that_is_refused_writes_nothing(staffed: Staffed) -> None:
    stranger = await staffed.world.organizer()
    before = await written(staffed.world)

    with pytest.raises(NotFound):
        await staffed.world.deeds.edit_event(stranger, staffed.show.id, EventEdit(title="Mine now"))

    assert await written(staffed.world) == before


ROOT = Path(__file__).parents[3] / "application" / "use_cases"

UNAUDITED = {
    **dict.fromkeys(("SignUp", "ConfirmEmail", "ResendConfirmation"), "people's own accounts"),
    **dict.fromkeys(
        ("SignIn", "SignOut", "AskForReset", "ResetPassword", "EditProfile", "ChangePassword"), "people's own accounts"
    ),
    **dict.fromkeys(("ConfirmByCode", "ResetByCode", "SetOwnPicture"), "people's own accounts"),
    **dict.fromkeys(
        ("AnswerElsewhere", "AskPasskey", "SignInByPasskey", "StepUp", "EndOwnSessions"), "people's own sign-ins"
    ),
    **dict.fromkeys(("BookPlaces", "StartPayment"), "the booking or payment is the record"),
    **dict.fromkeys(("ApplyForKyc", "FollowUpKyc"), "the request is the record"),
    "ExpireApprovals": "a job of the system",
    **dict.fromkeys(("BookAsGuest", "OpenGuestSession", "AskForGuestLink"), "people's own bookings"),
    "ScanTicket": "the door log has a line for each, with who and where",
    **dict.fromkeys(("ReceiveNotice", "LearnPayment", "SettlePayment", "SettleRefund"), "no person does it"),
    **dict.fromkeys(("SettleDispute", "FollowRefunds", "NoteFinding", "HealFinding"), "no person does it"),
    **dict.fromkeys(("ExpireHolds", "SettleEvents", "Forget", "PollGateways"), "a job of the system"),
    **dict.fromkeys(("SweepErased", "ForgetChecks"), "the rest of an erasure, begun by account.delete"),
    "CancelBookings": "a job of the system, begun by event.cancel",
    **dict.fromkeys(("SealAudit", "SignCheckpoint"), "a job of the system, about the records themselves"),
}
"""Use cases that store something and write no record, each with its reason. See docs/adr/0008."""


def _storing() -> dict[str, str]:
    """The source of each use case that commits, by its name."""
    classes = [
        node
        for path in sorted(ROOT.glob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    ]
    return {node.name: source for node in classes if ".commit()" in (source := ast.unparse(node))}


def test_every_use_case_that_stores_something_audits_or_says_why_not() -> None:
    silent = {name for name, source in _storing().items() if ".audit(" not in source}

    assert silent == set(UNAUDITED)


def _actions() -> set[str]:
    """The names that the code gives to deeds; what it fills in is an asterisk."""
    said = "".join(path.read_text() for path in sorted(ROOT.glob("*.py")))
    direct = re.findall(r'audit\(\s*actor, f?"([^"]+)"', said)
    handed_on = re.findall(r'"(account\.[a-z_]+)"|f"(account\.[a-z_]+\.\{role\})"', said)
    return {re.sub(r"\{[^}]+\}", "*", name) for name in (*direct, *(a or b for a, b in handed_on))}


def test_every_deed_that_the_code_names_is_done_here_and_leaves_one_record() -> None:
    done = {*DEEDS, *ELSEWHERE}
    like_one_done = {"account.revoke.*", "account.enable", "account.sign_out", "account.reset_password"}

    undone = {name for name in _actions() if not any(fnmatch(deed, name) for deed in done)}

    assert len(_actions()) > 30
    assert undone == like_one_done, "these go the one way that account.grant.* goes"


@pytest.mark.parametrize("action", sorted(DEEDS))
async def test_no_words_of_people_reach_the_audit(staffed: Staffed, action: str) -> None:
    await DEEDS[action](staffed)

    told = "".join(encode(record) for record in await written(staffed.world)).casefold()

    people = [staffed.buyer, staffed.staff, staffed.admin, staffed.at_the_door]
    canaries = {"sabharwal", "98200 12345", "@example", *(person.signed_in().name.casefold() for person in people)}
    assert {canary for canary in canaries if canary in told} == set()
    assert staffed.buyer.name in told, "ids are there"


async def test_a_record_tells_a_digest_of_the_reason_and_of_the_object_before_and_after(staffed: Staffed) -> None:
    before = encode(staffed.show)
    await edit_event(staffed)
    await cancel_booking(staffed)

    records = {record.action: record for record in await written(staffed.world)}
    after = await staffed.world.deeds.events.show(staffed.staff, staffed.show.id)

    assert records["booking.cancel"].reason == sha256(WORDS.encode()).hexdigest()
    assert records["event.edit"].before == sha256(before.encode()).hexdigest()
    assert records["event.edit"].after == sha256(encode(after.event).encode()).hexdigest()
