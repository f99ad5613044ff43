"""What CloudFormation makes of our template is what we make ourselves, for both come from one description."""

import json
from typing import Any

import pytest
from attrs import evolve
from cfnlint.api import lint

from adapters.aws.site.making import AwsSite, template_of
from adapters.cli.cloud_site import nobody
from adapters.settings import Settings
from tests.support.aws import REGION
from tests.support.formation import UNKNOWN_TO_MOTO, finish
from tests.support.site import document_of, told, wrong

ENVIRONMENTS = ("dev", "staging", "prod")
SETTINGS = Settings(base_url="https://tickets.example.com")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("is_billing", [False, True])
def test_cfn_lint_has_nothing_to_say(environment: str, is_billing: bool) -> None:
    said = lint(json.dumps(template_of(SETTINGS, environment, is_billing=is_billing)))

    assert [str(match) for match in said] == []


def test_cfn_lint_would_say_it() -> None:
    """The negative control."""
    document = template_of(SETTINGS, "dev", is_billing=False)
    document["Resources"]["Files"]["Properties"]["VersioningConfiguration"] = {"Status": "On"}

    assert lint(json.dumps(document)) != []


def deploy(site: AwsSite, document: dict[str, Any]) -> None:
    made = {name: each for name, each in document["Resources"].items() if each["Type"] not in UNKNOWN_TO_MOTO}
    client = site.clients.of("cloudformation")
    client.create_stack(
        StackName="site",
        TemplateBody=json.dumps(document | {"Resources": made}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        OnFailure="DO_NOTHING",
    )
    [stack] = client.describe_stacks(StackName="site")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    words = {"Region": REGION, "AccountId": site.place.account, "Partition": site.place.partition}
    finish(site.clients, document["Resources"], words)


def test_what_the_template_makes_is_as_described(site: AwsSite, site_settings: Settings) -> None:
    deploy(site, template_of(site_settings, "dev", is_billing=False))

    elsewhere = {thing.title: "missing" for thing in site.things if thing.region == site.place.billing_region}
    # CloudFormation makes no SecureString: `provision` brings it, and needs nobody for it.
    secret = {"parameter /relexbooking/dev/cognito_client_secret": "missing"}
    assert wrong(site) == elsewhere | secret
    site.provision(nobody, adopt=False)
    assert wrong(site) == {}


def test_a_template_of_something_else_would_be_seen(site: AwsSite, site_settings: Settings) -> None:
    """The negative control."""
    document = template_of(site_settings, "dev", is_billing=False)
    del document["Resources"]["TableSession"]["Properties"]["TimeToLiveSpecification"]
    document["Resources"]["Files"]["Properties"]["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] = ["*"]
    deploy(site, document)

    assert {f"bucket {site.place.bucket}: CORS", "removal of what has passed from relexbooking-dev-Session"} <= told(
        site.look(nobody)
    )


def test_every_thing_but_a_secret_is_in_the_templates(site: AwsSite) -> None:
    documents = [template_of(SETTINGS, "dev", is_billing=is_billing) for is_billing in (False, True)]
    made = [name for document in documents for name in document["Resources"]]

    assert len(made) == len(set(made)) == sum(len(thing.resources()) for thing in site.things)
    without = [thing.title for thing in site.things if not thing.resources()]
    assert without == ["parameter /relexbooking/dev/cognito_client_secret"]


def test_in_production_what_people_trusted_us_with_outlives_the_stack() -> None:
    policies = {
        environment: {
            resource["DeletionPolicy"]
            for resource in template_of(SETTINGS, environment, is_billing=False)["Resources"].values()
            if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}
        }
        for environment in ENVIRONMENTS
    }

    assert policies == {"dev": {"Delete"}, "staging": {"Delete"}, "prod": {"Retain"}}


def test_no_secret_and_no_account_is_in_a_template(site_settings: Settings) -> None:
    secret = evolve(site_settings, payments=("stripe",), stripe_api_key="sk_live_of_the_tests")
    document = json.dumps(template_of(secret, "prod", is_billing=False))

    assert "sk_live" not in document
    assert "123456789012" not in document


def test_the_policy_allows_everything_nowhere(site: AwsSite) -> None:
    statements = json.loads(document_of(site))["Statement"]

    assert {each["Sid"] for each in statements if each.get("Resource") == ["*"]} == {
        "FindTables",
        "TextLimits",
        "Metrics",
    }
    assert not any(action.endswith("*") for each in statements for action in each["Action"])
    [denied] = [each for each in statements if each["Effect"] == "Deny"]
    assert any(name.endswith("table/relexbooking-dev-Ledger") for name in denied["Resource"])
    assert any(name.endswith("table/relexbooking-dev-Audit") for name in denied["Resource"])
