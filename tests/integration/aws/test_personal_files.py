"""What the bucket still has of people whose time is over: nothing that can be asked for, and soon nothing at all."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.aws.bringing_about import bring_about
from adapters.aws.s3_bucket import PERSONAL_VERSIONS_DAYS, RULES, Bucket
from adapters.aws.s3_objects import S3Objects
from adapters.aws.session import AwsLine, open_client
from adapters.settings import Settings
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from tests.support import pictures
from tests.support.aws import REGION
from tests.support.world import World

BUCKET = Bucket("relexbooking-storage-test", REGION, "https://tickets.example.com")


@pytest.fixture
def client(aws: Settings) -> Any:
    client = open_client(aws, "s3")
    bring_about(BUCKET.aspects(client))
    return client


@pytest.fixture
def world(client: Any, tmp_path: Path) -> World:
    return World.of(tmp_path, objects=S3Objects(AwsLine(client), BUCKET.name))


def current(client: Any, folder: str) -> list[str]:
    """What can be asked for."""
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET.name, Prefix=folder).get("Contents", ())]


def days_behind(client: Any, key: str) -> int:
    """For how many days the bucket's own rules keep an earlier version of it."""
    rules = client.get_bucket_lifecycle_configuration(Bucket=BUCKET.name)["Rules"]
    meant = [rule for rule in rules if key.startswith(rule["Filter"].get("Prefix", "?"))]
    days = [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in meant]
    return int(min(days))


async def test_identity_documents_go_365_days_after_the_end_of_the_account(client: Any, world: World) -> None:
    leaving, staying = await world.person(email="leaving@example.com"), await world.person()
    for person in (leaving, staying):
        request = await world.apply(person)
        await world.deeds.decide_kyc(world.operator, DecideKycCommand(request.id, Decision.APPROVE, "seen"))
    await world.deeds.erase_account(world.operator, "leaving@example.com")
    theirs = current(client, f"private/kyc/{leaving.signed_in().id}/")
    await world.deeds.forget_documents()  # As every hour: it notes the end.
    assert theirs

    world.clock.advance(timedelta(days=364))
    await world.deeds.forget_documents()
    assert current(client, f"private/kyc/{leaving.signed_in().id}/") == theirs
    world.clock.advance(timedelta(days=1))
    await world.deeds.forget_documents()

    assert current(client, f"private/kyc/{leaving.signed_in().id}/") == []
    assert {days_behind(client, key) for key in theirs} == {PERSONAL_VERSIONS_DAYS}
    assert current(client, f"private/kyc/{staying.signed_in().id}/") != []


async def test_a_picture_goes_with_its_person(client: Any, world: World) -> None:
    person = await world.person(email="leaving@example.com")
    await world.deeds.set_own_picture(person, pictures.png())
    [key] = current(client, "public/profiles/")

    await world.deeds.erase_account(world.operator, "leaving@example.com")

    assert current(client, "public/profiles/") == []
    assert days_behind(client, key) == PERSONAL_VERSIONS_DAYS


async def test_without_rules_of_their_own_they_would_stay_behind_for_long(client: Any) -> None:
    """The negative control."""
    general = tuple(rule for rule in RULES if rule.earlier_versions_days != PERSONAL_VERSIONS_DAYS)
    bring_about(evolve(BUCKET, rules=general).aspects(client))

    assert days_behind(client, "private/kyc/acc_1/kyf_1.bin") > PERSONAL_VERSIONS_DAYS
