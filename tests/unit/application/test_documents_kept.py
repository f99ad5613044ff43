"""Documents at rest: noise for whoever has the disk, readable while keys change, gone when they are destroyed."""

import asyncio
import logging
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.persistence.sql_store import open_sql_store
from adapters.randomness import SystemRandomness
from adapters.sealing import aead, file_key_wrapper
from adapters.tickets.private_folder import PrivateFolder
from application.document_custody import FILE_BYTES_MAX, DocumentUpload
from application.errors import NotFound
from application.ports.object_store import ObjectMissing, StoredObject
from application.ports.pictures import PictureRefused
from application.ports.store import Listing, Page
from application.ports.vault import SealBroken
from application.records import AuditRecord
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.keep_documents import StillWrapped
from domain.account import NotAllowed, Role
from domain.errors import DomainError
from domain.identity_document import DocumentNumberRefused, DocumentType, IdentityDocument, Side
from domain.ids import AccountId, KycDocumentId, KycRequestId
from domain.kyc import FORGOTTEN, KycRequest
from tests.support.documents import PDF, aadhaar, passport, scan
from tests.support.pictures import SECRET, jpeg, opened, turned_with_metadata
from tests.support.world import World

CANARY = b"Canary-7Q2-Sylvia-Plover"
NUMBER = "K7Q2SYLV9"


@pytest.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[World]:
    store = await open_sql_store(f"sqlite:///{tmp_path}/relexbooking.db")
    yield World.of(tmp_path, store)
    await store.close()


async def documents_of(world: World, request: KycRequest) -> tuple[IdentityDocument, ...]:
    return (await world.deeds.identity_checks.show(world.operator, request.id)).documents


async def read(world: World, document: IdentityDocument, side: str = "front") -> bytes:
    return (await world.deeds.read_document.at_desk(world.operator, document.id, side, "a test")).data


def traces(folder: Path, *canaries: bytes) -> set[str]:
    """The files in which one of them stands, as it is, in base64 or as hexadecimal digits."""
    forms = {form for canary in canaries for form in (canary, canary.hex().encode(), b64encode(canary)[:-4])}
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name for path in files if any(form in path.read_bytes() for form in forms)}


def sealed_files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.bin"))


async def _journey(world: World) -> None:
    """Everything that is done with a document, refused ones too."""
    ana, admin = await world.person(), await world.person(Role.ADMIN)
    request = await world.apply(ana, passport(NUMBER, scan(CANARY)))
    with pytest.raises(DomainError):
        await world.apply(ana, passport(NUMBER, scan(CANARY)))
    with pytest.raises(DocumentNumberRefused):
        await world.deeds.follow_up_kyc.add_document(ana, request.id, passport(f"{NUMBER}-{NUMBER}", scan(CANARY)))
    with pytest.raises(PictureRefused):
        await world.deeds.follow_up_kyc.add_document(ana, request.id, passport(NUMBER, b"\xff\xd8\xff" + CANARY))
    [document] = await documents_of(world, request)
    assert CANARY in await read(world, document)
    await world.deeds.rewrap_documents(world.operator)
    await world.deeds.decide_kyc(admin, DecideKycCommand(request.id, Decision.APPROVE, "seen"))
    await world.settle()
    assert "".join(mail.text for mail in world.mailbox.mails)


