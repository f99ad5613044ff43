"""Mail through SES, as whole messages that we write ourselves."""

from email.headerregistry import Address
from typing import Any, Final

from attrs import field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import AwsLine, fault_of
from adapters.messaging.mime import mime_message, sender_address, stable_name
from application.ports.clock import Clock
from application.ports.mailer import Mail, MailFailed

OUR_ID: Final = "X-RelexBooking-Mail"
"""SES puts a Message-ID of its own in place of ours: by this header a repetition is told all the same."""
_TAG: Final = "relexbooking-mail"


@frozen
class SesMailer:
    """Hands mails to SES, which tells no repetition: a mail whose answer was lost may come twice, under one id of ours.

    The id is in a header, and as a tag in what SES tells of deliveries, bounces and complaints.
    """

    line: AwsLine
    sender: Address = field(converter=sender_address)
    clock: Clock
    configuration_set: str = ""

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        try:
            request = self._request(mail)
            await self.line.do(lambda client: client.send_email(**request))
        except ValueError as error:  # No address, or one that needs more than ASCII, which SES does not take.
            raise MailFailed(f"SES cannot be given this mail: {error}") from error
        except (ClientError, BotoCoreError) as error:
            # Not chained: AWS's own words may carry addresses, and what signs our requests.
            raise MailFailed(f"SES did not take the mail: {fault_of(error)}") from None

    def _request(self, mail: Mail) -> dict[str, Any]:
        if not (mail.to + self.sender.addr_spec).isascii():
            raise ValueError("an address in it is not in ASCII")
        message = mime_message(mail, self.sender, self.clock.now())
        message[OUR_ID] = stable_name(mail)
        request: dict[str, Any] = {
            "FromEmailAddress": self.sender.addr_spec,
            "Destination": {"ToAddresses": [mail.to]},
            "Content": {"Raw": {"Data": message.as_bytes()}},
            # A tag takes no percent sign; a name of ours has no dot.
            "EmailTags": [{"Name": _TAG, "Value": stable_name(mail).replace("%", ".")}],
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        return request
