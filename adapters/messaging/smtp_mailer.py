import asyncio
import contextlib
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from enum import StrEnum
from typing import Final

from attrs import define, field

from adapters.messaging.mime import mime_message, sender_address
from application.ports.clock import Clock
from application.ports.mailer import Mail, MailFailed

TIMEOUT_SECONDS: Final = 10.0
CONNECTIONS_MAX: Final = 4


class SmtpSecurity(StrEnum):
    """starttls: TLS before a word is said, or nothing is sent · tls: from the first byte on · plain: no TLS."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


@define(eq=False)
class SmtpMailer:
    """Hands mails to an SMTP server, each over a connection of its own, a few at a time."""

    host: str
    sender: Address = field(converter=sender_address)
    clock: Clock
    port: int = 587
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS
    connections_max: int = CONNECTIONS_MAX
    tls: ssl.SSLContext = field(factory=ssl.create_default_context, repr=False)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.username and self.security is SmtpSecurity.PLAIN:
            raise ValueError("a password goes to a mail server only over TLS: choose starttls or tls")
        self._pool = ThreadPoolExecutor(self.connections_max, thread_name_prefix="smtp")

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._send, mail)

    def _send(self, mail: Mail) -> None:
        try:
            message = mime_message(mail, self.sender, self.clock.now())
            with contextlib.closing(self._connected()) as server:
                self._hand_over(server, message, mail.to)
                # The mail is taken: whatever happens on parting must not make us send it again.
                with contextlib.suppress(OSError):
                    server.quit()
        except (OSError, ValueError) as error:  # Every error of smtplib and ssl is an OSError.
            raise MailFailed(f"{self.host}:{self.port} did not take the mail: {error}") from error

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        # Not by `send_message`, which writes ">From" where a line begins with "From".
        sender = self.sender.addr_spec
        if (sender + to).isascii():
            server.sendmail(sender, [to], message.as_bytes())
        else:
            as_utf8 = message.as_bytes(policy=SMTPUTF8)
            server.sendmail(sender, [to], as_utf8, mail_options=("SMTPUTF8", "BODY=8BITMIME"))

    def _connected(self) -> smtplib.SMTP:
        # Its own name for the greeting, since looking ours up could hang in DNS.
        name, timeout = self.sender.domain, self.timeout_seconds
        if self.security is SmtpSecurity.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, name, timeout=timeout, context=self.tls)
        else:
            server = smtplib.SMTP(self.host, self.port, name, timeout=timeout)
        try:
            if self.security is SmtpSecurity.STARTTLS:
                server.starttls(context=self.tls)
            if self.username:
                server.login(self.username, self.password)
        except BaseException:
            server.close()
            raise
        return server
