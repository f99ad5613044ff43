"""Texts through SNS, over a socket, against moto's server."""

from typing import Any

import pytest
from attrs import evolve

from adapters import from_settings
from adapters.aws.services import sns
from adapters.aws.session import AwsLine, open_client
from adapters.aws.sns_texter import SnsTexter
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.texts import Text, Texter, TextFailed
from tests.contracts.texter import ONE, Received, TexterContract
from tests.support.aws import REGION, nowhere


class TestSnsTexter(TexterContract):
    @pytest.fixture
    def texter(self, aws: Settings) -> Texter:
        return sns(aws)

    @pytest.fixture
    def received(self) -> Received:
        def texts() -> list[tuple[str, str]]:
            from moto.sns.models import sns_backends

            return list(sns_backends["123456789012"][REGION].sms_messages.values())

        return texts


async def test_a_text_is_no_advertisement(aws: Settings) -> None:
    client = open_client(aws, "sns", tries=1)
    asked: dict[str, Any] = {}
    client.meta.events.register("provide-client-params.sns.Publish", lambda params, **_: asked.update(params))

    await SnsTexter(AwsLine(client)).send(ONE)

    assert asked["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"


async def test_a_refusal_says_neither_number_nor_words(aws: Settings) -> None:
    with pytest.raises(TextFailed, match="AWS says InvalidParameter") as failed:
        await sns(aws).send(Text("+1", "secret words"))

    assert "+1" not in str(failed.value)
    assert failed.value.__cause__ is None


async def test_a_text_is_handed_over_once(aws: Settings) -> None:
    client = open_client(nowhere(aws), "sns", tries=1)
    tries: list[int] = []
    client.meta.events.register("before-send.sns.Publish", lambda **_: tries.append(1))

    with pytest.raises(TextFailed):
        await SnsTexter(AwsLine(client)).send(ONE)

    assert len(tries) == 1


def test_an_sns_that_does_not_answer_stops_the_start(aws: Settings) -> None:
    settings = evolve(nowhere(aws), texts="sns")
    with pytest.raises(WrongSetting, match="RELEX_TEXTS=sns: AWS says EndpointConnectionError"):
        from_settings.texter(settings)


def test_nobody_is_texted_unless_the_settings_say_so(aws: Settings) -> None:
    assert from_settings.texter(aws) is None
