"""Erasure: nothing is left that names a person, and nothing else is lost."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from adapters.persistence import sqlite
from adapters.persistence.gathering import GatheringStore
from adapters.persistence.sql_store import open_sql_store
from application.errors import ConfirmationNeeded, NotFound, SignInFailed
from application.passing import Point
from application.ports.mailer import Mail
from application.ports.object_store import ObjectMissing
from application.ports.store import Listing
from application.queries.reports import Wanted
from application.records import DeliveryState, OutboxEntry
from application.use_cases import sweep_erased
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.account import KycStatus
from domain.booking import Booking
from domain.erasure import SETTLED_AFTER, ErasureState
from domain.kyc import FORGOTTEN
from domain.ticket import Ticket
from tests import build
from tests.support.remembered import CANARIES, EMAIL, Remembered, found_in, kept, remembered
from tests.support.world import PASSWORD, World


@pytest.fixture(params=["memory", "sqlite"])
async def planted(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path
) -> AsyncIterator[tuple[World, Remembered]]:
    if request.param == "memory":
        world = World.of(tmp_path)
    else:
        path = tmp_path / "relexbooking.db"
        shutil.copy(migrated_sqlite, path)
        world = World.of(tmp_path, GatheringStore(await open_sql_store(f"sqlite:///{path}")))
    organizer = await world.organizer()
    person = await remembered(world, await world.event(organizer, door_sales=True), organizer)
    yield world, person
    await world.container.store().close()


async def erased(world: World, person: Remembered) -> None:
    """As the person asks for it, and until nothing is left to do."""
    await world.deeds.erase_account.mine(person.actor, EMAIL)
    world.clock.advance(SETTLED_AFTER)
    await world.container.sweep_erased()()


def all_of_it(world: World, folder: Path) -> bytes:
    """The write-ahead log of SQLite holds what was there before, until it is written back."""
    path = folder / "relexbooking.db"
    if path.exists():
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return kept(world, folder)


async def test_no_byte_of_the_store_names_who_was_erased(planted: tuple[World, Remembered], tmp_path: Path) -> None:
    world, person = planted
    before = found_in(all_of_it(world, tmp_path))

    await erased(world, person)

    assert before == set(CANARIES), "everything was planted"
    assert found_in(all_of_it(world, tmp_path)) == set()
    done = await world.container.begin()().erasures.get(person.actor.name)
    assert done.state is ErasureState.DONE


async def test_the_search_finds_what_a_sweep_passes_over(
    planted: tuple[World, Remembered], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_erased, "_AROUND_BOOKING", ())

    await erased(*planted)

    assert found_in(all_of_it(planted[0], tmp_path)) > {"Quillfeather"}


async def test_the_file_would_keep_what_is_deleted_but_not_overwritten(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "EVERYWHERE", (*sqlite.EVERYWHERE[:-1], "secure_delete = OFF"))
    shutil.copy(migrated_sqlite, tmp_path / "relexbooking.db")
    world = World.of(tmp_path, GatheringStore(await open_sql_store(f"sqlite:///{tmp_path}/relexbooking.db")))
    organizer = await world.organizer()
    person = await remembered(world, await world.event(organizer, door_sales=True), organizer)

    await erased(world, person)

    assert found_in(all_of_it(world, tmp_path))
    await world.container.store().close()


async def test_money_reports_and_the_audit_stay_as_they_were(planted: tuple[World, Remembered]) -> None:
    world, person = planted
    day = world.clock.now().date()
    wanted = Wanted(day - timedelta(days=30), day + timedelta(days=1))

    async def money() -> tuple[object, ...]:
        lines = await world.deeds.reports.transactions(world.operator, wanted)
        rows = [line.moved async for page in lines.read() for line in page]
        report = await world.deeds.reports.of_event(world.operator, person.show.id)
        books = await world.deeds.books.check(world.operator)
        return rows, report, books

    before = await money()
    await erased(world, person)
    while await world.deeds.seal_audit():
        pass

    assert await money() == before
    assert len(before[0]) >= 5  # type: ignore[arg-type]  # the first of them are the rows
    assert (await world.deeds.audit_trail.verify(world.operator)).is_whole


async def test_who_is_erased_is_signed_out_and_the_address_is_free(planted: tuple[World, Remembered]) -> None:
    world, person = planted
    await world.deeds.erase_account.mine(person.actor, f" {EMAIL.upper()} ")

    assert await world.deeds.authenticate(person.secret) is None
    with pytest.raises(SignInFailed):
        await world.deeds.sign_in(SignInCommand(EMAIL, PASSWORD))
    await world.deeds.sign_up(SignUpCommand(EMAIL, "Somebody else", PASSWORD))
    with pytest.raises(NotFound):
        await world.deeds.erase_account(world.operator, person.actor.name)


async def test_the_wrong_words_erase_nobody(world: World) -> None:
    person = await world.person()

    with pytest.raises(ConfirmationNeeded):
        await world.deeds.erase_account.mine(person, "yes")

    assert (await world.deeds.accounts.show(world.operator, person.name)).status == "active"


async def test_nobody_writes_to_who_is_erased(planted: tuple[World, Remembered]) -> None:
    world, person = planted
    await world.deeds.ask_for_reset(EMAIL)
    await erased(world, person)
    world.mailbox.mails.clear()
    booking = (await world.deeds.bookings.of_buyer(world.operator, person.actor.name, None, 1)).items[0]

    await world.settle()
    letter = world.container.letters().confirm_email("1", person.actor.signed_in(), "x")
    await world.container.post().send(evolve(letter, to=booking.buyer_email))
    assert world.mailbox.mails == []

    await world.container.post().send(letter)
    assert [mail.to for mail in world.mailbox.mails] == [EMAIL], "others are written to"


class _Killed(BaseException):
    """As a kill, nothing in the application catches it."""


class _KillAt:
    """Passes so many commits, and no more."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self, point: Point, /) -> None:
        if point is Point.BEFORE_COMMIT:
            self.left -= 1
            if self.left < 0:
                raise _Killed


