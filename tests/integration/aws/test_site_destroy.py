"""An installation is taken away with all that is in it: never production, and nothing of others."""

import pytest
from attrs import evolve
from botocore.exceptions import ClientError

from adapters.aws.site.files import FilesThing
from adapters.aws.site.making import AwsSite
from adapters.aws.site.place import Environment
from adapters.aws.site.rights import PolicyThing
from adapters.aws.site.tables import TableThing
from adapters.aws.site.thing import Clients
from adapters.cli.cloud_site import SiteRefused, nobody
from adapters.settings import Settings
from tests.support.aws import REGION
from tests.support.site import part_of, wrong

FEW = ("-Session", "bucket relexbooking-storage-dev-123456789012", "-server", "/lambda", "-alarms", "-behind")
TABLE = "relexbooking-dev-Session"


@pytest.fixture
def few(site: AwsSite) -> AwsSite:
    return part_of(site, *FEW)


def tables(site: AwsSite) -> list[str]:
    return list(site.clients.of("dynamodb").list_tables()["TableNames"])


def put_versions(site: AwsSite) -> None:
    s3 = site.clients.of("s3")
    for body in (b"first", b"second"):
        s3.put_object(Bucket=site.place.bucket, Key="public/events/evt_1/a.png", Body=body)
    s3.delete_object(Bucket=site.place.bucket, Key="public/events/evt_1/a.png")


def test_all_of_it_goes_with_every_version_of_every_file(site: AwsSite) -> None:
    site.provision(nobody, adopt=False)
    put_versions(site)

    removals = site.destroy(nobody)

    assert {removal.left for removal in removals} == {""}
    assert len(removals) == len(site.things)
    assert set(wrong(site).values()) == {"missing"}
    assert site.destroy(nobody) == []


def test_to_list_what_would_go_takes_nothing_away(few: AwsSite) -> None:
    few.provision(nobody, adopt=False)

    listed = few.removable(nobody)

    assert [removal.subject for removal in listed] == [thing.title for thing in few.things]
    assert wrong(few) == {}


def test_production_is_never_destroyed(site_settings: Settings) -> None:
    site = part_of(AwsSite.of(site_settings, "prod"), "-Session")
    site.provision(nobody, adopt=False)

    for attempt in (site.destroy, site.removable):
        with pytest.raises(SiteRefused, match="prod is never destroyed"):
            attempt(nobody)
    assert tables(site) == ["relexbooking-prod-Session"]


def test_without_that_rule_production_would_go(site_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(Environment, "is_kept", property(lambda _: False))
    site = part_of(AwsSite.of(site_settings, "prod"), "-Session")
    site.provision(nobody, adopt=False)

    site.destroy(nobody)

    assert tables(site) == []


def foreign(site: AwsSite) -> None:
    """A table and a bucket of others that have our names."""
    site.clients.of("dynamodb").create_table(**TableThing(site.place, "session").definition)
    s3 = site.clients.of("s3")
    s3.create_bucket(Bucket=site.place.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=site.place.bucket, Key="theirs", Body=b"x")


def test_what_is_not_marked_as_ours_stays(few: AwsSite) -> None:
    foreign(few)

    removals = few.destroy(nobody)

    assert {removal.subject: removal.left for removal in removals} == {
        f"table {TABLE}": "it has no tag relexbooking-environment=dev",
        f"bucket {few.place.bucket}": "it has no tag relexbooking-environment=dev",
    }
    assert tables(few) == [TABLE]
    assert few.clients.of("s3").get_object(Bucket=few.place.bucket, Key="theirs")["Body"].read() == b"x"


def test_without_the_mark_what_is_of_others_would_go(few: AwsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    foreign(few)
    for kind in (TableThing, FilesThing):
        monkeypatch.setattr(kind, "mark", lambda _self, _clients: None)

    few.destroy(nobody)

    assert tables(few) == []
    assert few.clients.of("s3").list_buckets()["Buckets"] == []


def test_the_mark_of_another_environment_is_not_ours(few: AwsSite) -> None:
    tags = [{"Key": "relexbooking-environment", "Value": "staging"}]
    few.clients.of("dynamodb").create_table(**TableThing(few.place, "session").definition, Tags=tags)

    few.destroy(nobody)

    assert tables(few) == [TABLE]


def test_what_aws_does_not_let_go_is_told_and_the_rest_goes(few: AwsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    few.provision(nobody, adopt=False)

    def attached(_self: PolicyThing, _clients: Clients) -> None:
        raise ClientError(
            {"Error": {"Code": "DeleteConflict", "Message": "arn:aws:iam::1:role/secret"}}, "DeletePolicy"
        )

    monkeypatch.setattr(PolicyThing, "remove", attached)

    removals = few.destroy(nobody)

    left = {removal.subject: removal.left for removal in removals if removal.left}
    assert left == {"policy relexbooking-dev-server": "AWS says DeleteConflict"}
    assert tables(few) == []


def test_a_secret_that_a_person_brought_stays(site_settings: Settings) -> None:
    site = part_of(AwsSite.of(evolve(site_settings, payments=("stripe",)), "dev"), "/stripe_api_key")
    name = "/relexbooking/dev/stripe_api_key"
    site.clients.of("ssm").put_parameter(Name=name, Type="SecureString", Value="sk_test_1")

    [removal] = site.destroy(nobody)

    assert removal.left == f"aws ssm delete-parameter --name {name}"
    assert site.clients.of("ssm").get_parameter(Name=name)["Parameter"]["Name"] == name
