"""Texts through SNS."""

from typing import Any, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import AwsLine, fault_of
from application.ports.texts import Text, TextFailed

TRANSACTIONAL: Final = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
"""Sent by the routes that arrive first, and not as advertising."""


@frozen
class SnsTexter:
    """Hands texts to SNS, which keeps those who answered STOP from getting more."""

    line: AwsLine

    async def send(self, text: Text) -> None:
        """See Texter."""

        def publish(client: Any) -> Any:
            return client.publish(PhoneNumber=text.to, Message=text.words, MessageAttributes=TRANSACTIONAL)

        try:
            await self.line.do(publish)
        except (ClientError, BotoCoreError) as error:
            raise TextFailed(f"SNS did not take the text: {fault_of(error)}") from None
