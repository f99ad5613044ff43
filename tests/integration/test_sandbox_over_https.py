"""The sandbox's notices reach who develops under a certificate of their own."""

from pathlib import Path

import httpx
import pytest

from adapters.payments.sandbox.courier import courier_client
from tests.support.certificates import CERTIFICATE, loopback_tls
from tests.support.foreign_pages import foreign_pages


async def test_the_courier_believes_the_certificate_that_it_is_told_of_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback_tls(tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with foreign_pages("taken", tmp_path / CERTIFICATE) as receiver:
        async with courier_client() as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(receiver.next_door)

        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / CERTIFICATE))
        async with courier_client() as client:
            assert (await client.get(receiver.next_door)).text == "taken"
