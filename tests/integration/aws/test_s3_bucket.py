"""The bucket is made as described, and put right if somebody changed it."""

from typing import Any

import pytest
from attrs import evolve

from adapters.aws.bringing_about import bring_about, differing
from adapters.aws.s3_bucket import RULES, Bucket, Rule
from adapters.aws.s3_objects import ASIDE, SENT_ALONG, S3Objects
from adapters.aws.session import AwsLine, open_client
from adapters.settings import Settings
from application.waiting_files import WAITING
from tests.contracts.object_store import PNG
from tests.support.aws import REGION

BUCKET = Bucket("relexbooking-storage-test", REGION, "https://tickets.example.com")
IMAGE = "public/events/evt_1/img_1.png"


@pytest.fixture
def client(aws: Settings) -> Any:
    return open_client(aws, "s3")


def names(client: Any, bucket: Bucket = BUCKET) -> tuple[str, ...]:
    return tuple(aspect.name for aspect in differing(bucket.aspects(client)[1:]))


def test_a_bucket_is_made_once_with_all_that_belongs_to_it(client: Any) -> None:
    first = bring_about(BUCKET.aspects(client))

    assert len(first) == 6
    assert first[0] == "bucket relexbooking-storage-test"
    assert bring_about(BUCKET.aspects(client)) == ()


def test_it_is_private_encrypted_and_keeps_versions(client: Any) -> None:
    bring_about(BUCKET.aspects(client))

    name = BUCKET.name
    assert all(client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
    assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    [cors] = client.get_bucket_cors(Bucket=name)["CORSRules"]
    assert (cors["AllowedOrigins"], cors["AllowedMethods"]) == ([BUCKET.origin], ["GET", "HEAD", "PUT"])
    assert set(cors["AllowedHeaders"]) == set(SENT_ALONG.values())
    assert client.get_bucket_location(Bucket=name)["LocationConstraint"] == REGION


def test_what_somebody_changed_is_put_right_and_nothing_else(client: Any) -> None:
    bring_about(BUCKET.aspects(client))
    client.put_bucket_versioning(Bucket=BUCKET.name, VersioningConfiguration={"Status": "Suspended"})
    client.delete_bucket_cors(Bucket=BUCKET.name)

    wrong = ("bucket relexbooking-storage-test: versions", "bucket relexbooking-storage-test: CORS")
    assert names(client) == wrong
    assert bring_about(BUCKET.aspects(client)) == wrong
    assert names(client) == ()


def test_only_to_look_changes_nothing(client: Any) -> None:
    client.create_bucket(Bucket=BUCKET.name, CreateBucketConfiguration={"LocationConstraint": REGION})

    assert names(client) == names(client) != ()


async def test_only_pictures_that_were_set_aside_meet_the_rule_for_the_cold(client: Any) -> None:
    bring_about(BUCKET.aspects(client))
    objects = S3Objects(AwsLine(client), BUCKET.name)
    shown, archived = IMAGE, IMAGE.replace("evt_1", "evt_2")
    for key in (shown, archived):
        await objects.put(key, PNG)
    await objects.set_aside(archived)

    assert cold(client, shown) == []
    assert cold(client, archived) == ["GLACIER_IR"]


async def test_without_the_tag_in_the_rule_a_picture_of_a_page_would_go_into_the_cold(client: Any) -> None:
    """The negative control."""
    untagged = tuple(evolve(rule, tag=None) for rule in RULES)
    bring_about(evolve(BUCKET, rules=untagged).aspects(client))
    await S3Objects(AwsLine(client), BUCKET.name).put(IMAGE, PNG)

    assert cold(client, IMAGE) == ["GLACIER_IR"]


def cold(client: Any, key: str) -> list[str]:
    """Into which classes the bucket's own rules move this object in the end."""
    tags = client.get_object_tagging(Bucket=BUCKET.name, Key=key)["TagSet"]
    moved = []
    for rule in client.get_bucket_lifecycle_configuration(Bucket=BUCKET.name)["Rules"]:
        wanted = rule["Filter"].get("And", rule["Filter"])
        if key.startswith(wanted["Prefix"]) and all(tag in tags for tag in wanted.get("Tags", ())):
            moved += [step["StorageClass"] for step in rule.get("Transitions", ())]
    return moved


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_takes_away_what_somebody_asked_to_keep(rule: Rule) -> None:
    """Identity documents of people who are still here would be gone, however old."""
    asked = rule.as_asked()

    assert rule.prefix == WAITING or set(asked.get("Expiration", {})) <= {"ExpiredObjectDeleteMarker"}
    assert rule.tag in {None, ASIDE}
