"""Mail as a MIME message, with the standard library's own rules for headers."""

import re
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from adapters.messaging.plain_words import one_line, shortened
from application.ports.mailer import Attachment, Mail

SUBJECT_CHARS_MAX: Final = 300
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_%-]{1,120}")
_BARE: Final = re.compile(r"""(?P<local>[^\s@<>,;:"()\[\]\\]+)@(?P<domain>[^\s@<>,;:"()\[\]\\]+)""")
_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_POLICY: Final = SMTP.clone(cte_type="7bit")
"""Not every server takes eight bits."""


def stable_name(mail: Mail) -> str:
    """One name for every attempt to send a mail, fit for a file and for a Message-ID; other mails have others."""
    name = quote(mail.id, safe="")
    return name if _PLAIN_NAME.fullmatch(name) else sha256(mail.id.encode()).hexdigest()


def sender_address(sender: str) -> Address:
    """`Box office <tickets@example.org>`, or the address alone, taken apart; ValueError if it is no one address."""
    match = _NAMED.fullmatch(sender)
    return _address(match["address"], _header_words(match["name"])) if match else _address(sender)


def _address(text: str, name: str = "") -> Address:
    """Exactly one address. The library's own parser takes the first of several, and stumbles over an empty one."""
    match = _BARE.fullmatch(text)
    if match is None or not text.isprintable():
        raise ValueError(f"{text!r} is not one e-mail address")
    return Address(name, match["local"], match["domain"])


def mime_message(mail: Mail, sender: Address, at: datetime, *, readable: bool = False) -> EmailMessage:
    """The message, with text, HTML and attachments. ValueError if the recipient is not exactly one address.

    `readable` leaves the words as they are, for files that people look into; a server may want them encoded.
    """
    message = EmailMessage(SMTP if readable else _POLICY)
    message["From"] = sender
    message["To"] = _address(mail.to)
    message["Subject"] = shortened(_header_words(mail.subject), SUBJECT_CHARS_MAX)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{stable_name(mail)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps other machines from answering.
    _fill(message, mail, "8bit" if readable else None)
    return message


def _header_words(text: str) -> str:
    # What looks like an encoded word of RFC 2047 would be decoded by the reader, line ends and all.
    return one_line(text).replace("=?", "= ?")


def _fill(message: EmailMessage, mail: Mail, encoding: str | None) -> None:
    shown = [attachment for attachment in mail.attachments if f"cid:{attachment.content_id}" in mail.html]
    if shown:
        # The pictures stand beside both texts, and not within the HTML, so that readers of plain text get them too.
        message.make_related()
        words = EmailMessage(message.policy)
        _write(words, mail, encoding)
        del words["MIME-Version"]
        message.attach(words)
        for attachment in shown:
            _attach(message.add_related, attachment, cid=f"<{attachment.content_id}>", disposition="inline")
    else:
        _write(message, mail, encoding)
    for attachment in mail.attachments:
        if attachment not in shown:
            _attach(message.add_attachment, attachment)


def _write(message: EmailMessage, mail: Mail, encoding: str | None) -> None:
    message.set_content(_encodable(mail.text), cte=encoding)
    if mail.html:
        message.add_alternative(_encodable(mail.html), subtype="html", cte=encoding)


def _attach(add: Callable[..., None], attachment: Attachment, **placed: str) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    add(attachment.data, maintype=maintype, subtype=subtype, filename=_header_words(attachment.name), **placed)


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
