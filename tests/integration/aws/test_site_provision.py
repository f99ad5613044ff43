"""What an installation needs is made once, put right where somebody changed it, and never taken from others."""

import json
from typing import Any

import httpx
import pytest
from attrs import evolve

from adapters.aws.site.description import things
from adapters.aws.site.files import FilesThing
from adapters.aws.site.making import AwsSite
from adapters.aws.site.place import OURS
from adapters.cli.cloud_site import SiteRefused, Standing, nobody
from adapters.cli.operations import CloudUnavailable
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.kinds import KINDS
from tests.support.aws import REGION, nowhere
from tests.support.site import part_of, told, wrong

FEW = (
    "-Session",
    "-Allotment",
    "bucket relexbooking-storage-dev-123456789012",
    "-server",
    "/lambda",
    "-alarms",
    "-behind",
)


@pytest.fixture
def few(site: AwsSite) -> AwsSite:
    return part_of(site, *FEW)


def test_all_is_made_once_and_then_as_it_should_be(site: AwsSite) -> None:
    first, second = site.provision(nobody, adopt=False), site.provision(nobody, adopt=False)

    assert {look.standing for look in first} == {Standing.MISSING}
    assert {look.standing for look in second} == {Standing.RIGHT}
    assert len(first) == len(second) > len(KINDS)


def test_only_to_look_changes_nothing(few: AwsSite) -> None:
    looks = few.look(nobody)

    assert {look.standing for look in looks} == {Standing.MISSING}
    assert looks == few.look(nobody)


def test_how_far_it_is_is_told_to_the_end(few: AwsSite) -> None:
    steps: list[tuple[int, int]] = []
    few.provision(lambda done, total: steps.append((done, total)), adopt=False)

    assert steps == [(number, len(steps)) for number in range(1, len(steps) + 1)]


def test_a_table_has_its_tag_removal_recovery_and_capacity(few: AwsSite) -> None:
    few.provision(nobody, adopt=False)
    client, name = few.clients.of("dynamodb"), "relexbooking-dev-Session"

    table = client.describe_table(TableName=name)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert {"Key": OURS, "Value": "dev"} in client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_what_somebody_changed_is_told_with_old_and_new_and_put_right(few: AwsSite) -> None:
    few.provision(nobody, adopt=False)
    clients, bucket = few.clients, few.place.bucket
    clients.of("s3").delete_bucket_cors(Bucket=bucket)
    clients.of("logs").put_retention_policy(logGroupName="/relexbooking/dev/lambda", retentionInDays=3)
    clients.of("dynamodb").update_table(TableName="relexbooking-dev-Session", DeletionProtectionEnabled=True)
    policy = few.place.arn("iam", "policy/relexbooking-dev-server", region="")
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    clients.of("iam").create_policy_version(PolicyArn=policy, PolicyDocument=everything, SetAsDefault=True)

    looks = few.provision(nobody, adopt=False)

    assert told(looks) == {
        f"bucket {bucket}: CORS",
        "log /relexbooking/dev/lambda: days kept",
        "table relexbooking-dev-Session: protection from deletion",
        "policy relexbooking-dev-server: what it allows",
    }
    [days] = [each for look in looks for each in look.differences if each.name.endswith("days kept")]
    assert (days.was, days.shall_be) == (3, 7)
    assert wrong(few) == {}


def test_a_policy_that_was_changed_often_makes_room_for_ours(few: AwsSite) -> None:
    policies = part_of(few, "-server")
    policies.provision(nobody, adopt=False)
    arn = few.place.arn("iam", "policy/relexbooking-dev-server", region="")
    for number in range(4):
        denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Sid": f"N{number}"}
        words = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        few.clients.of("iam").create_policy_version(PolicyArn=arn, PolicyDocument=words, SetAsDefault=True)

    policies.provision(nobody, adopt=False)

    assert wrong(policies) == {}


def test_an_index_that_is_missing_is_added(site: AwsSite) -> None:
    events = part_of(site, "-Event")
    client = site.clients.of("dynamodb")
    definition: dict[str, Any] = events.things[0].definition  # type: ignore[attr-defined]  # a table is all that ends so
    [*kept, lost] = definition["GlobalSecondaryIndexes"]
    used = {"id", *(key["AttributeName"] for index in kept for key in index["KeySchema"])}
    attributes = [each for each in definition["AttributeDefinitions"] if each["AttributeName"] in used]
    tags = [{"Key": OURS, "Value": "dev"}]
    client.create_table(**definition | {"GlobalSecondaryIndexes": kept, "AttributeDefinitions": attributes}, Tags=tags)

    looks = events.provision(nobody, adopt=False)

    assert "table relexbooking-dev-Event: indexes" in told(looks)
    assert lost["IndexName"] not in str([each.was for each in looks[0].differences if "indexes" in each.name])
    assert wrong(events) == {}


