"""The cancellation of an event as JSON documents, with the names that the HTTP API uses, and as words and tables."""

from adapters.cli import views
from adapters.cli.showing import Facts, Table
from adapters.cli.views import Document
from application.queries.cancellation_preview import CancellationPreview
from application.queries.cancellations import CancellationReport
from application.queries.tallies import Tally
from domain.booking import BookingStatus
from domain.booking_outcome import BookingOutcome


def tally(counted: Tally) -> Document:
    return {"count": counted.count, "sums": [views.money(amount) for _, amount in sorted(counted.sums.items())]}


def sums(counted: Tally) -> str:
    """What it amounts to, currency by currency."""
    return " and ".join(str(amount) for _, amount in sorted(counted.sums.items())) or "nothing"


def preview(found: CancellationPreview) -> Document:
    return {
        "bookings": {str(status): count for status, count in sorted(found.bookings.items())},
        "holds_dropped": found.holds,
        "tickets": found.tickets,
        "to_refund": tally(found.to_refund),
        "fees_lost": tally(found.fees_lost),
        "fees_unknown": found.fees_unknown,
        "refunds_on_the_way": tally(found.on_the_way),
        "payments_pending": tally(found.pending),
        "disputed": tally(found.disputed),
    }


def preview_in_words(found: CancellationPreview) -> str:
    confirmed = found.bookings.get(BookingStatus.CONFIRMED, 0)
    return f"{confirmed} confirmed and {found.holds} held bookings; {sums(found.to_refund)} goes back"


def preview_facts(found: CancellationPreview) -> Facts:
    unknown = f", and not known of {found.fees_unknown} payments" if found.fees_unknown else ""
    return Facts(
        [
            ("tickets", str(found.tickets)),
            *((f"bookings {status}", str(count)) for status, count in sorted(found.bookings.items())),
            ("goes back", f"{sums(found.to_refund)} for {found.to_refund.count} bookings"),
            ("fees lost", f"{sums(found.fees_lost)}{unknown}"),
            ("on the way already", f"{sums(found.on_the_way)} in {found.on_the_way.count} refunds"),
            ("payments pending", f"{sums(found.pending)} in {found.pending.count} attempts"),
            ("disputed", f"{sums(found.disputed)} of {found.disputed.count} bookings"),
        ]
    )


def report(found: CancellationReport) -> Document:
    cancellation, zone = found.cancellation, found.event.schedule.zone
    return {
        "event_id": cancellation.id,
        "state": cancellation.state,
        "reason": cancellation.reason,
        "started_at": views.moment(cancellation.started_at, zone),
        "finished_at": views.moment(cancellation.finished_at, zone),
        "waiting": found.waiting,
        "ended": found.ended,
        "needs_you": found.needs_you,
        "outcomes": {str(state): tally(counted) for state, counted in sorted(found.outcomes.items())},
    }


def report_facts(found: CancellationReport) -> Facts:
    cancellation, zone = found.cancellation, found.event.schedule.zone
    return Facts(
        [
            ("event", found.event.title),
            ("state", cancellation.state),
            ("reason", cancellation.reason),
            ("started", views.wall(cancellation.started_at, zone)),
            ("finished", views.wall(cancellation.finished_at, zone)),
            ("bookings waiting", str(found.waiting)),
            ("bookings ended", str(found.ended)),
            ("need you", str(found.needs_you)),
        ]
    )


def report_table(found: CancellationReport) -> Table:
    rows = [(str(state), str(counted.count), sums(counted)) for state, counted in sorted(found.outcomes.items())]
    return Table(("outcome", "bookings", "amount"), rows)


def outcome(found: BookingOutcome, zone: str = "UTC") -> Document:
    return {
        "booking_id": found.id,
        "state": found.state,
        "amount": views.money(found.amount),
        "trouble": found.trouble,
        "tries": found.tries,
        "settled_by": found.settled_by,
        "note": found.note,
        "created_at": views.moment(found.created_at, zone),
    }


def outcome_table(found: list[BookingOutcome]) -> Table:
    rows = [(one.id, str(one.state), str(one.amount), one.note or one.trouble) for one in found]
    return Table(("booking", "outcome", "amount", "words"), rows)
