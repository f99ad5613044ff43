"""The README's journey where everything is at AWS: DynamoDB, S3, SES and Cognito, chosen by settings alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from adapters.aws.bringing_about import bring_about
from adapters.aws.s3_bucket import Bucket
from adapters.aws.session import open_client
from adapters.settings import Settings
from tests.integration.test_readme import make_the_journey
from tests.support.aws import REGION
from tests.support.cognito import Cognito
from tests.support.dynamo_server import DynamoServer
from tests.support.running_demo import running_demo

BUCKET: Final = "relexbooking-storage-journey"
_CODE: Final = "To: ana@example.com\nSubject: Your code\n\nconfirm-email token=493021\n"
"""What Cognito itself writes to who signs up. moto sends no mails, and takes any code."""
_TOKEN_ALONE: Final = r'-d "{\"token\": \"$TOKEN\"}"'
_WITH_ADDRESS: Final = r'-d "{\"email\": \"ana@example.com\", \"token\": \"$TOKEN\"}"'
"""A code is short, and good only with the address that it was sent to."""


@contextmanager
def delivering(mailbox: Path) -> Iterator[None]:
    """What SES took is put where the journey looks for its mails."""
    from moto.ses.models import ses_backends

    mailbox.mkdir(parents=True)
    (mailbox / "code.eml").write_text(_CODE)
    ended = threading.Event()

    def deliver() -> None:
        while not ended.wait(0.1):
            for number, mail in enumerate(list(ses_backends["123456789012"][REGION].sent_messages)):
                (mailbox / f"{number}.eml").write_text(mail.raw_data)

    thread = threading.Thread(target=deliver)
    thread.start()
    yield
    ended.set()
    thread.join()


def _variables(aws: Settings, dynamo: DynamoServer, cognito: Cognito) -> dict[str, str]:
    return {
        "RELEX_AWS_REGION": REGION,
        "RELEX_AWS_ENV": "journey",
        "RELEX_AWS_ENDPOINT_URL": aws.aws_endpoint_url,
        "RELEX_STORE": "dynamodb",
        "RELEX_DYNAMO_ENDPOINT_URL": dynamo.url,
        "RELEX_KEYS": "ssm",
        "RELEX_OBJECTS": "s3",
        "RELEX_S3_BUCKET": BUCKET,
        "RELEX_MAILER": "ses",
        "RELEX_MAIL_FROM": "tickets@example.com",
        "RELEX_IDENTITY": "cognito",
        "RELEX_COGNITO_POOL_ID": cognito.ids.pool_id,
        "RELEX_COGNITO_CLIENT_ID": cognito.ids.client_id,
        "RELEX_COGNITO_CLIENT_SECRET": cognito.ids.client_secret,
    }


@pytest.mark.dynamo
@pytest.mark.slow
def test_from_nothing_to_an_open_door_with_everything_at_aws(
    aws: Settings, dynamo_server: DynamoServer, cognito: Cognito, tmp_path: Path
) -> None:
    bring_about(Bucket(BUCKET, REGION, "https://tickets.example.com").aspects(open_client(aws, "s3")))
    open_client(aws, "sesv2").create_email_identity(EmailIdentity="example.com")

    with running_demo(tmp_path, _variables(aws, dynamo_server, cognito)) as demo, delivering(tmp_path / "var/mailbox"):
        make_the_journey(demo.url, tmp_path, {_TOKEN_ALONE: _WITH_ADDRESS})

    assert not list((tmp_path / "var").glob("*.db")), "the records are elsewhere"
    assert not list((tmp_path / "var").rglob("ring.json")), "and so are the keys"
    kept = open_client(aws, "s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert any(entry["Key"].startswith("private/kyc/") for entry in kept), "the passport, sealed"
    assert cognito.groups("ana@example.com") == {"User", "Organizer"}
