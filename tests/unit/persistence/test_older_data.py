"""Data that an earlier version stored is found by what a later one asks for."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from attrs import evolve

from adapters.codec import encode
from adapters.persistence.sql_store import open_sql_store
from application.access import Actor
from application.ports.store import Key, Listing, Page
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from domain.account import KycStatus
from domain.payment import Payment
from tests import build
from tests.support.documents import passport
from tests.support.older_schema import at
from tests.support.world import World


async def test_payments_and_notices_of_the_first_version_are_found_by_reference_and_state(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0001")
    paid = build.payment(gateway_reference="pi_1")
    fresh = build.payment()
    notice = build.notice_receipt()
    with sqlite3.connect(path) as connection:
        for payment in (paid, fresh):
            connection.execute(
                "INSERT INTO payment (id, version, created_at, body) VALUES (?, 1, 1, ?)",
                (payment.id, _as_then(payment)),
            )
        connection.execute(
            "INSERT INTO notice (id, version, received_at, outcome, body) VALUES (?, 1, 1, '', ?)",
            (notice.id, _as_then(notice)),
        )
    connection.close()

    store = await open_sql_store(f"sqlite:///{path}")
    found: Page[Any] = await store.list(Listing("payment", "by_reference", "pi_1"))
    pending: Page[Any] = await store.list(Listing("notice", "by_state", "pending"))
    read = await store.get([Key("payment", fresh.id)])
    await store.close()

    assert [payment.id for payment in found.items] == [paid.id]
    assert [receipt.id for receipt in pending.items] == [notice.id]
    [old] = read.values()
    assert isinstance(old, Payment)
    assert not old.outside


async def test_who_was_deleted_by_an_earlier_version_is_forgotten_on_bookings_too(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0008")
    person, booking = build.account(), build.booking(buyer_name="Left Behind")
    gone = person.delete()
    with sqlite3.connect(path) as connection:
        body = json.loads(encode(gone))
        body.pop("password_until")
        connection.execute(
            "INSERT INTO account (id, version, status, created_at, body) VALUES (?, 2, 'deleted', 1, ?)",
            (gone.id, json.dumps(body)),
        )
        connection.execute(
            "INSERT INTO booking (id, version, buyer_id, created_at, body) VALUES (?, 1, ?, 1, ?)",
            (booking.id, gone.id, encode(evolve(booking, buyer_id=gone.id))),
        )
    connection.close()
    store = await open_sql_store(f"sqlite:///{path}")
    world = World.of(tmp_path, store)

    assert await world.container.sweep_erased()() == 1
    left = await world.container.begin()().bookings.get(booking.id)
    erasure = await world.container.begin()().erasures.get(gone.id)

    await store.close()
    assert left.buyer_name == "Deleted account"
    assert erasure.asked_by == "system"


async def test_an_identity_check_of_the_first_version_can_be_answered(tmp_path: Path) -> None:
    """It has no documents: a reviewer asks for one, and the applicant adds it."""
    path = tmp_path / "old.db"
    at(path, "0001")
    person = build.account(kyc=KycStatus.PENDING)
    request = build.kyc_request(account_id=person.id)
    with sqlite3.connect(path) as connection:
        for kind, record in (("account", person), ("kyc_request", request)):
            body = json.loads(encode(record))
            for name in _LATER_OF_IDENTITY_CHECKS:
                body.pop(name, None)
            connection.execute(
                f"INSERT INTO {kind} (id, version, body) VALUES (?, 1, ?)",  # noqa: S608 - one of the two above
                (record.id, json.dumps(body)),
            )
    connection.close()
    store = await open_sql_store(f"sqlite:///{path}")
    world, applicant = World.of(tmp_path, store), Actor.person(person)

    await world.deeds.decide_kyc(world.operator, DecideKycCommand(request.id, Decision.REQUEST_INFO, "a document"))
    await world.deeds.follow_up_kyc.add_document(applicant, request.id, passport())
    answered = await world.deeds.follow_up_kyc.answer(applicant, request.id, "here")
    approved = await world.deeds.decide_kyc(world.operator, DecideKycCommand(request.id, Decision.APPROVE, "seen"))

    await store.close()
    assert (answered.status, approved.status) == (KycStatus.PENDING, KycStatus.APPROVED)


_LATER_OF_IDENTITY_CHECKS = (
    "kyc_request_id",
    "kyc_expires_at",
    "document_ids",
    "steps",
    "expires_at",
    "warned_at",
    "account_ended_at",
)


async def test_accounts_that_counted_their_wrong_passwords_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    at(path, "0003")
    account = build.account()
    counting = json.loads(encode(account)) | {"wrong_tries": 7, "locked_until": "2026-11-22T12:00:00+00:00"}
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO account (id, version, created_at, body) VALUES (?, 1, 1, ?)",
            (account.id, json.dumps(counting)),
        )
    connection.close()

    store = await open_sql_store(f"sqlite:///{path}")
    key = Key("account", account.id)
    read = await store.get([key])
    await store.close()

    assert read[key] == evolve(account, version=1)


def _as_then(record: Any) -> str:
    """The body as it was before there was more to say."""
    body = json.loads(encode(record))
    for name in ("outside", "charged_back", "dispute_ids", "disputed", "fee", "announced", "checkout", "quarantined"):
        if name != "quarantined" or isinstance(body.get(name), bool):
            body.pop(name, None)
    return json.dumps(body)
