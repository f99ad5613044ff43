"""An installation as people reach it: the demonstration, behind what speaks https for it."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.support.certificates import CERTIFICATE, loopback_tls
from tests.support.running_demo import RunningDemo, running_demo
from tests.support.tls_front import tls_front

_LIMITS: Final = ",".join(f"{name}=off" for name in ("sign_up", "sign_in", "use_link", "guest_hold", "ask_for_mail"))
"""All people of the tests come from this one machine."""


@frozen
class BrowserSite:
    """Where browsers find it, and what it keeps."""

    url: str
    demo: RunningDemo
    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / CERTIFICATE

    def mailed_link(self, address: str, page: str) -> str:
        """The path of the newest link to this page in a mail to somebody; empty while there is none."""
        found = ""
        for path in sorted(self.folder.glob("var/mailbox/*.eml"), key=lambda path: path.stat().st_mtime_ns):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            if mail["to"] == address and body is not None:
                links = re.findall(rf"(/{page}\?token=[\w-]+)", body.get_content())
                found = links[-1] if links else found
        return found


@contextmanager
def browser_site(folder: Path) -> Iterator[BrowserSite]:
    """An installation at an https address. A name and no number: browsers take passkeys for names alone."""
    shown, _ = loopback_tls(folder)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://localhost:{listening.getsockname()[1]}"
        # The sandbox believes the certificate too: its notices come by https like everybody else.
        settings = {"RELEX_BASE_URL": url, "RELEX_LIMITS": _LIMITS, "SSL_CERT_FILE": str(folder / CERTIFICATE)}
        with running_demo(folder, settings) as demo:
            port = int(demo.url.rpartition(":")[2])
            with tls_front(listening, shown, port):
                yield BrowserSite(url, demo, folder)
