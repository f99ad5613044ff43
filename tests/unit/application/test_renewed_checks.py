"""An approval that was renewed: what becomes of the earlier request concerns the later one no more."""

from datetime import timedelta

import pytest

from application.access import Actor
from application.use_cases import decide_kyc
from application.use_cases.apply_for_kyc import AlreadyApplied
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from domain.account import Account, KycStatus, Role
from domain.kyc import KycRequest
from tests.support.world import World


async def _decide(world: World, request: KycRequest, decision: Decision) -> None:
    command = DecideKycCommand(request.id, decision, "as seen")
    await world.deeds.decide_kyc(await world.person(Role.ADMIN), command)


async def _as_stored(world: World, applicant: Actor) -> Account:
    return await world.deeds.accounts.show(world.operator, applicant.name)


async def _one_and_its_renewal(world: World, applicant: Actor) -> tuple[KycRequest, KycRequest]:
    """An approval that ends in twenty days, and the request to renew it."""
    first = await world.apply(applicant)
    await _decide(world, first, Decision.APPROVE)
    world.clock.advance(timedelta(days=710))
    approved = await world.container.begin()().kyc_requests.get(first.id)
    return approved, await world.apply(applicant)


async def _renewed(world: World, applicant: Actor) -> tuple[KycRequest, KycRequest]:
    """An approval, and the one that took its place two years later."""
    first, second = await _one_and_its_renewal(world, applicant)
    await _decide(world, second, Decision.APPROVE)
    return first, second


async def test_to_revoke_the_earlier_approval_leaves_the_later_one(world: World) -> None:
    applicant = await world.person()
    first, second = await _renewed(world, applicant)

    await _decide(world, first, Decision.REVOKE)
    assert (await _as_stored(world, applicant)).may_publish(world.clock.now())

    await _decide(world, second, Decision.REVOKE)
    assert (await _as_stored(world, applicant)).kyc is KycStatus.REVOKED


async def test_a_request_that_is_open_stays_so_when_the_approval_is_revoked(world: World) -> None:
    applicant = await world.person()
    _, second = await _renewed(world, applicant)
    world.clock.advance(timedelta(days=710))
    third = await world.apply(applicant)

    await _decide(world, second, Decision.REVOKE)

    assert (await _as_stored(world, applicant)).kyc_request_id == third.id
    with pytest.raises(AlreadyApplied):
        await world.apply(applicant)


async def test_without_that_look_the_later_approval_would_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide_kyc, "stands_on", lambda *_: True)
    applicant = await world.person()
    first, _ = await _renewed(world, applicant)

    await _decide(world, first, Decision.REVOKE)

    assert (await _as_stored(world, applicant)).kyc is KycStatus.REVOKED


async def test_an_approval_goes_on_to_its_own_end_when_its_renewal_is_rejected(world: World) -> None:
    applicant = await world.person()
    first, renewal = await _one_and_its_renewal(world, applicant)
    before = await _as_stored(world, applicant)

    await _decide(world, renewal, Decision.REJECT)

    after = await _as_stored(world, applicant)
    assert (after.kyc, after.kyc_expires_at, after.roles) == (KycStatus.APPROVED, first.expires_at, before.roles)
    assert after.epoch == before.epoch, "nobody is signed out"
    assert after.may_publish(world.clock.now())
    assert after.kyc_expires_at is not None
    world.clock.set(after.kyc_expires_at)
    assert not after.may_publish(world.clock.now())


async def test_after_a_rejected_renewal_another_may_be_sent_and_is_mailed_about(world: World) -> None:
    applicant = await world.person()
    _, renewal = await _one_and_its_renewal(world, applicant)

    await _decide(world, renewal, Decision.REJECT)
    await world.settle()

    told = world.mailbox.to(applicant.signed_in().email)[-1]
    assert told.subject == "Your approval to publish events was not renewed"
    assert "holds until 21 November 2028 (UTC)" in told.text
    assert (await world.apply(applicant)).is_open


async def test_a_rejected_renewal_changes_nothing_about_revoking(world: World) -> None:
    applicant = await world.person()
    first, renewal = await _one_and_its_renewal(world, applicant)
    await _decide(world, renewal, Decision.REJECT)

    await _decide(world, first, Decision.REVOKE)

    assert (await _as_stored(world, applicant)).kyc is KycStatus.REVOKED


async def test_who_was_rejected_after_the_approval_ended_may_not_publish(world: World) -> None:
    applicant = await world.person()
    first, renewal = await _one_and_its_renewal(world, applicant)
    world.clock.advance(timedelta(days=30))

    await _decide(world, renewal, Decision.REJECT)

    after = await _as_stored(world, applicant)
    assert first.expires_at is not None
    assert first.expires_at < world.clock.now()
    assert (after.kyc, after.has(Role.ORGANIZER)) == (KycStatus.REJECTED, False)


async def test_without_that_look_a_rejected_renewal_would_end_the_approval(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    applicant = await world.person()
    _, renewal = await _one_and_its_renewal(world, applicant)
    monkeypatch.setattr(Account, "is_approved", lambda *_: False)

    await _decide(world, renewal, Decision.REJECT)

    assert (await _as_stored(world, applicant)).kyc is KycStatus.REJECTED
