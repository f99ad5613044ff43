"""From a request to a decision and to the end of an approval."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve

from application.errors import NotFound
from application.ports.store import Listing, Page
from application.records import AuditRecord
from application.use_cases.apply_for_kyc import AlreadyApplied, ApplyForKycCommand
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from domain.account import KycStatus, NotAllowed, Role
from domain.errors import DomainError, InvalidValue
from domain.event import PublishingNeedsApproval
from domain.kyc import KycDecided, KycNotOpen, KycRequest, NothingToCheck
from domain.rate_limit import LimitReached
from tests.support.documents import PAN, aadhaar, passport
from tests.support.world import World

READY = "name and picture agree"


async def decide(world: World, request: KycRequest, decision: Decision, reason: str = READY) -> KycRequest:
    return await world.deeds.decide_kyc(world.operator, DecideKycCommand(request.id, decision, reason))


def digest_of(words: str) -> str:
    """All that the audit keeps of people's words, which stay with the request."""
    return sha256(words.encode()).hexdigest()


async def records_of(world: World, request_id: str) -> list[AuditRecord]:
    page: Page[Any] = await world.container.store().list(Listing("audit", "by_subject", request_id))
    return list(page.items)


async def status_of(world: World, request: KycRequest) -> KycStatus:
    return (await world.deeds.identity_checks.show(world.operator, request.id)).request.status


async def test_a_request_goes_back_and_forth_until_it_is_decided(every_world: World) -> None:
    world = every_world
    ana = await world.person()
    request = await world.apply(ana)

    await decide(world, request, Decision.REQUEST_INFO, "the back is missing")
    with pytest.raises(NotFound):
        await world.deeds.follow_up_kyc.answer(ana, (await world.apply(await world.person())).id, "mine")
    await world.deeds.follow_up_kyc.add_document(ana, request.id, aadhaar())
    answered = await world.deeds.follow_up_kyc.answer(ana, request.id, "here it is")
    approved = await decide(world, request, Decision.APPROVE)

    assert answered.status is KycStatus.PENDING
    assert [step.status for step in approved.steps] == ["needs_info", "pending", "approved"]
    assert [step.by for step in approved.steps] == ["cli:test", ana.name, "cli:test"]
    account = await world.deeds.accounts.show(world.operator, ana.name)
    assert account.has(Role.ORGANIZER)
    assert account.may_publish(world.clock.now())
    told = {record.reason for record in await records_of(world, request.id)}
    assert told == {digest_of("the back is missing"), digest_of(READY)}


async def test_a_decision_has_a_reason_and_a_document(world: World) -> None:
    request = await world.apply(await world.person())
    with pytest.raises(InvalidValue):
        await decide(world, request, Decision.APPROVE, "  ")
    async with world.container.begin()() as work:
        bare = await work.kyc_requests.get(request.id)
        work.kyc_requests.save(evolve(bare, document_ids=()))
        await work.commit()

    with pytest.raises(NothingToCheck):
        await decide(world, request, Decision.APPROVE)

    assert await status_of(world, request) is KycStatus.PENDING


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Decision.APPROVE, Decision.REJECT),
        (Decision.APPROVE, Decision.REQUEST_INFO),
        (Decision.REJECT, Decision.APPROVE),
        (Decision.REJECT, Decision.REVOKE),
        (Decision.REVOKE, Decision.APPROVE),
    ],
)
async def test_what_is_decided_stays_so(world: World, first: Decision, then: Decision) -> None:
    request = await world.apply(await world.person())
    if first is Decision.REVOKE:
        await decide(world, request, Decision.APPROVE)
    await decide(world, request, first)

    with pytest.raises(KycDecided):
        await decide(world, request, then)


