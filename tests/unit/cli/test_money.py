"""Notices, payments and comparisons from the command line."""

import pytest
from attrs import evolve

from application.queries.announcements import WITHIN
from application.records import NoticeState
from domain.payment import Payment
from tests.support.command_line import CommandLine
from tests.support.planted_money import Planting
from tests.support.world import World
from tests.unit.application.test_announcements import sell
from tests.unit.application.test_inbox import inbox, set_apart, tell

DAY = "2026-11-22"


async def plant(world: World, *names: str) -> None:
    planting = await Planting.of(world)
    for name in names:
        await planting.plant(name)


@pytest.fixture
def apart(line: CommandLine) -> list[Payment]:
    """Two payments whose notices were set apart, and that have been mended since."""

    async def both() -> list[Payment]:
        payments = [await set_apart(line.world) for _ in range(2)]
        for payment in payments:
            right = evolve(line.world.bank.charges[payment.id], amount=payment.amount)
            line.world.bank.charges[payment.id] = right
        return payments

    return line.do(both())


def test_notices_are_listed_by_state_and_shown_with_their_words(line: CommandLine, apart: list[Payment]) -> None:
    line.do(tell(line.world, b'{"id": "n", "kind": "payout.paid", "secret": "s3cr3t"}'))

    page = line.json("notices", "list", "--state", "quarantined", "--gateway", "pocket", "--since", DAY)
    shown = line.json("notices", "show", page["items"][0]["id"])

    assert {notice["payment_id"] for notice in page["items"]} == {payment.id for payment in apart}
    assert shown["body"]["payment_id"] == page["items"][0]["payment_id"]
    assert line.json("notices", "list", "--until", DAY)["items"] == []
    [other] = line.json("notices", "list", "--state", "applied")["items"]
    assert "s3cr3t" not in line.ok("notices", "show", other["id"])


def test_one_notice_is_replayed_and_worked_through_at_once(line: CommandLine, apart: list[Payment]) -> None:
    [receipt, _] = line.do(inbox(line.world))

    assert line.json("notices", "replay", receipt.id)["state"] == "pending"
    assert sorted(one.state for one in line.do(inbox(line.world))) == [NoticeState.APPLIED, NoticeState.QUARANTINED]


def test_a_dry_run_of_a_replay_tells_and_changes_nothing(line: CommandLine, apart: list[Payment]) -> None:
    every = line.json("notices", "replay", "--all", "--dry-run")["would_replay"]
    one = line.json("notices", "replay", every[0]["id"], "--dry-run")["would_replay"]

    assert (len(every), len(one)) == (2, 1)
    assert {receipt.state for receipt in line.do(inbox(line.world))} == {NoticeState.QUARANTINED}


def test_all_unsettled_notices_are_replayed(line: CommandLine, apart: list[Payment]) -> None:
    assert line.json("notices", "replay", "--all", "--state", "pending") == {"replayed": 0}
    assert line.json("notices", "replay", "--all") == {"replayed": 2}
    assert {receipt.state for receipt in line.do(inbox(line.world))} == {NoticeState.APPLIED}


def test_which_notice_must_be_said(line: CommandLine) -> None:
    assert line.type("notices", "replay").exit_code == 2
    assert line.type("notices", "replay", "ntc_x", "--all").exit_code == 2
    assert line.type("notices", "replay", "ntc_x", "--state", "pending").exit_code == 2
    assert line.type("notices", "replay", "ntc_x").exit_code == 3


def test_payments_are_listed_by_state_and_those_set_apart_are_seen(line: CommandLine, apart: list[Payment]) -> None:
    listed = line.json("payments", "list", "--quarantined")["items"]

    assert {payment["id"] for payment in listed} == {payment.id for payment in apart}
    assert all("asked for" in payment["quarantined"] for payment in listed)
    assert len(line.json("payments", "list", "--status", "submitted")["items"]) == 2
    assert line.json("payments", "list", "--status", "captured")["items"] == []
    assert line.type("payments", "list", "--status", "captured", "--quarantined").exit_code == 2
    assert line.json("payments", "show", apart[0].id)["refunds"] == []


