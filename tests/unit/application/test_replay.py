"""Dead letters: seen and replayed by those who may, and by nobody else."""

import pytest

from application.access import Actor
from application.errors import NotFound, SignInRequired
from application.ports.store import PAGE_MAX, Listing
from application.records import AuditRecord, DeliveryState
from domain.account import NotAllowed, Role
from tests.support.dead_letters import entries, give_up
from tests.support.world import World


async def _audits(world: World, subject: str) -> list[AuditRecord]:
    page = await world.container.store().list(Listing("audit", "by_subject", subject))
    return [record for record in page.items if isinstance(record, AuditRecord)]


async def test_a_dead_fact_is_listed_with_its_attempts_and_last_error(world: World) -> None:
    [entry_id] = await give_up(world)

    dead = await world.deeds.outbox.list(world.operator, DeliveryState.DEAD, None, 10)
    pending = await world.deeds.outbox.list(world.operator, DeliveryState.PENDING, None, 10)

    [entry] = dead.items
    assert (entry.id, entry.attempts, entry.last_error) == (entry_id, 20, "issue_tickets: OSError: full")
    assert pending.items == ()


async def test_a_replayed_fact_starts_anew_and_reaches_its_reactions(every_world: World) -> None:
    world = every_world
    [entry_id] = await give_up(world)
    await world.settle()

    replayed = await world.deeds.replay_facts.one(world.operator, entry_id)

    assert (replayed.state, replayed.attempts, replayed.due_at) == (DeliveryState.PENDING, 0, world.clock.now())
    await world.settle()
    assert await entries(world, DeliveryState.PENDING) == []
    assert await entries(world, DeliveryState.DEAD) == []
    assert len(world.mailbox.mails) == 1
    [audit] = await _audits(world, entry_id)
    assert (audit.actor, audit.action, audit.detail) == (world.operator.name, "fact.replay", "BookingConfirmed")


async def test_a_fact_on_its_way_is_left_as_it_is(world: World) -> None:
    [entry_id] = await give_up(world)
    first = await world.deeds.replay_facts.one(world.operator, entry_id)
    world.clock.advance(30)

    again = await world.deeds.replay_facts.one(world.operator, entry_id)

    assert again == first
    assert len(await _audits(world, entry_id)) == 1


async def test_all_dead_facts_are_replayed_beyond_one_page(world: World) -> None:
    ids = await give_up(world, PAGE_MAX + 5)

    assert await world.deeds.replay_facts.all_dead(world.operator) == len(ids) > PAGE_MAX
    assert await entries(world, DeliveryState.DEAD) == []
    assert await world.deeds.replay_facts.all_dead(world.operator) == 0


async def test_only_a_superadmin_sees_and_replays(world: World) -> None:
    [entry_id] = await give_up(world)
    for actor, refusal in (
        (Actor.anonymous(), SignInRequired),
        (await world.person(Role.ADMIN), NotAllowed),
    ):
        with pytest.raises(refusal):
            await world.deeds.outbox.list(actor, DeliveryState.DEAD, None, 10)
        with pytest.raises(refusal):
            await world.deeds.outbox.show(actor, entry_id)
        with pytest.raises(refusal):
            await world.deeds.replay_facts.one(actor, entry_id)
        with pytest.raises(refusal):
            await world.deeds.replay_facts.all_dead(actor)
    assert len(await entries(world, DeliveryState.DEAD)) == 1

    await world.deeds.replay_facts.one(await world.person(Role.SUPERADMIN), entry_id)

    assert await entries(world, DeliveryState.DEAD) == []


async def test_what_is_not_there_cannot_be_replayed(world: World) -> None:
    with pytest.raises(NotFound):
        await world.deeds.replay_facts.one(world.operator, "out_none")


async def test_the_standing_counts_both_states_and_the_age_of_the_oldest(world: World) -> None:
    assert (await world.deeds.outbox.standing()).oldest_pending_s == 0
    first, _ = await give_up(world, 2)
    world.clock.advance(90)
    await world.deeds.replay_facts.one(world.operator, first)

    standing = await world.deeds.outbox.standing()

    assert (standing.pending, standing.dead, standing.oldest_pending_s) == (1, 1, 90.0)