async def test_fifty_reviewers_at_once_decide_once(every_world: World) -> None:
    world = every_world
    request = await world.apply(await world.person())
    reviewers = [await world.person(Role.ADMIN) for _ in range(5)]

    async def one(number: int) -> str:
        decision = Decision.APPROVE if number % 2 else Decision.REJECT
        command = DecideKycCommand(request.id, decision, READY)
        try:
            return (await world.deeds.decide_kyc(reviewers[number % 5], command)).status
        except DomainError as error:
            return error.code

    told = await asyncio.gather(*(one(number) for number in range(50)))

    status = await status_of(world, request)
    assert len(await records_of(world, request.id)) == 1
    assert set(told) == {str(status), "kyc_decided"}


async def test_without_the_look_at_the_version_several_would_have_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control of the one above: each takes the request for open."""
    monkeypatch.setattr("domain.kyc._MAY_BECOME", dict.fromkeys(KycStatus, frozenset(KycStatus)))

    with pytest.raises(AssertionError):
        await test_fifty_reviewers_at_once_decide_once(world)


async def test_nobody_reviews_their_own_request_not_even_with_others(world: World) -> None:
    admin = await world.person(Role.ADMIN)
    own, other = await world.apply(admin), await world.apply(await world.person())

    decided = await world.deeds.decide_kyc.many(admin, [own.id, other.id, "kyc_none"], Decision.APPROVE, READY)

    assert [one.is_done for one in decided] == [False, True, False]
    assert "own" in decided[0].why_not
    [record] = await records_of(world, other.id)
    assert (record.actor, record.reason) == (admin.name, digest_of(READY))
    assert await records_of(world, own.id) == []


async def test_a_rehearsal_says_the_same_and_changes_nothing(world: World) -> None:
    request = await world.apply(await world.person())

    [would] = await world.deeds.decide_kyc.many(world.operator, [request.id], Decision.APPROVE, READY, rehearse=True)

    assert would.is_done
    assert await status_of(world, request) is KycStatus.PENDING
    assert await records_of(world, request.id) == []


async def test_a_document_of_another_account_is_flagged_to_reviewers_alone(every_world: World) -> None:
    world = every_world
    ana, mallory = await world.person(), await world.person()
    first = await world.apply(ana, passport())
    second = await world.apply(mallory, passport(" l898902-c3 "))
    third = await world.apply(await world.person(), passport("J8369854"))

    shown = await world.deeds.identity_checks.show(world.operator, second.id)
    own = await world.deeds.identity_checks.show(mallory, second.id)
    clean = await world.deeds.identity_checks.show(world.operator, third.id)

    assert [(reuse.account_id, reuse.request_id) for reuse in shown.reused] == [(ana.name, first.id)]
    assert own.reused == clean.reused == ()
    with pytest.raises(NotFound):
        await world.deeds.identity_checks.show(ana, second.id)


async def test_the_same_number_of_another_type_is_another_document(world: World) -> None:
    await world.apply(await world.person(), passport(PAN[:9]))
    other = await world.apply(await world.person(), aadhaar())

    assert (await world.deeds.identity_checks.show(world.operator, other.id)).reused == ()


async def test_administrators_hear_of_a_request_and_the_applicant_of_what_became_of_it(world: World) -> None:
    admin, top = await world.person(Role.ADMIN), await world.person(Role.SUPERADMIN)
    ana = await world.person()
    request = await world.apply(ana)
    await world.settle()

    for reviewer in (admin, top):
        [mail] = world.mailbox.to(reviewer.signed_in().email)
        assert f"/admin/kyc-requests/{request.id}" in mail.text
        assert "Ana Silva" not in mail.text
    for decision in (Decision.REQUEST_INFO, Decision.APPROVE, Decision.REVOKE):
        await decide(world, request, decision)
        await world.settle()
    subjects = [mail.subject for mail in world.mailbox.to(ana.signed_in().email)]
    assert subjects == [
        "We need more for your request to publish events",
        "You can publish events now",
        "Your approval to publish events was withdrawn",
    ]


async def test_an_approval_ends_by_the_clock_and_is_renewed(world: World) -> None:
    ana = await world.person()
    request = await decide(world, await world.apply(ana), Decision.APPROVE)
    assert request.expires_at == world.clock.now() + timedelta(days=730)
    [expire] = [job.run for job in world.deeds.jobs.jobs if job.name == "expire_approvals"]
    event = await world.event(await _fresh(world, ana), published=False, in_hours=24 * 740)
    with pytest.raises(AlreadyApplied):
        await world.apply(ana)

    world.clock.advance(timedelta(days=700))
    assert [await expire(), await expire()] == [1, 0]
    await world.settle()
    renewal = await world.apply(ana)
    assert (await _fresh(world, ana)).signed_in().may_publish(world.clock.now())
    world.clock.advance(timedelta(days=30))
    with pytest.raises(PublishingNeedsApproval):
        await world.deeds.move_event.publish(await _fresh(world, ana), event.id)
    assert await expire() == 1
    await world.settle()
    assert await status_of(world, request) is KycStatus.EXPIRED
    await decide(world, renewal, Decision.APPROVE)
    await world.deeds.move_event.publish(await _fresh(world, ana), event.id)

    await world.settle()
    subjects = [mail.subject for mail in world.mailbox.to(ana.signed_in().email)]
    assert subjects[1:] == [
        "Your approval to publish events ends soon",
        "Your approval to publish events has ended",
        "You can publish events now",
    ]


async def _fresh(world: World, who: Any) -> Any:
    return type(who).person(await world.deeds.accounts.show(world.operator, who.name))


async def test_a_withdrawn_request_ends_and_another_may_follow(world: World) -> None:
    ana, other = await world.person(), await world.person()
    request = await world.apply(ana)
    with pytest.raises(NotFound):
        await world.deeds.follow_up_kyc.withdraw(other, request.id)

    await world.deeds.follow_up_kyc.withdraw(ana, request.id)

    with pytest.raises(KycDecided):
        await decide(world, request, Decision.APPROVE)
    with pytest.raises(KycNotOpen):
        await world.deeds.follow_up_kyc.add_document(ana, request.id, passport())
    assert (await world.apply(ana)).status is KycStatus.PENDING


async def test_a_request_needs_a_document_and_has_five_at_most(world: World) -> None:
    ana = await world.person()
    with pytest.raises(DomainError):
        await world.deeds.apply_for_kyc(ana, ApplyForKycCommand("Ana Silva", ()))
    request = await world.apply(ana, *[passport(f"J836985{digit}") for digit in range(5)])

    with pytest.raises(InvalidValue):
        await world.deeds.follow_up_kyc.add_document(ana, request.id, passport())

    assert len((await world.deeds.identity_checks.show(ana, request.id)).documents) == 5


async def test_only_administrators_decide_and_list(world: World) -> None:
    organizer = await world.organizer()
    request = await world.apply(await world.person())

    with pytest.raises(NotAllowed):
        await world.deeds.decide_kyc(organizer, DecideKycCommand(request.id, Decision.APPROVE, READY))
    with pytest.raises(NotAllowed):
        await world.deeds.decide_kyc.many(organizer, [request.id], Decision.APPROVE, READY)
    with pytest.raises(NotAllowed):
        await world.deeds.identity_checks.list(organizer, "pending", None, 10)


async def test_nobody_who_is_gone_becomes_an_organizer(world: World) -> None:
    ana = await world.person()
    request = await world.apply(ana)
    await world.deeds.administer_account.disable(world.operator, ana.name)

    with pytest.raises(KycNotOpen):
        await decide(world, request, Decision.APPROVE)
    await decide(world, request, Decision.REJECT, "the account was abused")

    assert not (await world.deeds.accounts.show(world.operator, ana.name)).has(Role.ORGANIZER)


async def test_documents_are_handed_in_twenty_times_an_hour(world: World) -> None:
    ana = await world.person()
    request = await world.apply(ana, *[passport(f"J836985{digit}") for digit in range(5)])
    for _ in range(19):
        with pytest.raises(InvalidValue):
            await world.deeds.follow_up_kyc.add_document(ana, request.id, passport())

    with pytest.raises(LimitReached):
        await world.deeds.follow_up_kyc.add_document(ana, request.id, passport())
