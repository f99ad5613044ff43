import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from adapters.exports.formula_safe_csv import BYTE_ORDER_MARK
from domain.event import Event
from tests.support.command_line import CommandLine
from tests.support.ledger_stories import HOSTILE_TITLE, TODAY, a_sale_and_a_refund, plant_row

SPAN = ("--start", TODAY, "--end", TODAY)


@pytest.fixture
def event(line: CommandLine) -> Event:
    async def deed() -> Event:
        event = await line.world.event(title=HOSTILE_TITLE)
        await a_sale_and_a_refund(line.world, event)
        return event

    return line.do(deed())


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_day_has_gross_refunds_and_net_for_each_currency(line: CommandLine, event: Event) -> None:
    document = line.json("reports", "daily", TODAY)

    [totals] = document["totals"]
    assert {name: totals[name]["amount"] for name in ("gross", "fees", "refunds", "disputes", "net")} == {
        "gross": "50.00",
        "fees": "0.00",
        "refunds": "25.00",
        "disputes": "0.00",
        "net": "25.00",
    }
    assert totals["counts"] | {"payments": 2, "refunds": 1} == totals["counts"]
    assert (document["zone"], document["starts_at"]) == ("UTC", "2026-11-22T00:00:00+00:00")
    assert "EUR\t50.00\t0.00\t25.00\t0.00\t25.00\t2\t1\t0" in line.ok("reports", "daily", TODAY)


def test_a_day_is_that_of_the_zone(line: CommandLine, event: Event) -> None:
    # Noon of UTC is the next day already on the island of Christmas.
    assert line.json("reports", "daily", TODAY, "--zone", "Pacific/Kiritimati")["totals"] == []
    assert line.json("reports", "daily", "2026-11-23", "--zone", "Pacific/Kiritimati")["totals"] != []
    assert "nothing moved" in line.ok("reports", "daily", "2026-01-01")


def test_a_month_is_told_by_day_too(line: CommandLine, event: Event) -> None:
    document = line.json("reports", "monthly", "2026-11")

    assert [day["date"] for day in document["days"]] == [TODAY]
    assert document["days"][0]["totals"] == document["totals"]
    assert f"{TODAY}\tEUR\t50.00" in line.ok("reports", "monthly", "2026-11")


def test_one_organizers_figures(line: CommandLine, event: Event) -> None:
    other = line.do(line.world.organizer()).signed_in()

    assert line.json("reports", "daily", TODAY, "--organizer", event.organizer_id)["totals"] != []
    assert line.json("reports", "daily", TODAY, "--organizer", other.email)["totals"] == []
    assert line.type("reports", "daily", TODAY, "--organizer", "nobody@example.com").exit_code == 3


def test_one_events_figures(line: CommandLine, event: Event) -> None:
    document = line.json("reports", "event", event.id)

    assert (document["event_id"], document["totals"][0]["net"]["amount_minor"]) == (event.id, 2_500)
    assert line.type("reports", "event", "evt_none").exit_code == 3


def test_transactions_are_listed_by_page(line: CommandLine, event: Event) -> None:
    first = line.json("reports", "transactions", *SPAN, "--limit", "2")
    second = line.json("reports", "transactions", *SPAN, "--cursor", first["next_cursor"])
    everything = line.json("reports", "transactions", "--event", event.id, "--all")

    assert [row["kind"] for row in first["items"] + second["items"]] == ["capture", "capture", "refund"]
    assert [row["id"] for row in everything["items"]] == [row["id"] for row in first["items"] + second["items"]]
    assert second["items"][0]["amounts"] == [{"amount": "-25.00", "amount_minor": -2_500, "currency": "EUR"}]
    assert "There is more" in line.ok("reports", "transactions", *SPAN, "--limit", "2")
    assert line.json("reports", "transactions", *SPAN, "--gateway", "stripe")["items"] == []


def test_transactions_go_to_a_file_that_a_spreadsheet_reads_and_never_runs(
    line: CommandLine, event: Event, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "november.csv"
    document = line.json("reports", "transactions", *SPAN, "--output", str(file))

    assert document == {"file": str(file), "rows": 3}
    assert file.read_bytes().startswith(BYTE_ORDER_MARK)
    rows = read(file.read_bytes().decode("utf-8-sig"))
    assert [row["amount"] for row in rows] == ["25.00", "25.00", "-25.00"]
    assert {row["event_title"] for row in rows} == {"'" + HOSTILE_TITLE}


def test_a_file_that_exists_is_left_unless_forced(line: CommandLine, event: Event, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    file.write_text("mine")

    assert line.type("reports", "transactions", *SPAN, "--output", str(file)).exit_code == 4
    assert file.read_text() == "mine"
    line.ok("reports", "transactions", *SPAN, "--output", str(file), "--force")
    assert "capture" in file.read_text()


def test_a_pipe_gets_the_same_without_a_mark(line: CommandLine, event: Event, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    line.ok("reports", "transactions", *SPAN, "--output", str(file))
    piped = line.type("reports", "transactions", *SPAN, "--output", "-")

    assert piped.exit_code == 0
    assert BYTE_ORDER_MARK + piped.stdout_bytes == file.read_bytes()
    assert line.type("reports", "transactions", *SPAN, "--output", "-", "--json").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("daily", "22.11.2026"),
        ("daily", "2026-02-30"),
        ("daily", TODAY, "--zone", "Mars/Olympus"),
        ("daily", "1900-01-01"),
        ("monthly", "2026-13"),
        ("transactions",),
        ("transactions", "--start", TODAY),
        ("transactions", "--start", TODAY, "--end", "2026-11-21"),
        ("transactions", "--start", "2020-01-01", "--end", TODAY),
        ("transactions", *SPAN, "--cursor", "made up"),
    ],
)
def test_what_cannot_be_right_is_a_usage_error(line: CommandLine, words: tuple[str, ...]) -> None:
    assert line.type("reports", *words).exit_code == 2


def test_the_check_agrees_and_then_finds_a_planted_row(line: CommandLine, event: Event) -> None:
    right = line.json("reports", "check")
    assert (right["right"], right["payments"], right["rows"], right["differences"]) == (True, 2, 3, [])
    assert "they agree" in line.ok("reports", "check")

    planted = line.do(plant_row(line.world, event))
    wrong = line.json("reports", "check", exit_code=1)

    assert [one["payment_id"] for one in wrong["differences"]] == [planted.payment_id]
    result = line.type("reports", "check")
    assert result.exit_code == 1
    assert planted.payment_id in result.stdout


def test_the_check_sees_rows_of_every_day_since_the_first_payment(line: CommandLine, event: Event) -> None:
    line.world.clock.advance(timedelta(days=800))
    line.do(plant_row(line.world, event, line.world.clock.now()))

    assert line.json("reports", "check", exit_code=1)["differences_count"] == 1
