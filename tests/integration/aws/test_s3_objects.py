"""Files in S3, over a socket, against moto's server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from adapters.aws import s3_objects
from adapters.aws.s3_objects import ASIDE, ENCRYPTION, S3Objects
from adapters.aws.services import s3
from adapters.aws.session import AwsLine, open_client
from adapters.registry import OBJECT_STORES
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.object_store import ObjectMissing, ObjectStore, ObjectStoreUnavailable
from application.ports.storage_meter import Kept
from tests.contracts.object_store import KEY, PNG, ObjectStoreContract
from tests.contracts.storage_meter import StorageMeterContract
from tests.support.aws import REGION, breaking_off, nowhere

BUCKET = "relexbooking-storage-test"


@pytest.fixture
def settings(aws: Settings) -> Settings:
    settings = evolve(aws, objects="s3", s3_bucket=BUCKET)
    open_client(settings, "s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return settings


@pytest.fixture
def client(settings: Settings) -> Any:
    return open_client(settings, "s3")


class TestS3Objects(ObjectStoreContract, StorageMeterContract):
    adapter = "s3"

    @pytest.fixture
    def objects(self, settings: Settings) -> ObjectStore:
        return OBJECT_STORES.build("s3", settings)


async def test_each_object_is_encrypted_and_has_its_type_at_rest(settings: Settings, client: Any) -> None:
    await s3(settings).put(KEY, PNG)

    head = client.head_object(Bucket=BUCKET, Key=KEY)
    assert (head["ServerSideEncryption"], head["ContentType"]) == (ENCRYPTION, "image/png")


async def test_what_was_deleted_by_mistake_is_there_as_an_earlier_version(settings: Settings, client: Any) -> None:
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    objects = s3(settings)
    await objects.put(KEY, PNG)
    await objects.delete(KEY)

    with pytest.raises(ObjectMissing):
        await objects.get(KEY)
    (version,) = client.list_object_versions(Bucket=BUCKET)["Versions"]
    kept = client.get_object(Bucket=BUCKET, Key=KEY, VersionId=version["VersionId"])
    assert kept["Body"].read() == PNG.data


async def test_earlier_versions_are_measured_apart(settings: Settings, client: Any) -> None:
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    objects = S3Objects(AwsLine(client), BUCKET)
    for _ in range(3):
        await objects.put(KEY, PNG)
    await objects.put("private/kyc/acc_1/doc_1.png", PNG)
    await objects.delete("private/kyc/acc_1/doc_1.png")

    one = len(PNG.data)
    assert dict(await objects.kept()) == {
        "public/events": Kept(1, one, 2 * one),
        "private/kyc": Kept(0, 0, one),
    }


async def test_more_objects_than_one_answer_holds_are_all_counted(settings: Settings, client: Any) -> None:
    objects = S3Objects(AwsLine(client), BUCKET, page_size=2)
    for number in range(5):
        await objects.put(f"public/events/evt_1/img_{number}.png", PNG)

    assert (await objects.kept())["public/events"].files == 5


async def test_what_was_put_before_then_is_found_and_of_very_many_only_some(
    settings: Settings, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_objects, "FOUND_MAX", 3)
    objects = S3Objects(AwsLine(client), BUCKET)
    for number in range(5):
        await objects.put(f"incoming/img_{number}.png", PNG)

    found = await objects.put_before("incoming/", datetime.now(UTC) + timedelta(hours=1))

    assert list(found) == [f"incoming/img_{number}.png" for number in range(3)]


async def test_what_is_set_aside_carries_the_tag_of_the_rule_and_is_read_as_before(
    settings: Settings, client: Any
) -> None:
    objects = S3Objects(AwsLine(client), BUCKET)
    await objects.put(KEY, PNG)
    for _ in range(2):
        await objects.set_aside(KEY)
    await objects.set_aside("public/events/evt_1/never_there.png")

    tags = client.get_object_tagging(Bucket=BUCKET, Key=KEY)["TagSet"]
    assert tags == [{"Key": ASIDE.name, "Value": ASIDE.value}]
    assert await objects.get(KEY) == PNG


async def test_a_bucket_that_is_gone_is_an_outage_and_no_missing_object(settings: Settings, client: Any) -> None:
    objects = s3(settings)
    client.delete_bucket(Bucket=BUCKET)

    for deed in (objects.get(KEY), objects.put(KEY, PNG)):
        with pytest.raises(ObjectStoreUnavailable, match=f"RELEX_S3_BUCKET={BUCKET}: AWS says NoSuchBucket"):
            await deed


async def test_half_an_object_is_an_outage_and_never_read_as_a_whole(settings: Settings) -> None:
    with breaking_off() as url:
        lost = evolve(settings, aws_endpoint_url=url)
        with pytest.raises(ObjectStoreUnavailable, match="AWS says"):
            await S3Objects(AwsLine(open_client(lost, "s3", tries=1)), BUCKET).get(KEY)


async def test_an_s3_that_does_not_answer_is_an_outage(settings: Settings) -> None:
    objects = S3Objects(AwsLine(open_client(nowhere(settings), "s3", tries=1)), BUCKET)

    with pytest.raises(ObjectStoreUnavailable, match="EndpointConnectionError"):
        await objects.get(KEY)


@pytest.mark.parametrize("bucket", ["", "relexbooking-storage-tset"])
def test_a_wrong_bucket_stops_the_start_with_the_setting_and_the_mend(settings: Settings, bucket: str) -> None:
    with pytest.raises(WrongSetting, match=f"RELEX_S3_BUCKET(={bucket}: AWS says 404: see that it is there| is empty)"):
        OBJECT_STORES.build("s3", evolve(settings, s3_bucket=bucket))


def test_an_unreachable_s3_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="see that this machine reaches AWS"):
        OBJECT_STORES.build("s3", nowhere(settings))


def test_no_region_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(WrongSetting, match="RELEX_AWS_REGION is empty"):
        OBJECT_STORES.build("s3", evolve(settings, aws_region=""))


def test_no_credentials_stop_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(WrongSetting, match="NoCredentialsError: give this process an IAM role"):
        OBJECT_STORES.build("s3", settings)