@pytest.mark.parametrize("nth", [2, 3, 5, 8, 11, 14, 17])
async def test_killed_after_any_commit_it_ends_complete(tmp_path: Path, nth: int) -> None:
    killer = _KillAt(1_000_000)
    world = World.of(tmp_path, passing=killer)
    organizer = await world.organizer()
    person = await remembered(world, await world.event(organizer, door_sales=True), organizer)
    killer.left = nth

    with pytest.raises(_Killed):
        await world.deeds.erase_account.mine(person.actor, EMAIL)

    half = found_in(kept(world, tmp_path))
    killer.left = 1_000_000
    world.clock.advance(SETTLED_AFTER)
    while await world.container.sweep_erased()():
        pass
    assert half, "it was killed in the middle"
    assert found_in(kept(world, tmp_path)) == set()


async def test_what_is_stored_at_the_same_moment_is_found_by_a_later_look(world: World, tmp_path: Path) -> None:
    person = await world.person(email=EMAIL)
    await world.deeds.erase_account(world.operator, EMAIL)
    late = build.booking(buyer_id=person.name, buyer_name="Zephyrine Quillfeather", buyer_email=EMAIL)
    async with world.container.begin()() as work:
        work.bookings.add(late)
        await work.commit()

    await world.container.sweep_erased()()
    assert found_in(kept(world, tmp_path)) == set()
    running = await world.container.begin()().erasures.get(person.name)
    assert running.state is ErasureState.RUNNING, "more may come"

    world.clock.advance(SETTLED_AFTER)
    assert await world.container.sweep_erased()() == 0
    done = await world.container.begin()().erasures.get(person.name)
    assert done.finished_at == world.clock.now()


async def test_many_rows_go_in_small_commits_and_those_of_others_stay(world: World) -> None:
    person, other = await world.person(), await world.person()
    event = await world.event(capacity=400, price="0.00", in_hours=1)
    async with world.container.begin()() as work:
        for number in range(60):
            mine = build.booking(buyer_id=person.name, event_id=event.id, status="expired")
            work.bookings.add(mine)
            if not number % 20:
                work.bookings.add(build.booking(buyer_id=other.name, buyer_name="Kept Name"))
        await work.commit()
    theirs = [build.ticket(booking_id=mine.id, holder_name="A", number=n) for n in range(1, 81)]
    async with world.container.begin()() as work:
        for ticket in theirs:
            work.tickets.add(ticket)
        await work.commit()

    await world.deeds.erase_account(world.operator, person.name)

    store = world.container.store()
    bookings = (await store.list(Listing("booking", "by_buyer", person.name))).items
    tickets = (await store.list(Listing("ticket", "by_booking", mine.id))).items
    untouched = (await store.list(Listing("booking", "by_buyer", other.name))).items
    assert {one.buyer_name for one in bookings if isinstance(one, Booking)} == {"Deleted account"}
    assert {one.holder_name for one in tickets if isinstance(one, Ticket)} == {"Deleted account"}
    assert {one.buyer_name for one in untouched if isinstance(one, Booking)} == {"Kept Name"}


async def test_an_identity_check_that_nobody_approved_goes_at_once_and_an_approved_one_in_its_time(
    world: World,
) -> None:
    waiting, approved = await world.person(), await world.person()
    checks = {person.name: await world.apply(person) for person in (waiting, approved)}
    yes = DecideKycCommand(checks[approved.name].id, Decision.APPROVE, "seen")
    await world.deeds.decide_kyc(world.operator, yes)
    work = world.container.begin()()
    [document] = await work.kyc_documents.get_all(checks[waiting.name].document_ids)

    for person in (waiting, approved):
        await world.deeds.erase_account(world.operator, person.name)

    gone, kept_on = [await work.kyc_requests.get(check.id) for check in checks.values()]
    assert (gone.status, gone.legal_name, gone.document_ids) == (KycStatus.WITHDRAWN, FORGOTTEN, ())
    with pytest.raises(ObjectMissing):
        await world.container.objects().get(document.files[0].object_key)
    assert (kept_on.legal_name, len(kept_on.document_ids)) == ("Ana Silva", 1)
    await world.deeds.forget_documents()
    world.clock.advance(timedelta(days=365))
    assert await world.deeds.forget_documents() == 1


class _FullMailbox:
    async def send(self, mail: Mail) -> None:
        raise OSError(f"<{mail.to}> is full, said mx.example")


async def test_what_a_mail_server_said_is_kept_without_the_address(tmp_path: Path) -> None:
    world = World.of(tmp_path, mailer=_FullMailbox())
    await world.deeds.sign_up(SignUpCommand(EMAIL, "Z", PASSWORD))

    await world.deeds.relay.run_once()

    [entry] = (await world.container.store().list(Listing("outbox", "queue", DeliveryState.PENDING))).items
    assert isinstance(entry, OutboxEntry)
    assert entry.last_error == "mail_confirmation_link: OSError: <(hidden)> is full, said mx.example"
