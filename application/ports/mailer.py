from typing import Protocol
from urllib.parse import quote

from attrs import field, frozen


@frozen
class Attachment:
    """A file that comes with a message. One that the HTML shows as `cid:` and its `content_id` stands in the text."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def content_id(self) -> str:
        """Distinct within one message, in the form of RFC 2392."""
        return f"{quote(self.name, safe='')}@attached"


@frozen
class Mail:
    """One message to one person."""

    id: str
    """The same for every attempt to send it, so that a receiver can tell a repetition."""
    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


class MailFailed(Exception):
    """The message was not taken. It may be tried again."""


class Mailer(Protocol):
    """Hands messages on to people's mailboxes."""

    async def send(self, mail: Mail) -> None:
        """Return once the message is taken; MailFailed otherwise. A crash in between may send it twice."""
