"""An installation whose files, mails, secrets, keys and metrics are all at AWS, by settings alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.aws.bringing_about import bring_about
from adapters.aws.s3_bucket import Bucket
from adapters.aws.session import open_client
from adapters.monitoring.watching import watching
from adapters.settings import Settings
from application.access import Actor
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.create_event import EventPlan, TicketTypePlan
from application.use_cases.sign_up import SignUpCommand
from domain.account import Role
from domain.event import Venue
from tests.support import pictures
from tests.support.aws import REGION
from tests.support.documents import passport, scan
from wiring.container import Container, build, close

BUCKET: Final = "relexbooking-storage-test"
ALIAS: Final = "alias/relexbooking-test-kyc"
CANARY: Final = b"what is written on the passport"
OPERATOR: Final = Actor.operator("test")
PARAMETERS: Final = {
    "objects": "s3",
    "s3_bucket": BUCKET,
    "mailer": "ses",
    "mail_from": "tickets@example.com",
    "kyc_kms_key": ALIAS,
    "cloudwatch": "true",
    "texts": "sns",
    "sandbox_api_key": "of the parameter store",
}


@pytest.fixture
async def container(aws: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Container]:
    """Everything, from a few variables and the Parameter Store."""
    bring_about(Bucket(BUCKET, REGION, "https://tickets.example.com").aspects(open_client(aws, "s3")))
    open_client(aws, "sesv2").create_email_identity(EmailIdentity="example.com")
    kms = open_client(aws, "kms")
    kms.create_alias(AliasName=ALIAS, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    for name, value in PARAMETERS.items():
        open_client(aws, "ssm").put_parameter(Name=f"/relexbooking/test/{name}", Value=value, Type="SecureString")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "RELEX_SSM_ENV": "test",
        "RELEX_AWS_ENV": "test",
        "RELEX_AWS_REGION": REGION,
        "RELEX_AWS_ENDPOINT_URL": aws.aws_endpoint_url,
        "RELEX_DATA_DIR": str(tmp_path / "var"),
    }.items():
        monkeypatch.setenv(name, value)
    container = build()
    yield container
    await close(container)


@pytest.fixture
async def organizer(container: Container) -> Actor:
    command = CreateAccountCommand("org@example.org", "Org", "correct horse battery", Role.ORGANIZER, approved=True)
    account = await container.deeds().create_account(OPERATOR, command)
    return Actor.person(await container.deeds().accounts.show(OPERATOR, account.id))


def stored(client: Any) -> dict[str, bytes]:
    """Every object in the bucket."""
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


async def test_settings_of_the_parameter_store_are_those_of_the_installation(container: Container) -> None:
    assert container.settings().sandbox_api_key == "of the parameter store"
    assert "of the parameter store" not in repr(container.settings())


async def test_a_mail_goes_through_ses(container: Container) -> None:
    from moto.ses.models import ses_backends

    await container.deeds().sign_up(SignUpCommand("ada@example.net", "Ada", "correct horse battery"))
    await container.deeds().relay.drain()

    [sent] = ses_backends["123456789012"][REGION].sent_messages
    message = message_from_string(sent.raw_data, policy=default)
    assert message["To"] == "ada@example.net"
    assert message["X-RelexBooking-Mail"]


async def test_a_picture_lies_in_the_bucket_and_is_put_aside_with_its_event(
    container: Container, organizer: Actor, aws: Settings
) -> None:
    deeds, client = container.deeds(), open_client(aws, "s3")
    starts = datetime.now(UTC) + timedelta(days=2)
    plan = EventPlan(
        title="Concert",
        venue=Venue("Hall", "1 Street", "Pune"),
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        zone="Asia/Kolkata",
        currency="EUR",
        ticket_types=(TicketTypePlan("Standard", "0.00", 10),),
    )
    event = await deeds.create_event(organizer, plan)
    await deeds.add_event_image(organizer, event.id, pictures.png(), "A square")
    await deeds.move_event.publish(organizer, event.id)
    [key] = stored(client)
    assert client.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"] == []

    await deeds.move_event.cancel(organizer, event.id, "Concert")
    await deeds.move_event.archive(organizer, event.id)
    await deeds.relay.drain()

    assert client.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    shown = await deeds.events.image(event.id, key.rpartition("/")[2])
    assert shown.data == stored(client)[key]
    assert (await deeds.storage.kept(OPERATOR))["public/events"].files == 1


async def test_an_identity_document_is_sealed_in_the_bucket_and_opens_by_kms_alone(
    container: Container, aws: Settings, tmp_path: Path
) -> None:
    deeds = container.deeds()
    account = await deeds.create_account(
        OPERATOR, CreateAccountCommand("asha@example.org", "Asha", "correct horse battery", Role.USER)
    )
    applicant = Actor.person(await deeds.accounts.show(OPERATOR, account.id))
    request = await deeds.apply_for_kyc(applicant, ApplyForKycCommand("Asha", (passport(content=scan(CANARY)),)))

    [document] = [await container.begin()().kyc_documents.get(each) for each in request.document_ids]
    [file] = document.files
    assert file.key is not None
    assert file.key.key_id.startswith("arn:aws:kms:")
    assert CANARY not in stored(open_client(aws, "s3"))[file.object_key]
    assert CANARY in (await container.custody().read(document, file)).data
    assert not (tmp_path / "var" / "keys" / "identity-files").exists()


async def test_nothing_of_it_is_kept_on_this_machine(container: Container, organizer: Actor, tmp_path: Path) -> None:
    await container.deeds().relay.drain()

    assert not (tmp_path / "var" / "files").exists()
    assert not (tmp_path / "var" / "mailbox").exists()


async def test_it_tells_cloudwatch_how_it_does(container: Container, aws: Settings) -> None:
    [jobs] = watching(container.settings(), container.deeds())
    await jobs.run_once()

    names = {metric["MetricName"] for metric in open_client(aws, "cloudwatch").list_metrics()["Metrics"]}
    assert {"OutboxDead", "Requests", "FindingsOpen"} <= names
