"""The inbox: genuine notices are kept once and unreadable, the others not at all, and each can be looked at again."""

from datetime import timedelta

import pytest
from attrs import evolve

from application.access import Actor
from application.errors import NotFound
from application.listing import every
from application.ports.payment_gateway import ChargeState, NoticeNotGenuine
from application.ports.store import Listing
from application.queries.notices import NoticeFilter, NoticeInFull
from application.reactions.move_money import ApplyNotice
from application.records import AuditRecord, NoticeReceipt, NoticeState
from application.redaction import HIDDEN
from domain.account import NotAllowed, Role
from domain.booking import BookingStatus
from domain.money import Money
from domain.payment import Payment, PaymentStatus
from tests.support.world import World


async def inbox(world: World, state: NoticeState | None = None, gateway: str = "") -> list[NoticeReceipt]:
    page = await world.deeds.notices.list(world.operator, NoticeFilter(gateway, state), None, 100)
    return list(page.items)


async def begun(world: World) -> Payment:
    buyer = await world.person()
    return await world.start_payment(buyer, await world.hold(buyer, await world.event(in_hours=24 * 365)))


async def set_apart(world: World) -> Payment:
    """A payment of which the gateway says another amount than we asked for, and says so in a notice."""
    payment = await begun(world)
    right = world.bank.charges[payment.id]
    world.bank.charges[payment.id] = evolve(right, amount=Money(1, "EUR"))
    await world.bank_says(payment, ChargeState.CAPTURED)
    return payment


async def tell(world: World, body: bytes, *, signature: str = "genuine") -> None:
    await world.deeds.receive_notice("pocket", {"signature": signature}, body)
    await world.settle()


async def test_a_notice_is_kept_once_however_often_it_is_delivered(every_world: World) -> None:
    world = every_world
    payment = await begun(world)

    for _ in range(3):
        await world.bank_says(payment, ChargeState.CAPTURED)

    [receipt] = await inbox(world)
    assert (receipt.state, receipt.outcome) == (NoticeState.APPLIED, "payment captured")
    assert (receipt.account, receipt.event_id) == ("pocket", f"{payment.id}-captured")
    assert receipt.id.startswith("ntc_")


async def test_what_is_not_genuine_is_refused_and_leaves_nothing(world: World) -> None:
    payment = await begun(world)
    _, body = world.bank.notice(payment.id)

    with pytest.raises(NoticeNotGenuine):
        await tell(world, body, signature="forged")

    assert await inbox(world) == []


@pytest.mark.parametrize(
    ("said", "outcome", "state"),
    [
        ('{"id": "n", "kind": "payment.captured", "payment_id": "pay_none"}', "do not know", NoticeState.QUARANTINED),
        ('{"id": "n", "kind": "refund.failed", "refund_id": "rfd_none"}', "do not know", NoticeState.QUARANTINED),
        ('{"id": "n", "kind": "payout.paid"}', "not about a payment", NoticeState.APPLIED),
    ],
)
async def test_a_notice_about_what_we_do_not_know_is_set_apart(
    world: World, said: str, outcome: str, state: NoticeState
) -> None:
    await tell(world, said.encode())

    [receipt] = await inbox(world)
    assert receipt.state is state
    assert outcome in receipt.outcome


async def test_a_notice_of_one_gateway_moves_no_money_of_another(world: World) -> None:
    payment = await begun(world)
    async with world.container.begin()() as work:
        work.payments.save(evolve(await work.payments.get(payment.id), gateway="other"))
        await work.commit()

    await world.bank_says(payment, ChargeState.CAPTURED)

    assert [receipt.state for receipt in await inbox(world)] == [NoticeState.QUARANTINED]
    kept = (await world.deeds.payments.show(world.operator, payment.id)).payment
    assert kept.status is PaymentStatus.SUBMITTED


@pytest.mark.parametrize("amount", [Money(2499, "EUR"), Money(2501, "EUR"), Money(2500, "USD")])
async def test_a_wrong_amount_or_currency_is_set_apart_and_moves_nothing(every_world: World, amount: Money) -> None:
    world = every_world
    payment = await begun(world)
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], amount=amount)

    await world.bank_says(payment, ChargeState.CAPTURED)

    [receipt] = await inbox(world, NoticeState.QUARANTINED)
    assert "quarantined" in receipt.outcome
    [listed] = (await world.deeds.payments.quarantined(world.operator, None, 10)).items
    assert (listed.id, listed.status) == (payment.id, PaymentStatus.SUBMITTED)
    store = world.container.store()
    assert [moved async for moved in every(store, Listing("ledger", "by_event", payment.event_id))] == []


