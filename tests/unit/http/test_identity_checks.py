"""Identity checks over HTTP: forms with files, links that are short-lived, and who sees what."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.monitoring.counting_store import CountingStore
from adapters.persistence.memory import MemoryStore
from application.access import Actor
from application.document_custody import FILE_BYTES_MAX
from application.ports.store import Listing
from application.use_cases import read_document
from application.use_cases.read_document import LINK_LIFE
from domain.account import Role
from tests import build
from tests.support.documents import AADHAAR, PASSPORT, PDF, form, scan
from tests.support.http_stage import Caller, Stage, counts
from tests.support.pictures import jpeg

WORDS = b"page one of a passport"


async def applied(applicant: Caller, number: str = PASSPORT) -> dict[str, Any]:
    """The request, and its only document."""
    answer = await applicant.post("/kyc-requests", key="new", **form(number, scan(WORDS)))
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = (await applicant.get(f"/kyc-requests/{answer.json()['id']}")).json()
    return {"request": answer.json()["id"], "document": shown["documents"][0]["id"], "shown": shown}


async def link_for(caller: Caller, document_id: str, reason: str = "first look") -> str:
    answer = await caller.post(f"/kyc-documents/{document_id}/front/link", {"reason": reason})
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url


async def reads_of(stage: Stage, document_id: str) -> list[tuple[str, str, str]]:
    page: Any = await stage.world.container.store().list(Listing("audit", "by_subject", document_id))
    return [(record.actor, record.action, record.detail) for record in page.items]


async def test_from_a_form_to_a_decision(stage: Stage) -> None:
    ana, admin = await stage.caller(), await stage.caller(Role.ADMIN)
    made = await applied(ana)
    asked = {"decision": "request_info", "reason": "the Aadhaar too"}
    await admin.post(f"/kyc-requests/{made['request']}/decision", asked)

    fields = {"document_type": "aadhaar", "number": AADHAAR}
    files = {"front": ("f.jpg", jpeg(), "image/jpeg"), "back": ("b.pdf", PDF, "text/plain")}
    added = await ana.post(f"/kyc-requests/{made['request']}/documents", data=fields, files=files)
    answered = await ana.post(f"/kyc-requests/{made['request']}/answer", {"words": "here it is"})
    shown = (await admin.get(f"/kyc-requests/{made['request']}")).json()
    decided = await admin.post(f"/kyc-requests/{made['request']}/decision", {"decision": "approve", "reason": "seen"})

    assert (added.status_code, answered.json()["status"]) == (201, "pending")
    assert [(one["number"], one["sides"]) for one in shown["documents"]] == [
        ("XXXXX02C3", ["front"]),
        ("XXXX XXXX 2346", ["front", "back"]),
    ]
    assert decided.json()["status"] == "approved"
    assert AADHAAR not in str(shown)


async def test_a_repeated_request_is_one_request(stage: Stage) -> None:
    ana = await stage.caller()
    sent = form(PASSPORT, scan(WORDS))
    headers = {"content-type": "multipart/form-data; boundary=mine"}
    body = httpx.Request("POST", "http://x", headers=headers, **sent).read()

    answers = [await ana.post("/kyc-requests", body, key="mine", headers=headers) for _ in range(2)]
    without = await ana.post("/kyc-requests", body, headers=headers)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"number": "12"}, 400, "document_number_refused"),
        ({"document_type": "library_card"}, 400, "invalid_value"),
        ({"document_type": "aadhaar", "number": AADHAAR}, 400, "invalid_value"),
        ({"legal_name": ""}, 400, "invalid_value"),
        ({"role": "organizer"}, 400, "invalid_value"),
        ({"back": "words in the place of a file"}, 400, "invalid_value"),
    ],
)
async def test_a_form_that_is_not_right_is_refused(
    stage: Stage, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await (await stage.caller()).post("/kyc-requests", key="new", **form(**change))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "12" not in answer.json()["detail"] or code != "document_number_refused"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data", 415),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"no boundary", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n\r\na\r\n" * 30 + b"--x--\r\n", "multipart/form-data; boundary=x", 400),
    ],
)
async def test_what_is_no_form_is_refused(stage: Stage, content: bytes, kind: str, status: int) -> None:
    caller = await stage.caller()

    answer = await caller.post("/kyc-requests", content, key="new", headers={"content-type": kind})

    assert answer.status_code == status, answer.text


async def test_a_file_has_ten_megabytes_at_most(stage: Stage) -> None:
    caller = await stage.caller()
    one = await caller.post("/kyc-requests", key="new", **form(content=scan(b" " * FILE_BYTES_MAX)))
    both = await caller.post("/kyc-requests", key="new", **form(content=scan(b" " * FILE_BYTES_MAX * 2)))

    assert [answer.json()["code"] for answer in (one, both)] == ["too_large", "too_large"]


async def test_a_file_is_downloaded_and_kept_by_nobody(stage: Stage) -> None:
    ana, admin = await stage.caller(), await stage.caller(Role.ADMIN)
    document = (await applied(ana))["document"]

    answers = [await who.get(await link_for(who, document)) for who in (ana, admin)]

    for answer in answers:
        assert (answer.status_code, answer.content) == (200, scan(WORDS))
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"] == f'attachment; filename="{document}-front.pdf"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert sorted(await reads_of(stage, document)) == sorted(
        [
            (ana.actor.name, "kyc.document.read_own", "front: first look"),
            (admin.actor.name, "kyc.document.read", "front: first look"),
        ]
    )


async def _refused(stage: Stage) -> None:
    """Assert that a link works for nobody but who asked for it, and not for long."""
    ana, admin, other = await stage.caller(), await stage.caller(Role.ADMIN), await stage.caller(Role.ADMIN)
    document = (await applied(ana))["document"]
    url = await link_for(admin, document)
    again = await stage.signed_in(admin.actor)
    forged = {
        "another person": (other, url),
        "another session of the same person": (again, url),
        "its subject": (ana, url),
        "another reason": (admin, url.replace("reason=first", "reason=second")),
        "a later end": (admin, url.replace("expires=1", "expires=2")),
        "no proof": (admin, url.rpartition("proof=")[0] + "proof=" + "0" * 64),
        "strange proof": (admin, url.rpartition("proof=")[0] + "proof=%F0%9F%98%80"),
    }
    for name, (caller, tried) in forged.items():
        answer = await caller.get(tried)
        assert answer.status_code == 403, name
        assert answer.json()["code"] == "document_link_refused", name
    assert (await stage.stranger.get(url)).status_code == 401
    assert (await (await stage.caller()).get(url)).status_code == 403
    assert await reads_of(stage, document) == []
    stage.world.clock.advance(LINK_LIFE)
    late = await admin.get(url)
    assert (late.status_code, late.json()["code"]) == (403, "document_link_refused")


async def test_a_link_works_for_a_minute_in_the_session_that_asked_for_it(stage: Stage) -> None:
    assert timedelta(seconds=60) >= LINK_LIFE

    await _refused(stage)


async def test_without_the_session_in_its_proof_a_link_could_be_passed_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control."""
    real = read_document.ReadDocument._proof

    def of_anybody(self: Any, actor: Any, *rest: Any) -> str:
        return real(self, anybody, *rest)

    anybody = Actor.person((await stage.world.person()).signed_in(), build.session())
    monkeypatch.setattr(read_document.ReadDocument, "_proof", of_anybody)

    with pytest.raises(AssertionError, match="another person"):
        await _refused(stage)


