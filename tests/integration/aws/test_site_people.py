"""The user pool is a part of an installation: made, put right, told to the server, and taken away."""

import httpx
import pytest
from attrs import evolve
from botocore.model import OperationModel

from adapters.aws.cognito_opening import open_keeper
from adapters.aws.cognito_pool import UserPool
from adapters.aws.parameters import ParameterLoader
from adapters.aws.site.making import AwsSite
from adapters.aws.site.people import POOL_SETTINGS, PoolParameterThing
from adapters.cli.cloud_site import SiteRefused, Standing, nobody
from adapters.clock import SystemClock
from adapters.settings import Settings
from tests.support.site import part_of, told, wrong

NAMES = ("user pool relexbooking-dev", *(f"/{setting}" for setting in POOL_SETTINGS))
POOL_ID = "/relexbooking/dev/cognito_pool_id"


@pytest.fixture
def people(site: AwsSite) -> AwsSite:
    return part_of(site, *NAMES)


def test_the_server_signs_people_in_by_what_was_made_and_told_to_the_parameter_store(
    people: AwsSite, site_settings: Settings
) -> None:
    people.provision(nobody, adopt=False)
    assert wrong(people) == {}

    ssm = people.clients.of("ssm")
    found = ssm.get_parameters_by_path(Path="/relexbooking/dev/", WithDecryption=True)["Parameters"]
    said = {each["Name"].rsplit("/", 1)[1]: each["Value"] for each in found}
    types = {each["Name"].rsplit("/", 1)[1]: each["Type"] for each in found}
    assert types == {
        "cognito_pool_id": "String",
        "cognito_client_id": "String",
        "cognito_client_secret": "SecureString",
    }
    # It refuses a pool, a client or a secret that does not fit.
    assert open_keeper(evolve(site_settings, identity="cognito", **said), SystemClock()) is not None
    assert len(ParameterLoader(evolve(site_settings, ssm_env="dev"))._parameters()) == len(POOL_SETTINGS)


def test_the_secret_of_the_client_is_shown_to_nobody(people: AwsSite) -> None:
    people.provision(nobody, adopt=False)
    name = "/relexbooking/dev/cognito_client_secret"
    ssm = people.clients.of("ssm")
    real = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    ssm.put_parameter(Name=name, Type="SecureString", Value="typed by hand", Overwrite=True)

    looks = people.provision(nobody, adopt=False)

    assert told(looks) == {f"parameter {name}: is of our pool"}
    assert real not in str(looks)
    assert "typed by hand" not in str(looks)


def test_what_somebody_changed_of_the_pool_is_told_and_put_right(people: AwsSite) -> None:
    people.provision(nobody, adopt=False)
    client = people.clients.of("cognito-idp")
    pool = UserPool.of("dev")
    ids = pool.ids(client)
    assert ids is not None
    client.update_group(UserPoolId=ids.pool_id, GroupName="Admin", Precedence=1)
    client.set_user_pool_mfa_config(UserPoolId=ids.pool_id, MfaConfiguration="OFF")
    pool.change(client, DeletionProtection="ACTIVE")

    looks = people.provision(nobody, adopt=False)

    assert told(looks) == {
        "user pool relexbooking-dev: group Admin",
        "user pool relexbooking-dev: authenticator apps",
        "user pool relexbooking-dev: protection from deletion",
    }
    assert wrong(people) == {}
    assert pool.ids(client) == ids


def test_to_change_one_thing_of_a_pool_forgets_nothing_else(people: AwsSite) -> None:
    """Cognito sets to its own default what an update does not say."""
    people.provision(nobody, adopt=False)
    client, pool = people.clients.of("cognito-idp"), UserPool.of("dev")
    sender = {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/a.org"}
    pool.change(client, EmailConfiguration=sender)
    sent = []
    client.meta.events.register("provide-client-params.*.UpdateUserPool", lambda params, **_: sent.append(params))

    pool.change(client, DeletionProtection="ACTIVE")

    [said] = sent
    assert said["EmailConfiguration"] == sender
    assert said["UserPoolTags"] == {"relexbooking-environment": "dev"}
    assert said["MfaConfiguration"] == "OPTIONAL"
    assert {"Policies", "AutoVerifiedAttributes", "AccountRecoverySetting"} <= set(said)


def test_a_pool_of_our_name_without_our_tag_is_left_alone(people: AwsSite) -> None:
    client = people.clients.of("cognito-idp")
    client.create_user_pool(PoolName="relexbooking-dev", UsernameAttributes=["email"])

    with pytest.raises(SiteRefused, match="user pool relexbooking-dev"):
        people.provision(nobody, adopt=False)
    assert UserPool.of("dev").ids(client) is None
    [removal] = people.destroy(nobody)
    assert removal.left == "it has no tag relexbooking-environment=dev"

    people.provision(nobody, adopt=True)
    assert wrong(people) == {}


def own_pool(people: AwsSite) -> None:
    people.clients.of("ssm").put_parameter(Name=POOL_ID, Type="String", Value="eu-central-1_theirs")


def test_a_parameter_that_names_another_pool_is_never_overwritten(people: AwsSite) -> None:
    own_pool(people)

    looks = people.provision(nobody, adopt=True)

    [left] = [look for look in looks if look.left]
    assert f"aws ssm delete-parameter --name {POOL_ID}" in left.left
    assert {removal.subject for removal in people.destroy(nobody) if removal.left} == {f"parameter {POOL_ID}"}
    parameter = people.clients.of("ssm").get_parameter(Name=POOL_ID)["Parameter"]
    assert parameter["Value"] == "eu-central-1_theirs"


def test_without_that_look_the_parameter_of_another_pool_would_go(
    people: AwsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(PoolParameterThing, "_is_ours", lambda _self, _clients: True)
    own_pool(people)

    people.destroy(nobody)

    assert people.clients.of("ssm").get_parameters(Names=[POOL_ID])["Parameters"] == []


def test_a_pool_goes_with_everybody_in_it_and_its_parameters(people: AwsSite) -> None:
    people.provision(nobody, adopt=False)

    assert {removal.left for removal in people.destroy(nobody)} == {""}
    assert set(wrong(people).values()) == {"missing"}


def test_production_keeps_its_people(site_settings: Settings) -> None:
    site = part_of(AwsSite.of(site_settings, "prod"), "user pool relexbooking-prod")
    site.provision(nobody, adopt=False)

    assert UserPool.of("prod").described(site.clients.of("cognito-idp"))["DeletionProtection"] == "ACTIVE"


class Killed(Exception):
    """The process is gone."""


@pytest.mark.slow
def test_killed_before_anything_is_written_it_goes_on_where_it_was(people: AwsSite, site_settings: Settings) -> None:
    left = 0

    def die(model: OperationModel, **_: object) -> None:
        nonlocal left
        if model.name.startswith(("List", "Describe", "Get")):
            return
        if left == 0:
            raise Killed
        left -= 1

    for service in ("cognito-idp", "ssm"):
        people.clients.of(service).meta.events.register(f"before-call.{service}", die)
    survived = 0
    while True:
        httpx.post(f"{site_settings.aws_endpoint_url}/moto-api/reset").raise_for_status()
        left = survived
        try:
            looks = people.provision(nobody, adopt=False)
        except Killed:
            left = -1
            people.provision(nobody, adopt=False)
            assert wrong(people) == {}
            survived += 1
        else:
            break

    assert {look.standing for look in looks} == {Standing.MISSING}
    assert survived > len(NAMES)