async def test_once_it_is_mended_a_replay_brings_it_to_its_end(every_world: World) -> None:
    world = every_world
    payment = await set_apart(world)
    [apart] = await inbox(world)
    world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], amount=payment.amount)
    admin = await world.person(Role.ADMIN)

    again = await world.deeds.replay_notices.one(admin, apart.id)
    await world.settle()

    assert again.state is NoticeState.PENDING
    [receipt] = await inbox(world)
    assert (receipt.state, receipt.outcome) == (NoticeState.APPLIED, "payment captured")
    full = await world.deeds.bookings.show(world.operator, payment.booking_id)
    assert (full.booking.status, len(full.tickets)) == (BookingStatus.CONFIRMED, 1)
    page = await world.container.store().list(Listing("audit", "by_subject", apart.id))
    assert [(r.actor, r.action) for r in page.items if isinstance(r, AuditRecord)] == [(admin.name, "notice.replay")]
    assert (await world.deeds.payments.quarantined(world.operator, None, 10)).items == ()


async def test_replayed_any_number_of_times_nothing_more_happens(world: World) -> None:
    payment = await begun(world)
    await world.bank_says(payment, ChargeState.CAPTURED)
    [receipt] = await inbox(world)
    store = world.container.store()

    async def end() -> tuple[object, ...]:
        full = await world.deeds.bookings.show(world.operator, payment.booking_id)
        moved = [one.id async for one in every(store, Listing("ledger", "by_event", payment.event_id))]
        return full.booking, full.tickets, full.payments, moved, len(world.mailbox.mails)

    before = await end()
    for _ in range(3):
        await world.deeds.replay_notices.one(world.operator, receipt.id)
        await world.settle()

    assert await end() == before


async def test_all_that_is_unsettled_is_replayed_and_what_was_applied_is_not(world: World) -> None:
    first, second = await set_apart(world), await set_apart(world)
    applied = await begun(world)
    await world.bank_says(applied, ChargeState.CAPTURED)
    for payment in (first, second):
        world.bank.charges[payment.id] = evolve(world.bank.charges[payment.id], amount=payment.amount)

    assert await world.deeds.replay_notices.unsettled(world.operator, gateway="other") == 0
    assert await world.deeds.replay_notices.unsettled(world.operator, gateway="pocket") == 2
    await world.settle()

    assert {receipt.state for receipt in await inbox(world)} == {NoticeState.APPLIED}


async def test_a_notice_that_cannot_be_applied_stays_visible(world: World) -> None:
    payment = await begun(world)
    world.bank.becomes(payment.id, ChargeState.CAPTURED)
    headers, body = world.bank.notice(payment.id)
    await world.deeds.receive_notice("pocket", headers, body)
    world.bank.down = True
    await world.settle()
    world.clock.advance(timedelta(minutes=3))

    assert [receipt.id for receipt in await inbox(world, NoticeState.PENDING)] == [
        receipt.id for receipt in await inbox(world)
    ]
    standing = await world.deeds.notices.standing()
    assert (standing.pending, standing.quarantined, standing.oldest_pending_s) == (1, 0, 180)
    world.bank.down = False
    await world.settle()
    assert (await world.deeds.notices.standing()).pending == 0


async def test_receiving_does_not_wait_for_the_gateway(world: World) -> None:
    """The answer must go out within a second, whether or not the gateway answers us."""
    payment = await begun(world)
    headers, body = world.bank.notice(payment.id)
    asked = world.bank.calls

    await world.deeds.receive_notice("pocket", headers, body)

    assert world.bank.calls == asked
    assert [receipt.state for receipt in await inbox(world)] == [NoticeState.PENDING]
    await world.settle()
    assert world.bank.calls > asked


async def shown(world: World, actor: Actor) -> NoticeInFull:
    [receipt] = await inbox(world)
    return await world.deeds.notices.show(actor, receipt.id)


async def test_an_administrator_sees_the_words_without_the_secrets(every_world: World) -> None:
    world = every_world
    said = (
        b'{"id": "n", "kind": "payout.paid", "data": {"client_secret": "s3cr3t", "name": "Asha", "x": [{"card": 4}]}}'
    )
    await tell(world, said)

    body = (await shown(world, await world.person(Role.ADMIN))).body

    assert body["data"] == {"client_secret": HIDDEN, "name": "Asha", "x": [{"card": HIDDEN}]}
    for actor in (await world.person(), await world.organizer()):
        with pytest.raises(NotAllowed):
            await shown(world, actor)
        with pytest.raises(NotAllowed):
            await world.deeds.notices.list(actor, NoticeFilter(), None, 10)
        with pytest.raises(NotAllowed):
            await world.deeds.replay_notices.one(actor, "ntc_x")
        with pytest.raises(NotAllowed):
            await world.deeds.replay_notices.unsettled(actor)