async def test_no_document_and_no_number_is_found_in_anything_that_is_kept(
    on_disk: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        await _journey(on_disk)

    assert traces(tmp_path, CANARY, NUMBER.encode()) == set()
    mails = "".join(mail.text + mail.subject for mail in on_disk.mailbox.mails)
    assert not any(canary in caplog.text + mails for canary in (CANARY.decode(), NUMBER))


async def test_without_the_seal_the_search_would_find_them(
    on_disk: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A negative control: the search sees what lies there in clear, in the files and in the records."""
    monkeypatch.setattr(aead, "sealed", lambda _key, _name, content, _chance: content)
    monkeypatch.setattr(aead, "opened", lambda _key, _name, text: text)

    await _journey(on_disk)

    found = traces(tmp_path, CANARY, NUMBER.encode())
    assert any(name.endswith(".bin") for name in found)
    assert any(name.startswith("relexbooking.db") for name in found)


async def test_pictures_lose_what_they_tell_beside_the_picture(world: World) -> None:
    upload = DocumentUpload(
        DocumentType.AADHAAR, "234123412346", ((Side.FRONT, turned_with_metadata()), (Side.BACK, jpeg()))
    )
    [document] = await documents_of(world, await world.apply(await world.person(), upload))

    content = await read(world, document)

    assert SECRET not in content
    assert opened(content).size == (40, 80)
    assert document.masked == "XXXX XXXX 2346"


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"GIF89a", b"%PDF-1.4 without an end", PDF + b" " * FILE_BYTES_MAX, b" %PDF-1.4\n%%EOF"]
)
async def test_what_is_no_scan_is_refused_whatever_it_is_called(world: World, content: bytes) -> None:
    with pytest.raises(PictureRefused):
        await world.apply(await world.person(), passport(content=content))


async def test_what_was_refused_leaves_no_file(on_disk: World, tmp_path: Path) -> None:
    ana = await on_disk.person()
    request = await on_disk.apply(ana, *[passport(f"J836985{digit}") for digit in range(5)])

    with pytest.raises(DomainError):
        await on_disk.deeds.follow_up_kyc.add_document(ana, request.id, passport())

    assert len(sealed_files(tmp_path)) == 5


async def test_a_file_that_was_changed_or_put_in_the_place_of_another_is_refused(world: World) -> None:
    objects = world.container.objects()
    request = await world.apply(await world.person(), aadhaar(content=scan(b"one")))
    [document] = await documents_of(world, request)
    front, back = document.files
    assert front.size == back.size
    sealed = (await objects.get(front.object_key)).data

    for wrong in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        sealed[:-1],
        b"",
        (await objects.get(back.object_key)).data,
    ):
        await objects.put(front.object_key, StoredObject(wrong, "application/octet-stream"))
        with pytest.raises(SealBroken):
            await read(world, document)
    await objects.delete(front.object_key)
    with pytest.raises(NotFound):
        await read(world, document)


@pytest.mark.parametrize(
    "change", [{"account_id": "acc_2"}, {"id": "kyd_2"}, {"size": 9}, {"media_type": "image/png"}, {"form": 2}]
)
async def test_a_record_that_was_changed_opens_no_file(world: World, change: dict[str, Any]) -> None:
    custody = world.container.custody()
    [document] = await documents_of(world, await world.apply(await world.person()))
    [file] = document.files
    of_document = {name: value for name, value in change.items() if name in {"account_id", "id"}}
    of_file = {name: value for name, value in change.items() if name not in of_document}
    assert (await custody.read(document, file)).data == PDF

    with pytest.raises(SealBroken):
        await custody.read(evolve(document, **of_document), evolve(file, **of_file))


async def test_a_number_opens_under_the_name_of_its_own_request_alone(world: World) -> None:
    [document] = await documents_of(world, await world.apply(await world.person(), passport(NUMBER)))
    envelopes, number = world.container.envelopes(), document.number
    assert number is not None
    assert await envelopes.open(document.number_seal, number.content, number.key) == NUMBER.encode()

    for other in (
        evolve(document, account_id=AccountId("acc_2")),
        evolve(document, request_id=KycRequestId("kyc_2")),
        evolve(document, id=KycDocumentId("kyd_2")),
    ):
        with pytest.raises(SealBroken):
            await envelopes.open(other.number_seal, number.content, number.key)


async def recorded(world: World, action: str) -> list[AuditRecord]:
    """What the audit has of one sort of deed."""
    page: Page[Any] = await world.container.store().list(Listing("audit", "everything", "all"))
    return [record for record in page.items if record.action == action]


async def test_everything_stays_readable_while_its_keys_are_wrapped_anew(every_world: World) -> None:
    world = every_world
    people = [await world.person() for _ in range(6)]
    requests = [await world.apply(person, passport(f"J836985{at}")) for at, person in enumerate(people[:4])]
    documents = [(await documents_of(world, request))[0] for request in requests]
    failed: list[str] = []

    async def keep_reading() -> None:
        for _ in range(12):
            for document in documents:
                failed.extend([document.id] if await read(world, document) != PDF else [])
                await asyncio.sleep(0)

    async def keep_applying() -> None:
        for at, person in enumerate(people[4:]):
            requests.append(await world.apply(person, passport(f"K836985{at}")))

    results, *_ = await asyncio.gather(
        world.deeds.rewrap_documents(world.operator), keep_reading(), keep_reading(), keep_applying()
    )

    assert failed == []
    assert results[0] == "file:2"
    await world.deeds.rewrap_documents(world.operator, rotate=False)
    assert await world.deeds.rewrap_documents.retire(world.operator) == ("file:1",)
    assert len(await recorded(world, "kyc.retire_keys")) == 1
    for request in requests:
        [document] = await documents_of(world, request)
        assert {key.key_id for key in document.keys} == {"file:2"}
        assert await read(world, document) == PDF


async def test_a_key_that_is_still_needed_is_not_destroyed(world: World) -> None:
    request = await world.apply(await world.person())
    await world.container.envelopes().rotate()

    with pytest.raises(StillWrapped):
        await world.deeds.rewrap_documents.retire(world.operator)

    [document] = await documents_of(world, request)
    assert await read(world, document) == PDF


async def test_without_that_look_documents_would_be_lost(world: World) -> None:
    """A negative control: the envelopes themselves do as they are told."""
    request = await world.apply(await world.person())
    await world.container.envelopes().rotate()
    await world.container.envelopes().retire()

    [document] = await documents_of(world, request)
    with pytest.raises(SealBroken):
        await read(world, document)


async def test_documents_are_destroyed_when_their_time_is_over_and_no_others(every_world: World) -> None:
    world = every_world
    ids = {}
    for name in ("rejected", "approved", "ended", "withdrawn", "waiting"):
        person = await world.person(email=f"{name}@example.com")
        ids[name] = (person, (await world.apply(person)).id)
    for name, decision in (("rejected", "reject"), ("approved", "approve"), ("ended", "approve")):
        await world.deeds.decide_kyc(world.operator, DecideKycCommand(ids[name][1], Decision(decision), "seen"))
    await world.deeds.follow_up_kyc.withdraw(*ids["withdrawn"])
    await world.deeds.erase_account(world.operator, ids["ended"][0].name)

    async def due() -> set[str]:
        return {request.id for request in await world.deeds.forget_documents.due()}

    assert await due() == {ids["withdrawn"][1]}
    world.clock.advance(timedelta(days=89, hours=23))
    assert await due() == {ids["withdrawn"][1]}
    world.clock.advance(timedelta(hours=1))
    told = await due()
    assert told == {ids["withdrawn"][1], ids["rejected"][1]}
    assert {request.id for request in await world.deeds.forget_documents.forget(world.operator)} == told
    assert {record.subject for record in await recorded(world, "kyc.forget")} == told
    assert await due() == set()
    world.clock.advance(timedelta(days=275))
    assert await due() == {ids["ended"][1]}
    assert await world.deeds.forget_documents() == 1
    left: Page[Any] = await world.container.store().list(Listing("kyc_document", "everything", "all"))
    assert {document.request_id for document in left.items} == {ids["approved"][1], ids["waiting"][1]}


async def test_a_destroyed_document_cannot_be_read_even_with_a_copy_of_the_folder(
    on_disk: World, tmp_path: Path
) -> None:
    ana = await on_disk.person()
    request = await on_disk.apply(ana, passport(content=scan(CANARY)))
    [document] = await documents_of(on_disk, request)
    [file] = document.files
    copy = shutil.copytree(tmp_path / "files", tmp_path / "copy of files")
    await on_disk.deeds.follow_up_kyc.withdraw(ana, request.id)

    await on_disk.deeds.forget_documents.forget(on_disk.operator)

    [kept] = sealed_files(tmp_path)
    assert kept.is_relative_to(copy), "only the copy is left"
    assert CANARY not in kept.read_bytes()
    with sqlite3.connect(tmp_path / "relexbooking.db") as connection:
        assert connection.execute("SELECT COUNT(*) FROM kyc_document").fetchone() == (0,)
    connection.close()
    await on_disk.container.objects().put(file.object_key, StoredObject(kept.read_bytes(), "application/octet-stream"))
    with pytest.raises(NotFound):
        await read(on_disk, document)


async def test_an_old_copy_of_the_records_opens_nothing_once_the_earlier_key_is_destroyed(
    on_disk: World, tmp_path: Path
) -> None:
    """That is what `kyc rewrap --retire` is for after documents were destroyed: backups of the records still hold the
    wrapped keys.
    """
    ana = await on_disk.person()
    request = await on_disk.apply(ana, passport(content=scan(CANARY)))
    [from_backup] = await documents_of(on_disk, request)
    sealed = (await on_disk.container.objects().get(from_backup.files[0].object_key)).data
    key = from_backup.files[0].key
    assert key is not None
    wrapper = file_key_wrapper.build(PrivateFolder.open(tmp_path / "keys" / "identity-files"), SystemRandomness())
    name = from_backup.file_seal(from_backup.files[0])
    assert CANARY in aead.opened(await wrapper.unwrap(name, key), name, sealed), "the backup opens before"

    await on_disk.deeds.follow_up_kyc.withdraw(ana, request.id)
    await on_disk.deeds.forget_documents.forget(on_disk.operator)
    await on_disk.deeds.rewrap_documents(on_disk.operator)
    await on_disk.deeds.rewrap_documents.retire(on_disk.operator)

    with pytest.raises(SealBroken):
        await wrapper.unwrap(name, key)


async def test_destroying_goes_on_where_it_was_killed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await world.person()
    request = await world.apply(ana)
    [document] = await documents_of(world, request)
    await world.deeds.follow_up_kyc.withdraw(ana, request.id)
    objects = world.container.objects()
    real = type(objects).delete

    async def killed(*_: object) -> None:
        raise OSError("killed")

    monkeypatch.setattr(type(objects), "delete", killed)
    with pytest.raises(OSError, match="killed"):
        await world.deeds.forget_documents.forget(world.operator)
    [shredded] = await documents_of(world, request)
    assert shredded.is_shredded, "the keys go first"
    with pytest.raises(DomainError):
        await read(world, shredded)
    monkeypatch.setattr(type(objects), "delete", real)

    assert len(await world.deeds.forget_documents.forget(world.operator)) == 1

    shown = await world.deeds.identity_checks.show(world.operator, request.id)
    assert (shown.documents, shown.request.legal_name) == ((), FORGOTTEN)
    with pytest.raises(ObjectMissing):
        await objects.get(document.files[0].object_key)


async def test_only_superadministrators_and_operators_tend_to_keys_and_ends(world: World) -> None:
    admin = await world.person(Role.ADMIN)

    with pytest.raises(NotAllowed):
        await world.deeds.rewrap_documents(admin)
    with pytest.raises(NotAllowed):
        await world.deeds.rewrap_documents.retire(admin)
    with pytest.raises(NotAllowed):
        await world.deeds.forget_documents.forget(admin)
