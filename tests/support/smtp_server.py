"""A mail server on a loopback port, which can have a bad day."""

import base64
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Final

from attrs import Factory, define, frozen

DROP: Final = "drop"
"""In place of an answer: close the connection."""
HANG: Final = "hang"
"""In place of an answer: say nothing until the server is shut down."""

_USUAL: Final = {
    "CONNECT": "220 ready",
    "STARTTLS": "220 go on",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "TAKEN": "250 taken",
    "QUIT": "221 bye",
}


@frozen
class Delivered:
    """One message as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    secure: bool
    signed_in_as: str


@define
class SmtpServer:
    """What it offers, what it took, and the answers that differ from the usual ones, by command."""

    offers: tuple[str, ...] = ()
    answers: Mapping[str, str] = Factory(dict)
    tls: ssl.SSLContext | None = None
    tls_from_the_start: bool = False
    port: int = 0
    delivered: list[Delivered] = Factory(list)
    commands: list[str] = Factory(list)
    closing: Event = Factory(Event)

    @contextmanager
    def serving(self) -> Iterator["SmtpServer"]:
        ThreadingTCPServer.daemon_threads = False
        handler = type("Conversation", (_Conversation,), {"server_book": self})
        with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
            self.port = server.server_address[1]
            thread = Thread(target=lambda: server.serve_forever(poll_interval=0.01))
            thread.start()
            try:
                yield self
            finally:
                self.closing.set()
                server.shutdown()
                thread.join()


class _Over(Exception):
    """The conversation is at its end."""


class _Conversation(StreamRequestHandler):
    server_book: SmtpServer

    def handle(self) -> None:
        self.secure, self.user, self.sender = False, "", ""
        self.recipients: list[str] = []
        # A client that gives up, or refuses our certificate, is what some tests are about.
        with suppress(_Over, OSError):
            if self.server_book.tls_from_the_start:
                self._encrypt()
            self._say("CONNECT")
            while line := self.rfile.readline():
                self._obey(line.decode("utf-8", "replace").strip())

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        self.server_book.commands.append(verb)
        address = rest.partition("<")[2].partition(">")[0]
        if verb == "MAIL":
            self.sender, self.recipients = address, []
        elif verb == "RCPT":
            self.recipients.append(address)
        elif verb == "AUTH":
            self.user = base64.b64decode(rest.split()[-1]).split(b"\0")[1].decode()
        elif verb == "EHLO":
            lines = ["localhost", *self.server_book.offers]
            self._say(verb, "\r\n".join(f"250-{offer}" for offer in lines) + "\r\n250 OK")
            return
        answer = self._say(verb)
        if verb == "DATA" and answer.startswith("354"):
            self._take()
        elif verb == "STARTTLS" and answer.startswith("220"):
            self._encrypt()
        elif verb == "QUIT":
            raise _Over

    def _take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _Over
            lines.append(line.removeprefix(b"."))
        taken = Delivered(self.sender, tuple(self.recipients), b"".join(lines), self.secure, self.user)
        if self._say("TAKEN").startswith("250"):
            self.server_book.delivered.append(taken)

    def _encrypt(self) -> None:
        assert self.server_book.tls is not None, "this server has no certificate"
        self.connection = self.server_book.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.secure = True

    def _say(self, verb: str, usual: str = "250 fine") -> str:
        answer = self.server_book.answers.get(verb, _USUAL.get(verb, usual))
        if answer == HANG:
            self.server_book.closing.wait()
        if answer in {HANG, DROP}:
            raise _Over
        self.wfile.write(answer.encode() + b"\r\n")
        self.wfile.flush()
        return answer
