"""What the cancellation of an event looks like from outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

from adapters.http.views import MoneyView, View, moment
from application.queries.cancellation_preview import CancellationPreview
from application.queries.cancellations import CancellationReport
from application.queries.tallies import Tally
from domain.booking_outcome import BookingOutcome, OutcomeState

_EVENT_ID = "evt_01arz3ndektsv4rrffq69g5fav"


class TallyView(View, frozen=True):
    """How many there are, and what they amount to in each currency."""

    EXAMPLE: ClassVar = {"count": 3, "sums": [MoneyView.EXAMPLE]}

    count: int
    sums: list[MoneyView]

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(tally.count, [MoneyView.of(amount) for _, amount in sorted(tally.sums.items())])


class CancellationPreviewView(View, frozen=True):
    """What a cancellation would do now. `fees_unknown` counts the payments whose gateway has not told its fee."""

    EXAMPLE: ClassVar = {
        "event_id": _EVENT_ID,
        "bookings": {"confirmed": 3, "held": 1, "expired": 2},
        "holds_dropped": 1,
        "tickets": 5,
        "to_refund": TallyView.EXAMPLE,
        "fees_lost": {"count": 2, "sums": [{"amount": "1.10", "amount_minor": 110, "currency": "EUR"}]},
        "fees_unknown": 1,
        "refunds_on_the_way": {"count": 0, "sums": []},
        "payments_pending": {"count": 1, "sums": [MoneyView.EXAMPLE]},
        "disputed": {"count": 0, "sums": []},
    }

    event_id: str
    bookings: dict[str, int]
    holds_dropped: int
    tickets: int
    to_refund: TallyView
    fees_lost: TallyView
    fees_unknown: int
    refunds_on_the_way: TallyView
    payments_pending: TallyView
    disputed: TallyView

    @classmethod
    def of(cls, preview: CancellationPreview) -> Self:
        return cls(
            event_id=preview.event.id,
            bookings={str(status): count for status, count in sorted(preview.bookings.items())},
            holds_dropped=preview.holds,
            tickets=preview.tickets,
            to_refund=TallyView.of(preview.to_refund),
            fees_lost=TallyView.of(preview.fees_lost),
            fees_unknown=preview.fees_unknown,
            refunds_on_the_way=TallyView.of(preview.on_the_way),
            payments_pending=TallyView.of(preview.pending),
            disputed=TallyView.of(preview.disputed),
        )


class CancellationView(View, frozen=True):
    """How far it is. `outcomes` counts bookings by what became of them; `needs_you` of them have a failed refund."""

    EXAMPLE: ClassVar = {
        "event_id": _EVENT_ID,
        "state": "running",
        "reason": "the hall is flooded",
        "started_at": "2026-11-25T09:00:00Z",
        "finished_at": None,
        "waiting": 118,
        "ended": 3,
        "needs_you": 1,
        "outcomes": {
            "failed": {"count": 1, "sums": [MoneyView.EXAMPLE]},
            "succeeded": {"count": 2, "sums": [{"amount": "50.00", "amount_minor": 5000, "currency": "EUR"}]},
        },
    }

    event_id: str
    state: str
    reason: str
    started_at: datetime | None
    finished_at: datetime | None
    waiting: int
    ended: int
    needs_you: int
    outcomes: dict[str, TallyView]

    @classmethod
    def of(cls, report: CancellationReport) -> Self:
        found = report.cancellation
        return cls(
            event_id=found.id,
            state=found.state,
            reason=found.reason,
            started_at=moment(found.started_at),
            finished_at=moment(found.finished_at),
            waiting=report.waiting,
            ended=report.ended,
            needs_you=report.needs_you,
            outcomes=_by_state(report.outcomes),
        )


def _by_state(outcomes: Mapping[OutcomeState, Tally]) -> dict[str, TallyView]:
    return {str(state): TallyView.of(tally) for state, tally in sorted(outcomes.items())}


class OutcomeView(View, frozen=True):
    """What became of one booking. `trouble` says why it has not ended, or why its refund failed."""

    EXAMPLE: ClassVar = {
        "booking_id": "bkg_01arz3ndektsv4rrffq69g5fav",
        "state": "failed",
        "amount": MoneyView.EXAMPLE,
        "trouble": "the balance does not suffice",
        "tries": 0,
        "settled_by": "",
        "note": "",
        "created_at": "2026-11-25T09:00:04Z",
    }

    booking_id: str
    state: str
    amount: MoneyView
    trouble: str
    tries: int
    settled_by: str
    note: str
    created_at: datetime | None

    @classmethod
    def of(cls, outcome: BookingOutcome) -> Self:
        return cls(
            booking_id=outcome.id,
            state=outcome.state,
            amount=MoneyView.of(outcome.amount),
            trouble=outcome.trouble,
            tries=outcome.tries,
            settled_by=outcome.settled_by,
            note=outcome.note,
            created_at=moment(outcome.created_at),
        )


class RetriesView(View, frozen=True):
    """How many refunds began again."""

    EXAMPLE: ClassVar = {"begun": 1}

    begun: int