async def test_whoever_loses_the_role_loses_the_link(stage: Stage) -> None:
    ana, admin = await stage.caller(), await stage.caller(Role.ADMIN)
    document = (await applied(ana))["document"]
    url = await link_for(admin, document)

    await stage.world.deeds.administer_account.revoke(stage.world.operator, admin.actor.name, Role.ADMIN)

    assert (await admin.get(url)).status_code == 401
    again = await stage.signed_in(admin.actor)
    assert (await again.post(f"/kyc-documents/{document}/front/link", {"reason": "x"})).status_code == 404


async def test_a_reviewer_says_why(stage: Stage) -> None:
    ana, admin = await stage.caller(), await stage.caller(Role.ADMIN)
    document = (await applied(ana))["document"]

    silent = await admin.post(f"/kyc-documents/{document}/front/link", {"reason": "  "})
    own = await ana.post(f"/kyc-documents/{document}/front/link", {})

    assert (silent.status_code, silent.json()["code"]) == (400, "invalid_value")
    assert own.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/kyc-requests/{request}", None),
        ("POST", "/kyc-requests/{request}/answer", {"words": "mine"}),
        ("POST", "/kyc-requests/{request}/withdrawal", None),
        ("POST", "/kyc-documents/{document}/front/link", {"reason": "mine"}),
    ],
)
async def test_a_request_of_others_looks_like_none(
    stage: Stage, method: str, path: str, body: dict[str, str] | None
) -> None:
    made = await applied(await stage.caller())
    other = await stage.organizer()
    nowhere = {"request": f"kyc_{'0' * 26}", "document": f"kyd_{'0' * 26}"}

    answers = [
        await other.call(method, path.format(**ids), **({"json": body} if body else {})) for ids in (made, nowhere)
    ]

    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].json() == answers[1].json()


async def test_a_document_that_another_account_uses_is_flagged_to_reviewers_alone(stage: Stage) -> None:
    ana, mallory, admin = await stage.caller(), await stage.caller(), await stage.caller(Role.ADMIN)
    first, second = await applied(ana), await applied(mallory)

    shown = (await admin.get(f"/kyc-requests/{second['request']}")).json()

    assert shown["reused"] == [
        {"document_id": second["document"], "account_id": ana.actor.name, "request_id": first["request"]}
    ]
    assert second["shown"]["reused"] == []


async def test_looks_are_counted(tmp_path: Path) -> None:
    async with Stage.of(tmp_path, CountingStore(MemoryStore())) as stage:
        ana, admin = await stage.caller(), await stage.caller(Role.ADMIN)
        document = (await applied(ana))["document"]
        before = counts((await stage.stranger.get("/metrics")).text)

        for _ in range(3):
            await admin.get(await link_for(admin, document))

        after = counts((await stage.stranger.get("/metrics")).text)
    name = 'relex_identity_documents_read_total{by="reviewer"}'
    assert after[name] - before.get(name, 0) == 3


def _note_temporary_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    real = tempfile.TemporaryFile

    def noted(*given: Any, **more: Any) -> Any:
        made.append("a temporary file")
        return real(*given, **more)

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    return made


async def test_a_large_form_is_never_written_to_a_temporary_file(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _note_temporary_files(monkeypatch)

    answer = await (await stage.caller()).post("/kyc-requests", key="new", **form(content=scan(b" " * 5_000_000)))

    assert (answer.status_code, made) == (201, [])


async def test_the_framework_would_have_written_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control: its own reader of forms, which event pictures come through, uses the disk."""
    made = _note_temporary_files(monkeypatch)
    organizer = await stage.organizer()
    event = await stage.world.event(organizer.actor)

    await organizer.post(f"/events/{event.id}/images", files={"image": ("a.jpg", b"\xff\xd8\xff" + b" " * 3_000_000)})

    assert made != []
