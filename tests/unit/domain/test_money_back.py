"""Refund policies, shares of tickets, disputes and the ledger: pure rules."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from domain.allotment import Take
from domain.booking import Booking
from domain.dispute import DisputeStatus
from domain.errors import InvalidValue
from domain.event import Event
from domain.facts import DisputeClosed, DisputeOpened
from domain.ledger import Journal, LedgerAccount, LedgerEntry, balances
from domain.money import Money
from domain.payment import Payment, PaymentDisputed
from domain.refund_policy import FourEyes, RefundPolicy
from tests import build

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


@given(st.integers(0, 10**9), st.integers(0, 100), st.integers(0, 10**6), CURRENCIES)
def test_a_share_is_never_negative_and_never_more_than_was_paid(
    paid: int, percent: int, fee: int, currency: str
) -> None:
    share = RefundPolicy(until_hours=1, percent=percent, fee_minor=fee).share(Money(paid, currency))

    assert 0 <= share.amount_minor <= paid
    assert share.currency == currency


@pytest.mark.parametrize(("paid", "percent", "share"), [(1, 50, 1), (3, 50, 2), (100, 33, 33), (5, 10, 1), (4, 10, 0)])
def test_halves_are_rounded_up_in_favour_of_the_buyer(paid: int, percent: int, share: int) -> None:
    assert RefundPolicy(until_hours=1, percent=percent).share(Money(paid, "EUR")) == Money(share, "EUR")


@pytest.mark.parametrize(("hours", "percent", "fee"), [(1, 101, 0), (1, -1, 0), (-1, 50, 0), (1, 50, -1)])
def test_a_policy_that_makes_no_sense_is_refused(hours: int, percent: int, fee: int) -> None:
    with pytest.raises(InvalidValue):
        RefundPolicy(hours, percent, fee)


def test_four_eyes_are_needed_above_the_limit_of_the_currency() -> None:
    eyes = FourEyes({"EUR": Money(100, "EUR")})

    assert eyes.are_needed(Money(101, "EUR"))
    assert not eyes.are_needed(Money(100, "EUR"))
    assert not eyes.are_needed(Money(10**6, "USD"))
    assert not FourEyes().are_needed(Money(10**6, "EUR"))


def sold(event: Event, totals: list[tuple[int, int]]) -> Booking:
    """A booking of so many of each ticket type, at so much for all of them."""
    lines = tuple(
        build.price_line(
            ticket_type_id=kind.id,
            quantity=quantity,
            unit_price=Money(total, "EUR"),
            discount=Money(total * (quantity - 1), "EUR"),
            total=Money(total, "EUR"),
        )
        for kind, (quantity, total) in zip(event.ticket_types, totals, strict=True)
    )
    takes = tuple(
        Take(kind.allotment_id, quantity) for kind, (quantity, _) in zip(event.ticket_types, totals, strict=True)
    )
    price = Money(sum(total for _, total in totals), "EUR")
    return build.booking(event_id=event.id, lines=lines, takes=takes, price=price)


TOTALS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 10_000)), min_size=1, max_size=3)


@given(TOTALS)
def test_the_shares_of_the_tickets_are_the_price(totals: list[tuple[int, int]]) -> None:
    event = build.event(ticket_types=tuple(build.ticket_type() for _ in totals))
    booking = sold(event, totals)

    shares = booking.shares()

    assert len(shares) == booking.ticket_count
    assert Money.total(shares, "EUR") == booking.price
    assert min(share.amount_minor for share in shares) >= 0


@given(TOTALS, st.data())
def test_tickets_given_up_in_any_parts_free_every_place_once(
    totals: list[tuple[int, int]], data: st.DataObject
) -> None:
    event = build.event(ticket_types=tuple(build.ticket_type() for _ in totals))
    booking = sold(event, totals)
    numbers = data.draw(st.permutations(range(1, booking.ticket_count + 1)))
    cut = data.draw(st.integers(0, len(numbers)))
    freed: dict[str, int] = {}
    left = booking
    for part in (numbers[:cut], numbers[cut:]):
        left, changes = left.give_up(part, event)
        for change in changes:
            freed[change.allotment_id] = freed.get(change.allotment_id, 0) - change.sold

    assert left.takes == ()
    assert freed == {take.allotment_id: take.units for take in booking.takes}


def test_a_later_date_makes_the_window_longer_and_an_earlier_one_does_not_shorten_it() -> None:
    policy = RefundPolicy(until_hours=24)
    event = build.event(refund_policy=policy)
    starts_at = event.schedule.starts_at
    booking = build.booking(refund_policy=policy, refunds_until=policy.ends_at(starts_at))
    later, earlier = (
        evolve(event, schedule=build.schedule(starts_at=starts_at + timedelta(days=days))) for days in (5, -5)
    )

    assert booking.refund_window(event) == starts_at - timedelta(hours=24)
    assert booking.refund_window(later) == starts_at + timedelta(days=4)
    assert booking.refund_window(earlier) == starts_at - timedelta(hours=24)
    assert build.booking().refund_window(event) is None


class TestADispute:
    def test_it_is_told_when_it_opens_and_once_when_it_ends(self) -> None:
        opened = build.dispute().opened()
        won = evolve(opened, facts=()).close(DisputeStatus.WON, build.NOW)

        assert opened.facts == (DisputeOpened(build.NOW, opened.id),)
        assert won.facts == (DisputeClosed(build.NOW, opened.id),)
        assert won.close(DisputeStatus.LOST, build.NOW) is won
        assert opened.close(DisputeStatus.OPEN, build.NOW) is opened

    def test_only_a_lost_one_takes_money(self) -> None:
        dispute = build.dispute()

        assert not dispute.charged_back
        assert not dispute.close(DisputeStatus.WON, build.NOW).charged_back
        assert dispute.close(DisputeStatus.LOST, build.NOW).charged_back == dispute.amount

    def test_while_it_is_open_nothing_is_refundable(self) -> None:
        paid = build.payment().captured(build.money(5_000), build.NOW)
        zero = build.money(0)
        contested = paid.contested((), is_open=True, charged_back=zero)

        with pytest.raises(PaymentDisputed):
            contested.reserve_refund(build.money(1))
        assert not contested.refundable
        assert contested.remaining == paid.amount
        assert paid.contested((), is_open=False, charged_back=build.money(2_000)).refundable == build.money(3_000)


class TestTheLedger:
    def journal(self) -> Journal:
        paid: Payment = build.payment()
        return Journal(paid, build.booking(id=paid.booking_id), build.NOW)

    def test_every_line_is_balanced_and_named_after_its_cause(self) -> None:
        journal, refund, dispute = self.journal(), build.refund(), build.dispute()
        lines = [
            journal.captured(),
            journal.fee(build.money(98)),
            journal.refunded(refund),
            journal.bounced(refund),
            journal.disputed(dispute),
            journal.dispute_fee(dispute, build.money(1_500)),
            journal.dispute_won(dispute),
        ]

        assert len({line.id for line in lines}) == len(lines)
        assert [line.id for line in lines] == [
            line.id for line in (journal.captured(), journal.fee(build.money(98)))
        ] + [line.id for line in lines[2:]]
        for line in lines:
            assert sum(balances(line.entries)["EUR"].values()) == 0

    def test_one_that_is_not_balanced_cannot_be_made(self) -> None:
        captured = self.journal().captured()
        crooked = (captured.entries[0], LedgerEntry(LedgerAccount.SALES, build.money(-1)))
        mixed = (captured.entries[0], LedgerEntry(LedgerAccount.SALES, Money(-5_000, "USD")))

        for entries in (crooked, mixed, ()):
            with pytest.raises(AssertionError):
                evolve(captured, entries=entries)
