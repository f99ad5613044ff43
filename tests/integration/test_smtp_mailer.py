"""Over real sockets, against a server with its good and bad days."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.messaging.smtp_mailer import SmtpMailer, SmtpSecurity
from application.ports.mailer import Mail, Mailer, MailFailed
from tests.contracts.mailer import PLAIN, Arrived, MailerContract
from tests.support.certificates import loopback_tls
from tests.support.fake_clock import FakeClock
from tests.support.smtp_server import DROP, HANG, SmtpServer

SENDER = "Box office <tickets@example.com>"


def mailer_for(server: SmtpServer, **options: Any) -> SmtpMailer:
    usual: dict[str, Any] = {"security": SmtpSecurity.PLAIN, "timeout_seconds": 5.0}
    return SmtpMailer("127.0.0.1", SENDER, FakeClock(), server.port, **(usual | options))


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer().serving() as server:
        yield server


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return loopback_tls(tmp_path)


class TestSmtpMailer(MailerContract):
    adapter = "smtp"

    @pytest.fixture
    def mailer(self, server: SmtpServer) -> Mailer:
        return mailer_for(server)

    @pytest.fixture
    def arrived(self, server: SmtpServer) -> Arrived:
        def parsed() -> list[EmailMessage]:
            return [message_from_bytes(delivered.data, policy=default) for delivered in server.delivered]

        return parsed


async def test_the_envelope_names_one_sender_and_one_recipient(server: SmtpServer) -> None:
    await mailer_for(server).send(PLAIN)

    (delivered,) = server.delivered
    assert (delivered.sender, delivered.recipients) == ("tickets@example.com", ("ada@example.org",))


async def test_every_line_is_short_and_of_seven_bits(server: SmtpServer) -> None:
    await mailer_for(server).send(evolve(PLAIN, text="नमस्ते " * 500, subject="नमस्ते " * 30))

    (delivered,) = server.delivered
    assert delivered.data.isascii()
    assert max(len(line) for line in delivered.data.splitlines()) <= 998


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("CONNECT", "421 too busy"),
        ("CONNECT", "554 go away"),
        ("MAIL", "451 try later"),
        ("RCPT", "550 no such mailbox"),
        ("RCPT", "450 grey for now"),
        ("DATA", "554 no"),
        ("TAKEN", "552 too large"),
        ("TAKEN", "451 disk full"),
        ("CONNECT", DROP),
        ("EHLO", DROP),
        ("RCPT", DROP),
        ("DATA", DROP),
        ("TAKEN", DROP),
        ("MAIL", "nonsense"),
    ],
)
async def test_a_mail_that_was_not_taken_failed(command: str, answer: str) -> None:
    with SmtpServer(answers={command: answer}).serving() as server:
        with pytest.raises(MailFailed):
            await mailer_for(server).send(PLAIN)

        assert server.delivered == []


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "TAKEN"])
async def test_a_server_that_says_nothing_is_not_waited_for_long(command: str) -> None:
    with SmtpServer(answers={command: HANG}).serving() as server, pytest.raises(MailFailed, match="timed out"):
        await mailer_for(server, timeout_seconds=0.2).send(PLAIN)


@pytest.mark.parametrize("answer", ["421 shutting down", DROP, HANG, "nonsense"])
async def test_a_rude_farewell_does_not_make_a_mail_fail_that_was_taken(answer: str) -> None:
    with SmtpServer(answers={"QUIT": answer}).serving() as server:
        await mailer_for(server, timeout_seconds=0.5).send(PLAIN)

        assert len(server.delivered) == 1


async def test_nobody_there_is_a_failure(server: SmtpServer) -> None:
    with SmtpServer().serving() as gone:
        pass

    with pytest.raises(MailFailed):
        await mailer_for(gone).send(PLAIN)


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(server: SmtpServer) -> None:
    mail = evolve(PLAIN, to="आदा@example.org")

    with pytest.raises(MailFailed):
        await mailer_for(server).send(mail)
    with SmtpServer(offers=("SMTPUTF8", "8BITMIME")).serving() as modern:
        await mailer_for(modern).send(mail)
        assert modern.delivered[0].recipients == ("आदा@example.org",)


async def test_no_more_connections_are_open_at_a_time_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=20)
    threads: set[int] = set()

    def slow(_mailer: SmtpMailer, _mail: Mail) -> None:
        threads.add(threading.get_ident())
        both.wait()  # Passes only if two run at a time.

    monkeypatch.setattr(SmtpMailer, "_send", slow)
    mailer = mailer_for(SmtpServer(), connections_max=2)
    await asyncio.gather(*(mailer.send(PLAIN) for _ in range(6)))

    assert len(threads) == 2
    assert threading.get_ident() not in threads


class TestTls:
    """What is said in secret, and to whom."""

    @pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
    async def test_mail_and_password_go_over_tls(
        self, security: SmtpSecurity, tls: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        shown, trusted = tls
        from_start = security is SmtpSecurity.TLS
        offers = ("STARTTLS", "AUTH PLAIN")
        with SmtpServer(offers, tls=shown, tls_from_the_start=from_start).serving() as server:
            await mailer_for(server, security=security, tls=trusted, username="box", password="secret").send(PLAIN)

        (delivered,) = server.delivered
        assert delivered.secure
        assert delivered.signed_in_as == "box"

    async def test_without_starttls_nothing_is_said(self) -> None:
        """Somebody in between may have struck the offer out."""
        with SmtpServer(offers=("AUTH PLAIN",)).serving() as server, pytest.raises(MailFailed, match="STARTTLS"):
            await mailer_for(server, security=SmtpSecurity.STARTTLS, username="box", password="secret").send(PLAIN)

        assert server.commands == ["EHLO"]

    @pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
    async def test_a_server_that_cannot_prove_its_name_gets_nothing(
        self, security: SmtpSecurity, tls: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        """By default only certificates that the machine trusts will do, and ours signs itself."""
        from_start = security is SmtpSecurity.TLS
        stranger = SmtpServer(("STARTTLS",), tls=tls[0], tls_from_the_start=from_start)
        with stranger.serving() as server, pytest.raises(MailFailed, match="certificate"):
            await mailer_for(server, security=security).send(PLAIN)

        assert server.delivered == []
        assert "MAIL" not in server.commands

    async def test_a_wrong_password_is_a_failure_that_does_not_tell_it(
        self, tls: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        shown, trusted = tls
        offers, answers = ("STARTTLS", "AUTH PLAIN"), {"AUTH": "535 wrong"}
        with SmtpServer(offers, answers, tls=shown).serving() as server:
            mailer = mailer_for(server, security=SmtpSecurity.STARTTLS, tls=trusted, username="box", password="s3cret")
            with pytest.raises(MailFailed, match="535") as failure:
                await mailer.send(PLAIN)

        assert "s3cret" not in str(failure.value) + repr(mailer)

    def test_a_password_is_never_configured_for_the_clear(self, server: SmtpServer) -> None:
        with pytest.raises(ValueError, match="only over TLS"):
            mailer_for(server, username="box", password="secret")
