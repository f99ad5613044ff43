import pytest
from attrs import evolve

from application.ports.payment_gateway import DisputeState
from application.use_cases.refund_booking import RefundCommand
from domain.account import Role
from domain.money import Money
from domain.refund_policy import FourEyes
from tests.support.command_line import CommandLine


def test_a_booking_is_shown_in_full_on_the_clock_of_its_event(line: CommandLine) -> None:
    event = line.do(line.world.event())
    booking = line.do(line.world.buy(line.do(line.world.person()), event, 2))
    shown = line.json("bookings", "show", booking.id)

    assert shown["booking"]["phase"] == "confirmed"
    assert shown["booking"]["total"] == {"amount": "50.00", "amount_minor": 5000, "currency": "EUR"}
    assert shown["booking"]["created_at"].endswith("+05:30")
    assert len(shown["tickets"]) == 2
    assert [payment["phase"] for payment in shown["payments"]] == ["captured"]
    assert shown["checked_in"] is False
    assert "token" not in str(shown)
    words = line.ok("bookings", "show", booking.id)
    assert "50.00 EUR" in words
    assert "IST" in words


def test_a_booking_says_that_its_payment_is_disputed_and_what_a_bank_took(line: CommandLine) -> None:
    world = line.world
    booking = line.do(world.buy(line.do(world.person()), line.do(world.event())))
    [payment] = line.do(world.deeds.bookings.show(world.operator, booking.id)).payments
    for state, said in (
        (DisputeState.OPEN, "captured, disputed"),
        (DisputeState.LOST, "captured, 25.00 EUR taken back by the bank"),
    ):
        world.bank.dispute(payment.id, state, Money(2_500, "EUR"))
        line.do(world.container.learn_payment()(payment))

        assert said in line.ok("bookings", "show", booking.id)
        if state is DisputeState.OPEN:
            refused = line.json("bookings", "cancel", booking.id, "--dry-run", exit_code=4)
            assert refused["error"]["code"] == "payment_disputed"


def test_lists_by_event_buyer_and_status(line: CommandLine) -> None:
    event, other = line.do(line.world.event()), line.do(line.world.event())
    buyer = line.do(line.world.person(email="ada@example.com"))
    paid = line.do(line.world.buy(buyer, event))
    held = line.do(line.world.hold(buyer, other))

    def ids(*words: str) -> set[str]:
        return {item["id"] for item in line.json("bookings", "list", *words)["items"]}

    assert ids("--event", event.id) == {paid.id}
    assert ids("--buyer", "ada@example.com") == {paid.id, held.id}
    assert ids("--status", "confirmed") == {paid.id}
    assert ids("--event", other.id, "--status", "confirmed") == set()


def test_a_lapsed_hold_shows_as_expired(line: CommandLine) -> None:
    event = line.do(line.world.event())
    booking = line.do(line.world.hold(line.do(line.world.person()), event))
    line.world.clock.advance(16 * 60)

    assert line.json("bookings", "list", "--event", event.id)["items"][0]["phase"] == "expired"
    assert line.json("bookings", "show", booking.id)["booking"]["phase"] == "expired"


@pytest.mark.parametrize("words", [(), ("--buyer", "ada@example.com", "--status", "held")])
def test_a_list_of_everything_or_of_too_much_is_a_usage_error(line: CommandLine, words: tuple[str, ...]) -> None:
    assert line.type("bookings", "list", *words).exit_code == 2


def test_a_dry_run_says_what_goes_back(line: CommandLine) -> None:
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event())))
    document = line.json("bookings", "cancel", booking.id, "--dry-run")

    assert document["would_change"] is True
    assert [amount["amount"] for amount in document["would_refund"]] == ["25.00"]
    assert line.json("bookings", "show", booking.id)["booking"]["phase"] == "confirmed"


def test_a_cancelled_booking_is_refunded_and_told(line: CommandLine) -> None:
    buyer = line.do(line.world.person(email="ada@example.com"))
    booking = line.do(line.world.buy(buyer, line.do(line.world.event())))
    document = line.json("bookings", "cancel", booking.id, "--reason", "asked by telephone", "--yes")

    assert document["phase"] == "cancelled"
    assert document["ended_reason"] == "asked by telephone"
    shown = line.json("bookings", "show", booking.id)
    assert [refund["status"] for refund in shown["refunds"]] == ["succeeded"]
    assert {ticket["status"] for ticket in shown["tickets"]} == {"void"}


def test_cancelling_asks(line: CommandLine) -> None:
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event())))
    result = line.type("bookings", "cancel", booking.id, typed="n\n")

    assert result.exit_code == 1
    assert "25.00 EUR goes back" in result.stderr
    assert not result.stdout


def test_an_expired_booking_cannot_be_cancelled(line: CommandLine) -> None:
    booking = line.do(line.world.hold(line.do(line.world.person()), line.do(line.world.event())))
    line.world.clock.advance(16 * 60)
    line.do(line.world.deeds.jobs.run_once())

    assert line.json("bookings", "cancel", booking.id, "--dry-run", exit_code=4)["error"]["code"] == "booking_over"


def test_an_unknown_booking_is_not_found(line: CommandLine) -> None:
    assert line.type("bookings", "show", "bkg_nowhere").exit_code == 3
    assert line.type("bookings", "cancel", "bkg_nowhere", "--yes").exit_code == 3


def test_an_amount_is_refunded_and_a_dry_run_only_says_so(line: CommandLine) -> None:
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event()), 2))

    told = line.json("bookings", "refund", booking.id, "--amount", "7.50", "--dry-run")
    assert (told["would_refund"]["amount"], told["would_withdraw"], told["needs_approval"]) == ("7.50", [], False)
    assert not line.world.bank.refunds

    made = line.json("bookings", "refund", booking.id, "--amount", "7.50", "--yes")
    assert made["amount"]["amount"] == "7.50"
    assert line.json("refunds", "show", made["id"])["status"] == "succeeded"
    assert line.json("refunds", "list", "--status", "succeeded")["items"][0]["id"] == made["id"]


def test_a_ticket_is_refunded_and_withdrawn(line: CommandLine) -> None:
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event()), 2))
    [ticket, _] = line.do(line.world.tickets(booking))

    made = line.json("bookings", "refund", booking.id, "--ticket", ticket.id, "--yes")

    assert (made["amount"]["amount"], made["ticket_ids"]) == ("25.00", [ticket.id])
    shown = line.json("bookings", "show", booking.id)
    assert sorted(found["status"] for found in shown["tickets"]) == ["valid", "void"]


def test_a_refund_that_cannot_be_says_what_remains(line: CommandLine) -> None:
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event())))

    refused = line.type("bookings", "refund", booking.id, "--amount", "25.01", "--yes")

    assert refused.exit_code == 4
    assert "25.00 EUR remains" in refused.stderr


def test_what_waits_is_approved_or_rejected(line: CommandLine) -> None:
    deeds = line.world.container.deeds()
    strict = evolve(deeds.refund_booking, four_eyes=FourEyes({"EUR": Money(100, "EUR")}))
    admin = line.do(line.world.person(Role.ADMIN))
    booking = line.do(line.world.buy(line.do(line.world.person()), line.do(line.world.event())))
    first, second = (line.do(strict(admin, RefundCommand(booking.id, "x", amount))) for amount in ("2", "3"))

    assert line.json("refunds", "approve", first.id)["status"] == "reserved"
    assert line.json("refunds", "reject", second.id, "--reason", "no")["status"] == "rejected"
    assert line.json("disputes", "list")["items"] == []
