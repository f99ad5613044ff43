import pytest

from domain.event import Event
from tests.support.command_line import CommandLine


@pytest.fixture
def event(line: CommandLine) -> Event:
    return line.do(line.world.event())


def test_a_code_is_written_on_the_clock_of_the_event_and_shown_with_its_uses(line: CommandLine, event: Event) -> None:
    terms = ("--percent", "20", "--until", "2027-03-01 00:00", "--uses", "5", "--per-buyer", "1")
    made = line.json("promos", "create", event.id, " early-20", *terms)
    line.do(line.world.hold(line.do(line.world.person()), event, promo_code="EARLY-20"))
    line.do(line.world.buy(line.do(line.world.person()), event, promo_code="early-20"))

    shown = line.json("promos", "show", event.id, "early-20")

    assert (made["code"], made["valid_until"], made["uses_max"]) == ("EARLY-20", "2027-03-01T00:00:00+05:30", 5)
    assert (shown["uses_held"], shown["uses_confirmed"], shown["status"]) == (1, 1, "active")
    assert line.json("promos", "list", event.id)["items"] == [shown]
    words = line.ok("promos", "show", event.id, "early-20")
    assert "1 confirmed, 1 held, of 5" in words
    assert "2027-03-01 00:00 IST" in words
    assert "EARLY-20\t20 %\tactive\t1\t1\t5" in line.ok("promos", "list", event.id)


def test_an_amount_is_for_the_types_that_are_named(line: CommandLine, event: Event) -> None:
    kind = event.ticket_types[0].id
    made = line.json("promos", "create", event.id, "FIVE", "--amount", "5.00", "--ticket-type", kind)

    assert made["amount"] == {"amount": "5.00", "amount_minor": 500, "currency": "EUR"}
    assert made["ticket_type_ids"] == [kind]


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("FIVE",), 2),
        (("FIVE", "--percent", "5", "--amount", "5"), 2),
        (("FIVE", "--amount", "5.001"), 2),
        (("A B", "--percent", "5"), 2),
        (("FIVE", "--percent", "5", "--ticket-type", "tty_none"), 4),
        (("TAKEN", "--percent", "5"), 4),
    ],
)
def test_a_code_that_makes_no_sense_is_not_written(
    line: CommandLine, event: Event, words: tuple[str, ...], exit_code: int
) -> None:
    line.do(line.world.promo_code(event, "TAKEN"))

    assert line.type("promos", "create", event.id, *words).exit_code == exit_code
    assert [item["code"] for item in line.json("promos", "list", event.id)["items"]] == ["TAKEN"]


def test_ending_asks_and_can_be_looked_at_first(line: CommandLine, event: Event) -> None:
    line.do(line.world.promo_code(event))
    look = line.json("promos", "end", event.id, "EARLY-20", "--dry-run")
    refused = line.type("promos", "end", event.id, "EARLY-20", typed="n\n")

    assert (look["would_change"], refused.exit_code) == (True, 1)
    assert line.json("promos", "show", event.id, "EARLY-20")["status"] == "active"
    assert line.json("promos", "end", event.id, "EARLY-20", "--yes")["status"] == "ended"
    assert line.json("promos", "end", event.id, "EARLY-20", "--dry-run")["would_change"] is False


def test_what_does_not_exist_is_not_found(line: CommandLine, event: Event) -> None:
    assert line.type("promos", "show", event.id, "NOBODYS").exit_code == 3
    assert line.type("promos", "list", "evt_nowhere").exit_code == 3
    assert line.type("promos", "end", event.id, "NOBODYS", "--yes").exit_code == 3


def test_a_booking_shows_what_came_off_and_the_tax(line: CommandLine) -> None:
    from domain.tax import TaxRate

    event = line.do(line.world.event(price="118.00", tax=TaxRate("GST", 1_800)))
    line.do(line.world.promo_code(event, percent=50))
    booking = line.do(line.world.buy(line.do(line.world.person()), event, 2, promo_code="EARLY-20"))

    shown = line.json("bookings", "show", booking.id)["booking"]

    assert (shown["promo_code"], shown["discount"]["amount"], shown["tax_included"]["amount"]) == (
        "EARLY-20",
        "118.00",
        "18.00",
    )
    assert shown["lines"][0]["tax"] == {"name": "GST", "basis_points": 1800}
    words = line.ok("bookings", "show", booking.id)
    assert "EARLY-20: 118.00 EUR off" in words
    assert "18.00 EUR" in words