def test_a_payment_is_asked_about_now(line: CommandLine, apart: list[Payment]) -> None:
    document = line.json("payments", "poll", apart[0].id)

    assert (document["phase"], document["gateway_says"]["state"]) == ("captured", "captured")
    assert "says captured" in line.ok("payments", "poll", apart[1].id)
    assert line.type("payments", "poll", "pay_none").exit_code == 3


def test_a_comparison_ends_well_only_when_nothing_is_open(line: CommandLine) -> None:
    line.do(plant(line.world, "sound", "unheard", "foreign"))

    document = line.json("payments", "reconcile", "--from", DAY, exit_code=1)
    [finding] = document["open_findings"]
    assert [(day["matched"], day["findings"], day["healed"]) for day in document["days"]] == [(1, 2, 1)]
    assert finding["kind"] == "money_without_booking"
    decided = line.json("payments", "findings", "decide", finding["id"], "--decision", "sold at the desk")
    assert (decided["status"], decided["decision"]) == ("decided", "sold at the desk")

    assert "Nothing is open." in line.ok("payments", "reconcile", "--from", DAY, "--to", DAY, "--gateway", "pocket")
    assert line.type("payments", "findings", "decide", finding["id"], "--decision", "again").exit_code == 4
    assert line.json("payments", "findings", "list")["items"] == []
    assert len(line.json("payments", "findings", "list", "--status", "healed")["items"]) == 1
    assert line.json("payments", "findings", "show", finding["id"])["decided_by"].startswith("cli:")


def test_without_a_day_it_is_yesterday_that_is_compared(line: CommandLine) -> None:
    document = line.json("payments", "reconcile")

    assert [day["id"] for day in document["days"]] == ["pocket/2026-11-21"]
    assert line.type("payments", "reconcile", "--to", DAY).exit_code == 2
    assert line.type("payments", "reconcile", "--from", DAY, "--to", "2026-11-01").exit_code == 2
    assert line.type("payments", "reconcile", "--gateway", "nobody").exit_code == 3


def test_a_dry_run_of_a_comparison_tells_and_keeps_nothing(line: CommandLine) -> None:
    line.do(plant(line.world, "foreign"))

    document = line.json("payments", "reconcile", "--from", DAY, "--dry-run", exit_code=1)

    assert [found["kind"] for found in document["would_find"]] == ["money_without_booking"]
    assert line.json("payments", "findings", "list")["items"] == []


def test_a_silent_provider_is_told_by_its_own_exit_code(line: CommandLine) -> None:
    line.world.bank.down = True

    document = line.json("payments", "reconcile", exit_code=6)

    assert "did not answer" in document["days"][0]["trouble"]


def test_notices_that_stopped_coming_are_told_with_the_comparison(line: CommandLine) -> None:
    async def silence() -> None:
        await sell(line.world, await line.world.event(), announced=False)
        line.world.clock.advance(WITHIN)

    line.do(silence())

    said = line.ok("payments", "reconcile", "--from", DAY)

    assert "No notice of pocket reached us" in said
    assert "it may be disabled" in said
    assert line.json("payments", "reconcile", "--from", DAY)["announced"][0]["unannounced"] == 1


def test_notices_are_sealed_with_a_new_key_and_earlier_ones_stay_readable(line: CommandLine) -> None:
    line.do(tell(line.world, b'{"id": "before", "kind": "payout.paid"}'))
    assert line.json("notices", "rotate-key") == {"key": 2}
    line.do(tell(line.world, b'{"id": "after", "kind": "payout.paid"}'))

    listed = line.json("notices", "list")["items"]

    assert {line.json("notices", "show", one["id"])["body"]["id"] for one in listed} == {"before", "after"}
    assert {one.body[0] for one in line.do(inbox(line.world))} == {1, 2}
