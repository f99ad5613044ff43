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


async def _renewed(world: World, applicant: Actor) -> tuple[KycRequest, KycRequest]:
    """An approval, and the one that took its place two years later."""
    first = await world.apply(applicant)
    await _decide(world, first, Decision.APPROVE)
    world.clock.advance(timedelta(days=710))
    second = await world.apply(applicant)
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
