"""Identity documents on a running installation: over sockets in, by a short link out, and nowhere else in clear."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from adapters.cli.demo_cast import PASSWORD
from tests.support.documents import form, scan
from tests.support.polling import until
from tests.support.running_demo import running_demo
from tests.support.sandbox_provider import PLAIN

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CANARY: Final = b"Canary-Mergus-Octosetaceus"
NUMBER: Final = "M0CT0SE7A"


@pytest.fixture
async def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A line to a demonstration whose data, temporary files and log all lie in one folder."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with running_demo(tmp_path) as demo:
        async with httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=30, base_url=demo.url) as client:
            yield client


async def _token(api: httpx.AsyncClient, who: str) -> dict[str, str]:
    """The header of a new session."""
    answer = await api.post("/api/v1/sessions", json={"email": f"{who}@demo.example", "password": PASSWORD})
    api.cookies.clear()
    return {"authorization": f"Bearer {answer.json()['token']}"}


def _files_with(folder: Path, *canaries: bytes) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".bin" for path in files), "there is a sealed file to look into"
    return [path.name for path in files if any(canary in path.read_bytes() for canary in canaries)]


async def test_a_document_goes_in_and_out_and_is_nowhere_in_clear(api: httpx.AsyncClient, tmp_path: Path) -> None:
    buyer, admin, other_session = await _token(api, "ben"), await _token(api, "admin"), await _token(api, "admin")
    content = scan(CANARY * 100_000)
    sent = form(NUMBER, content)
    made = await api.post("/api/v1/kyc-requests", headers=buyer | {"idempotency-key": "mine"}, **sent)
    assert made.status_code == 201, made.text
    shown = (await api.get(f"/api/v1/kyc-requests/{made.json()['id']}", headers=admin)).json()
    [document] = shown["documents"]
    assert (document["number"], document["sides"]) == ("XXXXXSE7A", ["front"])

    path = f"/api/v1/kyc-documents/{document['id']}/front/link"
    url = (await api.post(path, headers=admin, json={"reason": "a look"})).json()["url"]
    read, passed_on = [await api.get(url, headers=headers) for headers in (admin, other_session)]
    refused = await api.post("/api/v1/kyc-requests", headers=buyer | {"idempotency-key": "more"}, **sent)

    assert (read.status_code, read.content == content) == (200, True)
    assert (passed_on.status_code, passed_on.json()["code"]) == (403, "document_link_refused")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_applied")

    def is_told() -> bool:
        mails = [mail.read_text() for mail in tmp_path.rglob("mailbox/*.eml")]
        told = [mail for mail in mails if "To: admin@demo.example" in mail and made.json()["id"] in mail]
        return any("An identity check waits for you" in mail for mail in told)

    await until(is_told)
    assert _files_with(tmp_path, CANARY, NUMBER.encode()) == []


async def test_what_is_kept_in_clear_would_be_found(tmp_path: Path, api: httpx.AsyncClient) -> None:
    """A negative control of the search."""
    planted: dict[str, Any] = {"data.db": CANARY + b"...", "page.bin": b"..." + NUMBER.encode()}
    for name, content in planted.items():
        (tmp_path / "temporary" / name).write_bytes(content)

    assert sorted(_files_with(tmp_path, CANARY, NUMBER.encode())) == ["data.db", "page.bin"]