class Killed(Exception):
    """The process is gone."""


@pytest.mark.slow
def test_killed_before_any_request_it_goes_on_where_it_was(few: AwsSite, aws: Settings) -> None:
    left = 0

    def die(**_: Any) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1

    for service, region in (
        ("dynamodb", ""),
        ("s3", ""),
        ("iam", ""),
        ("logs", ""),
        ("sns", REGION),
        ("cloudwatch", REGION),
    ):
        few.clients.of(service, region).meta.events.register("before-send", die)
    survived = 0
    while True:
        httpx.post(f"{aws.aws_endpoint_url}/moto-api/reset").raise_for_status()
        left = survived
        try:
            few.provision(nobody, adopt=False)
        except Killed:
            left = -1
            few.provision(nobody, adopt=False)
            assert wrong(few) == {}
            survived += 1
        else:
            break

    assert survived > 50


def test_a_bucket_with_files_that_is_not_marked_as_ours_stays_as_it_is(few: AwsSite) -> None:
    s3, bucket = few.clients.of("s3"), few.place.bucket
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="theirs", Body=b"x")

    with pytest.raises(SiteRefused, match="--adopt"):
        few.provision(nobody, adopt=False)

    assert wrong(few)[f"bucket {bucket}"] == "not ours"
    assert set(wrong(few).values()) == {"not ours", "missing"}
    few.provision(nobody, adopt=True)
    assert wrong(few) == {}


def test_without_the_mark_a_bucket_of_others_would_be_changed(few: AwsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(FilesThing, "mark", lambda _self, _clients: None)
    monkeypatch.setattr(FilesThing, "settle", lambda _self, _clients: None)
    s3, bucket = few.clients.of("s3"), few.place.bucket
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="theirs", Body=b"x")

    few.provision(nobody, adopt=False)

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_tags_that_others_put_on_our_bucket_stay(few: AwsSite) -> None:
    s3, bucket = few.clients.of("s3"), few.place.bucket
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "tickets"}]})

    few.provision(nobody, adopt=False)

    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags == {"team": "tickets", OURS: "dev"}


def test_a_secret_is_left_to_a_person_and_never_asked_for_what_it_says(site_settings: Settings) -> None:
    place = AwsSite.of(evolve(site_settings, payments=("stripe",)), "dev").place
    assert place.secrets == ("stripe_api_key", "stripe_webhook_secrets")
    site = part_of(AwsSite.of(evolve(site_settings, payments=("stripe",)), "dev"), "/stripe_api_key")

    [look] = site.provision(nobody, adopt=False)
    assert "aws ssm put-parameter --overwrite --type SecureString --name /relexbooking/dev/stripe_api_key" in look.left

    ssm = site.clients.of("ssm")
    ssm.put_parameter(Name="/relexbooking/dev/stripe_api_key", Type="String", Value="sk_live_1")
    [look] = site.provision(nobody, adopt=False)
    assert (look.standing, look.differences[0].was) == (Standing.DIFFERS, "String")
    assert "sk_live_1" not in str(look)
    ssm.put_parameter(Name="/relexbooking/dev/stripe_api_key", Type="SecureString", Value="sk_live_2", Overwrite=True)
    assert wrong(site) == {}


def test_production_is_protected_from_deletion_and_keeps_its_logs(site_settings: Settings) -> None:
    site = part_of(AwsSite.of(site_settings, "prod"), "-Booking", "/server")
    site.provision(nobody, adopt=False)

    table = site.clients.of("dynamodb").describe_table(TableName="relexbooking-prod-Booking")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    [log] = site.clients.of("logs").describe_log_groups(logGroupNamePrefix="/relexbooking/prod/server")["logGroups"]
    assert log["retentionInDays"] == 365


def test_settings_of_another_installation_are_refused(site_settings: Settings) -> None:
    with pytest.raises(WrongSetting, match="RELEX_AWS_ENV=prod"):
        AwsSite.of(evolve(site_settings, s3_bucket="relexbooking-storage-dev"), "prod")

    with pytest.raises(WrongSetting, match="RELEX_AWS_ENV=prod"):
        AwsSite.of(evolve(site_settings, ssm_env="dev"), "prod")


def test_an_aws_that_does_not_answer_is_told_in_words(site_settings: Settings) -> None:
    with pytest.raises(CloudUnavailable, match="who we are at AWS: AWS says EndpointConnectionError"):
        AwsSite.of(nowhere(site_settings), "dev")


def test_no_two_things_share_a_name(site: AwsSite) -> None:
    titles = [thing.title for thing in things(site.place)]

    assert len(titles) == len(set(titles))
