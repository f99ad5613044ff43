"""Mail through SES, over a socket, against moto's server."""

from collections.abc import Sequence
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from attrs import evolve
from botocore.stub import Stubber

from adapters.aws.services import ses
from adapters.aws.ses_mailer import OUR_ID, SesMailer
from adapters.aws.session import AwsLine, open_client
from adapters.cli.operations import Verdict
from adapters.diagnosis import parts
from adapters.registry import MAILERS
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.mailer import Mailer, MailFailed
from tests.contracts.mailer import PLAIN, Arrived, MailerContract
from tests.support.aws import REGION, nowhere
from tests.support.fake_clock import FakeClock

SENDER = "Box office <tickets@example.com>"


@pytest.fixture
def settings(aws: Settings) -> Settings:
    open_client(aws, "sesv2").create_email_identity(EmailIdentity="example.com")
    return evolve(aws, mailer="ses", mail_from=SENDER)


def taken() -> Sequence[Any]:
    """What moto's SES took."""
    from moto.ses.models import ses_backends

    messages: Sequence[Any] = ses_backends["123456789012"][REGION].sent_messages
    return messages


class TestSesMailer(MailerContract):
    adapter = "ses"

    @pytest.fixture
    def mailer(self, settings: Settings) -> Mailer:
        return MAILERS.build("ses", settings)

    @pytest.fixture
    def arrived(self) -> Arrived:
        def parsed() -> list[EmailMessage]:
            return [message_from_string(message.raw_data, policy=default) for message in taken()]

        return parsed


async def test_a_repetition_is_told_by_a_header_that_ses_leaves_alone(settings: Settings) -> None:
    mailer = ses(settings)
    for mail in (PLAIN, PLAIN, evolve(PLAIN, id="fact_03h")):
        await mailer.send(mail)

    ids = [message_from_string(message.raw_data, policy=default)[OUR_ID] for message in taken()]
    assert ids == ["fact_02h", "fact_02h", "fact_03h"]


async def test_the_envelope_names_one_sender_and_one_recipient(settings: Settings) -> None:
    await ses(settings).send(PLAIN)

    [message] = taken()
    assert (message.source, set(message.destinations)) == ("tickets@example.com", {"ada@example.org"})


async def test_what_is_told_of_deliveries_carries_our_id_and_goes_to_our_configuration_set(settings: Settings) -> None:
    client = open_client(settings, "sesv2", tries=1)
    mailer = SesMailer(AwsLine(client), SENDER, FakeClock(), "events")
    asked: dict[str, Any] = {}
    client.meta.events.register("provide-client-params.sesv2.SendEmail", lambda params, **_: asked.update(params))

    await mailer.send(evolve(PLAIN, id="fact_1/bkg 2"))

    assert asked["EmailTags"] == [{"Name": "relexbooking-mail", "Value": "fact_1.2Fbkg.202"}]
    assert asked["ConfigurationSetName"] == "events"


async def test_an_address_beyond_ascii_is_refused_before_ses_is_asked(settings: Settings) -> None:
    with pytest.raises(MailFailed, match="not in ASCII"):
        await ses(settings).send(evolve(PLAIN, to="ädä@example.org"))

    assert not taken()


@pytest.mark.parametrize("code", ["MessageRejected", "TooManyRequestsException", "AccessDeniedException"])
async def test_what_ses_does_not_take_may_be_tried_again_and_its_words_stay_out(settings: Settings, code: str) -> None:
    client = open_client(settings, "sesv2", tries=1)
    with Stubber(client) as stub:
        stub.add_client_error("send_email", code, "ada@example.org: Credential=AKIA/secret")
        with pytest.raises(MailFailed, match=f"did not take the mail: AWS says {code}$") as failed:
            await SesMailer(AwsLine(client), SENDER, FakeClock()).send(PLAIN)

    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def open_at_nowhere(settings: Settings, tries: list[int], allowed: int = 1) -> Any:
    client = open_client(nowhere(settings), "sesv2", tries=allowed)
    client.meta.events.register("before-send.sesv2.SendEmail", lambda **_: tries.append(1))
    return client


async def test_a_mail_is_handed_over_once_for_each_send(settings: Settings) -> None:
    """SES cannot tell a repetition, so botocore must make none by itself: the relay does, and counts."""
    tries: list[int] = []
    with pytest.raises(MailFailed):
        await SesMailer(AwsLine(open_at_nowhere(settings, tries)), SENDER, FakeClock()).send(PLAIN)

    assert len(tries) == 1


async def test_with_botocores_own_repetitions_a_mail_would_be_handed_over_more_than_once(settings: Settings) -> None:
    """The negative control."""
    tries: list[int] = []
    with pytest.raises(MailFailed):
        await SesMailer(AwsLine(open_at_nowhere(settings, tries, 2)), SENDER, FakeClock()).send(PLAIN)

    assert len(tries) == 2


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ("tickets@example.net", "SES knows neither this address nor its domain in eu-central-1: verify"),
        ("nobody", "RELEX_MAIL_FROM: 'nobody' is not one e-mail address"),
    ],
)
def test_a_sender_that_cannot_be_stops_the_start(settings: Settings, sender: str, words: str) -> None:
    with pytest.raises(WrongSetting, match=words):
        MAILERS.build("ses", evolve(settings, mail_from=sender))


def test_an_address_that_is_verified_by_itself_will_do(settings: Settings) -> None:
    open_client(settings, "sesv2").create_email_identity(EmailIdentity="box@example.net")

    MAILERS.build("ses", evolve(settings, mail_from="box@example.net"))


def test_an_unreachable_ses_stops_the_start(settings: Settings) -> None:
    with pytest.raises(WrongSetting, match=r"RELEX_MAIL_FROM=tickets@example\.com: AWS says EndpointConnectionError"):
        MAILERS.build("ses", nowhere(settings))


async def test_doctor_says_whether_ses_knows_the_sender(settings: Settings) -> None:
    good = await parts.mail(settings)
    bad = await parts.mail(evolve(settings, mail_from="tickets@example.net"))

    assert (good.verdict, bad.verdict) == (Verdict.OK, Verdict.WRONG)
    assert "verify one of them" in bad.said