async def test_the_store_does_not_hold_the_words(world: World) -> None:
    await tell(world, b'{"id": "n", "kind": "payout.paid", "name": "Asha Canary"}')

    [receipt] = await inbox(world)

    assert b"Canary" not in receipt.body
    assert receipt.body


async def test_words_whose_key_is_gone_are_said_to_be_so(world: World) -> None:
    await tell(world, b'{"id": "n", "kind": "payout.paid"}')
    [receipt] = await inbox(world)
    async with world.container.begin()() as work:
        work.notices.save(evolve(receipt, body=b"\x07" + receipt.body[1:]))
        await work.commit()

    assert "key" in (await shown(world, world.operator)).body


async def test_a_list_is_by_gateway_state_and_time(every_world: World) -> None:
    world = every_world
    await tell(world, b'{"id": "old", "kind": "payout.paid"}')
    noon = world.clock.now()
    world.clock.advance(timedelta(hours=1))
    await tell(world, b'{"id": "new", "kind": "payment.captured", "payment_id": "pay_none"}')

    async def names(wanted: NoticeFilter) -> list[str]:
        return [one.event_id for one in (await world.deeds.notices.list(world.operator, wanted, None, 10)).items]

    assert await names(NoticeFilter()) == ["new", "old"]
    assert await names(NoticeFilter(gateway="pocket")) == ["new", "old"]
    assert await names(NoticeFilter(gateway="other")) == []
    assert await names(NoticeFilter(state=NoticeState.QUARANTINED)) == ["new"]
    assert await names(NoticeFilter("other", NoticeState.QUARANTINED)) == []
    assert await names(NoticeFilter(since=noon + timedelta(minutes=1))) == ["new"]
    assert await names(NoticeFilter(until=noon + timedelta(minutes=1))) == ["old"]


async def test_after_ninety_days_notices_are_forgotten_but_for_what_nobody_settled(every_world: World) -> None:
    world = every_world
    await tell(world, b'{"id": "applied", "kind": "payout.paid"}')
    await tell(world, b'{"id": "apart", "kind": "payment.captured", "payment_id": "pay_none", "name": "Asha"}')

    world.clock.advance(timedelta(days=89))
    await world.deeds.jobs.run_once()
    assert len(await inbox(world)) == 2
    world.clock.advance(timedelta(days=2))
    forgotten = (await world.deeds.jobs.run_once())["forget"]

    [left] = await inbox(world)
    assert (left.event_id, left.body) == ("apart", b"")
    assert forgotten >= 2
    assert (await shown(world, world.operator)).body == "(forgotten)"
    assert (await world.deeds.jobs.run_once())["forget"] == 0


async def test_a_notice_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.deeds.replay_notices.one(world.operator, "ntc_none")


async def test_without_its_name_a_notice_is_applied_as_often_as_it_comes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the one name that keeps deliveries apart from messages."""
    names = iter(range(9))
    monkeypatch.setattr("application.use_cases.receive_notice.notice_id", lambda *_: f"ntc_{next(names)}")
    payment = await begun(world)

    for _ in range(3):
        await world.bank_says(payment, ChargeState.CAPTURED)

    assert len(await inbox(world)) == 3


async def test_without_looking_at_the_gateway_of_a_payment_another_one_could_speak_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for notices of another gateway."""

    async def any_payment(self: ApplyNotice, receipt: NoticeReceipt) -> Payment | None:
        return await self.begin().payments.find(receipt.payment_id or "")

    payment = await begun(world)
    async with world.container.begin()() as work:
        work.payments.save(evolve(await work.payments.get(payment.id), gateway="other"))
        await work.commit()
    monkeypatch.setattr(ApplyNotice, "_payment", any_payment)
    known = world.deeds.gateways.known
    assert isinstance(known, dict)
    known["other"] = known["pocket"]

    await world.bank_says(payment, ChargeState.CAPTURED)

    kept = (await world.deeds.payments.show(world.operator, payment.id)).payment
    assert kept.status is PaymentStatus.CAPTURED
