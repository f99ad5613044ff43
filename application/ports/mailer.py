from typing import Protocol

from attrs import field, frozen


@frozen
class Attachment:
    name: str
    media_type: str
    data: bytes = field(repr=False)


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
