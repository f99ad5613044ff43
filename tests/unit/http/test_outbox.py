"""Dead letters over HTTP, and what monitoring sees of them."""

from pathlib import Path

from attrs import evolve

from adapters.monitoring.counting_store import CountingStore
from adapters.persistence.memory import MemoryStore
from application.ports.payment_gateway import ChargeState
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.account import Role
from domain.money import Money
from tests.support.dead_letters import give_up
from tests.support.http_stage import Stage, counts


async def test_dead_letters_are_listed_by_page_and_replayed(stage: Stage) -> None:
    admin = await stage.caller(Role.SUPERADMIN)
    ids = await give_up(stage.world, 2)

    first = (await admin.get("/outbox?limit=1")).json()
    second = (await admin.get(f"/outbox?state=dead&limit=1&cursor={first['next_cursor']}")).json()
    replayed = await admin.post(f"/outbox/{ids[0]}/replay")
    pending = (await admin.get("/outbox?state=pending")).json()

    assert [entry["id"] for page in (first, second) for entry in page["items"]] == ids
    assert first["items"][0]["last_error"] == "issue_tickets: OSError: full"
    assert (replayed.status_code, replayed.json()["attempts"]) == (200, 0)
    assert [entry["id"] for entry in pending["items"]] == [ids[0]]
    assert (await admin.get("/outbox?state=lost")).status_code == 400
    assert (await admin.post("/outbox/out_none/replay")).status_code == 404


async def test_an_administrator_may_not(stage: Stage) -> None:
    admin = await stage.caller(Role.ADMIN)
    [entry_id] = await give_up(stage.world)

    assert (await admin.get("/outbox")).status_code == 403
    assert (await admin.post(f"/outbox/{entry_id}/replay")).status_code == 403


async def test_what_waits_and_what_was_given_up_is_measured_when_asked(stage: Stage) -> None:
    first, _ = await give_up(stage.world, 2)
    stage.world.clock.advance(90)
    await stage.world.deeds.replay_facts.one(stage.world.operator, first)

    shown = counts((await stage.stranger.get("/metrics")).text)

    assert shown["relex_outbox_pending"] == 1
    assert shown["relex_outbox_dead"] == 1
    assert shown["relex_outbox_oldest_pending_seconds"] == 90


async def test_refunds_and_quarantined_notices_are_counted(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, CountingStore(MemoryStore())) as stage:
        world = stage.world
        event, buyer = await world.event(), await world.person()
        before = counts((await stage.stranger.get("/metrics")).text)
        booking = await world.buy(buyer, event)
        await world.deeds.cancel_booking(world.operator, CancelBookingCommand(booking.id, "asked"))
        await world.settle()
        payment = await world.start_payment(buyer, await world.hold(buyer, event))
        odd = evolve(world.bank.charges[payment.id], amount=Money(1, payment.amount.currency))
        world.bank.charges[payment.id] = odd
        await world.bank_says(payment, ChargeState.CAPTURED)
        after = counts((await stage.stranger.get("/metrics")).text)

    grown = {name: value - before.get(name, 0) for name, value in after.items()}
    assert grown['relex_refunds_total{status="reserved"}'] == 1
    assert grown['relex_refunds_total{status="succeeded"}'] == 1
    assert grown['relex_notices_quarantined_total{gateway="pocket"}'] == 1
