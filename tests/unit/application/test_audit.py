"""Whatever staff, organizers, administrators and operators do is written down in the same commit, and only that."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ports.store import Listing
from application.ports.ticket_codes import KeyPurpose
from application.records import AuditRecord
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.change_capacity import ChangeCapacityCommand
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.edit_event import EventEdit
from application.use_cases.promo_codes import PromoCodePlan
from application.use_cases.refund_booking import RefundCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.account import Role
from domain.booking import Booking
from domain.event import Event
from domain.kyc import KycRequest
from domain.promo_code import PromoCode
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


async def grant_door(on: Staffed) -> None:
    await on.world.deeds.grant_door.grant(on.staff, on.show.id, on.buyer.signed_in().email)


async def create_promo_code(on: Staffed) -> None:
    await on.world.deeds.create_promo_code(on.staff, on.show.id, PromoCodePlan("SUMMER", percent=10))


async def end_promo_code(on: Staffed) -> None:
    await on.world.deeds.end_promo_code(on.staff, on.show.id, on.promo.code)


async def cancel_booking(on: Staffed) -> None:
    await on.world.deeds.cancel_booking(on.staff, CancelBookingCommand(on.sold.id, "sorry"))


async def refund(on: Staffed) -> None:
    await on.world.deeds.refund_booking(on.staff, RefundCommand(on.sold.id, "a broken seat", "1.00"))


async def reissue(on: Staffed) -> None:
    await on.world.deeds.reissue_ticket(on.staff, on.sold.id)


async def undo(on: Staffed) -> None:
    await on.world.deeds.undo_admission(on.staff, UndoAdmissionCommand(on.sold.id, "mistake"))


async def decide_kyc(on: Staffed) -> None:
    await on.world.deeds.decide_kyc(on.admin, DecideKycCommand(on.request.id, Decision.APPROVE, "seen"))


async def request_info(on: Staffed) -> None:
    await on.world.deeds.decide_kyc(on.admin, DecideKycCommand(on.request.id, Decision.REQUEST_INFO, "the back"))


async def read_document(on: Staffed) -> None:
    [document] = on.request.document_ids
    await on.world.deeds.read_document.at_desk(on.world.operator, document, "front", "a complaint")


async def rewrap(on: Staffed) -> None:
    await on.world.deeds.rewrap_documents(on.world.operator)


async def grant_role(on: Staffed) -> None:
    await on.world.deeds.administer_account.grant(on.admin, on.buyer.name, Role.ORGANIZER)


async def disable(on: Staffed) -> None:
    await on.world.deeds.administer_account.disable(on.admin, on.buyer.name)


async def delete_account(on: Staffed) -> None:
    await on.world.deeds.administer_account.delete(on.world.operator, on.buyer.name)


async def create_account(on: Staffed) -> None:
    await on.world.person()


async def rotate(on: Staffed) -> None:
    await on.world.deeds.rotate_keys.rotate(on.world.operator, KeyPurpose.SIGN)


DEEDS: dict[str, Deed] = {
    "event.create": create_event,
    "event.publish": publish,
    "event.cancel": cancel_event,
    "event.cancellation.pause": pause_cancellation,
    "event.edit": edit_event,
    "event.delete": delete_event,
    "event.capacity": change_capacity,
    "event.door.grant": grant_door,
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
    "account.delete": delete_account,
    "account.create": create_account,
    "key.rotate": rotate,
}


@pytest.fixture
async def staffed(world: World) -> Staffed:
    staff, buyer = await world.organizer(), await world.person()
    show = await world.event(staff, door_sales=True, in_hours=1)
    sold = await world.buy(buyer, show)
    [ticket] = await world.tickets(sold)
    await world.scan(staff, show, ticket.token)
    off = await world.event(staff)
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
