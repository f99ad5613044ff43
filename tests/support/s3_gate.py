"""What S3 does with a signed link and moto leaves out: it looks whether link and file are what was signed."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from attrs import define
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.fake_clock import FakeClock

_DATE: Final = "%Y%m%dT%H%M%SZ"


@define(eq=False)
class Gate:
    """`switched_off`, it lets everything through, as moto does."""

    behind: str
    """Where moto listens."""
    credentials: Credentials
    region: str
    clock: FakeClock
    url: str = ""
    switched_off: bool = False

    def refusal(self, path: str, headers: Mapping[str, str], data: bytes) -> str:
        """Why S3 would not take it, by the code that it gives; empty if it would."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if not query.keys() >= {"X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"}:
            return "AccessDenied"
        if query["X-Amz-Signature"] != self._signature(path, query, headers):
            return "SignatureDoesNotMatch"
        signed_at = datetime.strptime(query["X-Amz-Date"], _DATE).replace(tzinfo=UTC)
        if self.clock.now() >= signed_at + timedelta(seconds=int(query["X-Amz-Expires"])):
            return "AccessDenied"
        told = headers.get("x-amz-checksum-sha256")
        if told is not None and b64decode(told) != sha256(data).digest():
            return "BadDigest"
        return ""

    def _signature(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
        """What AWS's own signer makes of the request as it came."""
        bare = urlencode({name: value for name, value in query.items() if name != "X-Amz-Signature"})
        signed = {name: headers[name] for name in query["X-Amz-SignedHeaders"].split(";") if name in headers}
        request = AWSRequest("PUT", f"{self.url}{urlsplit(path).path}?{bare}", headers=signed)
        request.context["timestamp"] = query["X-Amz-Date"]
        signer = S3SigV4QueryAuth(self.credentials, "s3", self.region, expires=int(query["X-Amz-Expires"]))
        canonical = signer.canonical_request(request)
        signature: str = signer.signature(signer.string_to_sign(request, canonical), request)
        return signature


@contextmanager
def opened(gate: Gate) -> Iterator[Gate]:
    """The gate, which listens at its `url`. What is signed by a header, as boto3 does it, moto answers as ever."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = self.path
            if "authorization" not in headers:
                refusal = "" if gate.switched_off else gate.refusal(path, headers, data)
                if refusal:
                    self._answer(403, {}, refusal.encode())
                    return
                # Moto lets nobody replace a file who shows no key; it does not look at what the key is.
                path = urlsplit(path).path
                headers = {"content-type": headers["content-type"], "authorization": "looked at by the gate"}
            told = httpx.request(self.command, gate.behind + path, content=data, headers=headers)
            self._answer(told.status_code, told.headers, told.content)

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name not in {"connection", "content-length", "content-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        gate.url = f"http://127.0.0.1:{server.server_port}"
        yield gate
        server.shutdown()
        thread.join()
