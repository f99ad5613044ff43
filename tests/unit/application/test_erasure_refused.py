"""Who is still needed is not erased, and is told why and what to do."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from attrs import evolve

from application.access import Actor
from application.erasure_check import ErasureCheck
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.account import AccountStatus, LastSuperAdmin, NotAllowed, Role
from domain.booking_outcome import OutcomeState
from domain.dispute import DisputeStatus
from domain.erasure import ErasureRefused
from domain.refund import RefundStatus
from tests import build
from tests.support import pictures
from tests.support.world import World

Need = Callable[[World], Awaitable[tuple[Actor, str]]]
"""Makes somebody who is needed, and says for what."""


async def a_booking_to_come(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    return buyer, (await world.buy(buyer, await world.event())).id


async def a_hold(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    return buyer, (await world.hold(buyer, await world.event())).id


async def an_event_to_come(world: World) -> tuple[Actor, str]:
    organizer = await world.organizer()
    return organizer, (await world.event(organizer)).id


async def an_event_that_is_being_called_off(world: World) -> tuple[Actor, str]:
    organizer = await world.organizer()
    event = await world.event(organizer)
    await world.buy(await world.person(), event)
    await world.deeds.move_event.cancel(organizer, event.id, event.title)
    return organizer, event.id


async def a_payment_that_nobody_knows_of(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    payment = await world.start_payment(buyer, await world.hold(buyer, await world.event()))
    world.clock.advance(timedelta(hours=1))
    await world.container.expire_holds().everywhere()
    return buyer, payment.id


async def a_refund_under_way(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    sold = await world.buy(buyer, await world.event())
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(sold.id, "ill"))
    refund = (await world.deeds.bookings.show(world.operator, sold.id)).refunds[0]
    return buyer, refund.id


async def a_dispute(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    sold = await world.buy(buyer, await world.event())
    world.clock.advance(timedelta(days=9))
    dispute = build.dispute(booking_id=sold.id, status=DisputeStatus.OPEN)
    async with world.container.begin()() as work:
        work.disputes.add(dispute)
        await work.commit()
    return buyer, dispute.id


async def a_dispute_about_what_they_sold(world: World) -> tuple[Actor, str]:
    organizer = await world.organizer()
    sold = await world.buy(await world.person(), await world.event(organizer))
    world.clock.advance(timedelta(days=9))
    dispute = build.dispute(booking_id=sold.id)
    async with world.container.begin()() as work:
        work.disputes.add(dispute)
        await work.commit()
    return organizer, dispute.id


async def money_owed(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    sold = await world.buy(buyer, await world.event())
    world.clock.advance(timedelta(days=9))
    async with world.container.begin()() as work:
        work.booking_outcomes.add(build.booking_outcome(id=sold.id, state=OutcomeState.FAILED))
        await work.commit()
    return buyer, sold.id


async def a_payment_that_a_person_must_look_at(world: World) -> tuple[Actor, str]:
    buyer = await world.person()
    sold = await world.buy(buyer, await world.event())
    world.clock.advance(timedelta(days=9))
    async with world.container.begin()() as work:
        payment = await work.payments.get(str(sold.payment_id))
        work.payments.save(payment.quarantine("another amount"))
        await work.commit()
    return buyer, payment.id


NEEDS: list[Need] = [
    a_booking_to_come,
    a_hold,
    an_event_to_come,
    an_event_that_is_being_called_off,
    a_payment_that_nobody_knows_of,
    a_refund_under_way,
    a_dispute,
    a_dispute_about_what_they_sold,
    money_owed,
    a_payment_that_a_person_must_look_at,
]


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.__name__)
async def test_who_is_needed_stays_and_learns_for_what(world: World, need: Need) -> None:
    person, needed_for = await need(world)

    with pytest.raises(ErasureRefused, match=needed_for):
        await world.deeds.erase_account.mine(person, person.signed_in().email)

    after = await world.deeds.accounts.show(world.operator, person.name)
    assert (after.status, after.email) == (AccountStatus.ACTIVE, person.signed_in().email)
    _, belongings = await world.deeds.erase_account.preview(person)
    assert needed_for in {obstacle.id for obstacle in belongings.obstacles}
    assert all(obstacle.what_to_do for obstacle in belongings.obstacles)


class _SeesNothing(ErasureCheck):
    async def obstacles(self, _account_id: object) -> list[object]:  # type: ignore[override]  # it is switched off
        return []


async def test_without_the_check_a_booking_to_come_would_lose_its_buyer(world: World) -> None:
    buyer, booking_id = await a_booking_to_come(world)
    blind = _SeesNothing(world.container.begin(), world.clock, world.container.store())

    await evolve(world.deeds.erase_account, check=blind)(world.operator, buyer.name)

    booking = (await world.deeds.bookings.show(world.operator, booking_id)).booking
    assert (booking.status, booking.buyer_name) == ("confirmed", "Deleted account")


async def test_what_is_over_needs_nobody(world: World) -> None:
    buyer, organizer = await world.person(), await world.organizer()
    event = await world.event(organizer)
    await world.buy(buyer, event)
    draft = await world.event(organizer, published=False)
    world.clock.set(event.schedule.closes_at + timedelta(minutes=1))

    for person in (buyer, organizer):
        erased = await world.deeds.erase_account(world.operator, person.name)
        assert erased.status is AccountStatus.DELETED

    assert await world.container.begin()().events.find(draft.id) is None, "a draft was only theirs"
    assert await world.container.begin()().events.find(event.id) is not None, "people have been there"


async def test_a_draft_goes_with_its_pictures_and_what_was_published_keeps_its_own(world: World) -> None:
    organizer = await world.organizer()
    published, draft = await world.event(organizer), await world.event(organizer, published=False)
    for event in (published, draft):
        await world.deeds.add_event_image(organizer, event.id, pictures.png(), "A square")
    world.clock.set(published.schedule.closes_at + timedelta(minutes=1))

    await world.deeds.erase_account(world.operator, organizer.name)

    [image] = (await world.container.begin()().events.get(published.id)).images
    beyond = world.clock.now() + timedelta(days=10_000)
    assert await world.container.objects().put_before("public/", beyond) == [image.key]


async def test_a_refund_that_arrived_needs_nobody(world: World) -> None:
    buyer, refund_id = await a_refund_under_way(world)
    await world.settle()
    async with world.container.begin()() as work:
        refund = await work.refunds.get(refund_id)
        work.refunds.save(evolve(refund, status=RefundStatus.SUCCEEDED))
        await work.commit()

    assert (await world.deeds.erase_account(world.operator, buyer.name)).status is AccountStatus.DELETED


async def test_the_last_superadministrator_cannot_leave(world: World) -> None:
    last = await world.person(Role.SUPERADMIN)

    with pytest.raises(LastSuperAdmin):
        await world.deeds.erase_account.mine(last, last.signed_in().email)
    await world.person(Role.SUPERADMIN)
    await world.deeds.erase_account.mine(last, last.signed_in().email)


async def test_only_those_above_end_the_account_of_another(world: World) -> None:
    admin, other, top = [await world.person(role) for role in (Role.ADMIN, Role.ADMIN, Role.SUPERADMIN)]
    user = await world.person()

    for actor, whom in ((user, admin), (admin, other), (admin, top), (admin, admin)):
        with pytest.raises(NotAllowed):
            await world.deeds.erase_account(actor, whom.name)
    assert (await world.deeds.erase_account(admin, user.name)).status is AccountStatus.DELETED
