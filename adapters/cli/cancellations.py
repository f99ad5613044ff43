"""The verbs of `events` that call an event off and see to it that everybody gets their money back."""

from typing import TYPE_CHECKING, Any, Final

import click

from adapters.cli import cancellation_views as shown
from adapters.cli import views
from adapters.cli.confirming import destructive
from adapters.cli.events import events
from adapters.cli.paging import Wish, paged, read
from adapters.cli.progress import progress
from adapters.cli.showing import Answer
from adapters.cli.verbs import Desk, verb
from domain.booking_outcome import OutcomeState
from domain.event_cancellation import CancellationState

if TYPE_CHECKING:
    from application.queries.cancellations import CancellationReport

__all__ = ["events"]

LOOK_EVERY_S: Final = 1.0
WAIT: Final = click.option(
    "--wait",
    is_flag=True,
    help="Work on it here, with progress, until every booking has ended and refunds are settled.",
)


@verb(events, "cancel", "relexbooking events cancel evt_… --dry-run", changes=True)
@click.argument("event_id")
@click.option(
    "--confirm", "--title", "typed", help="The event's title, typed as it stands; asked for if it is not given."
)
@click.option("--reason", default="", help="Why, in words for the buyers.")
@WAIT
@destructive
async def cancel(
    desk: Desk, event_id: str, *, typed: str | None, reason: str, wait: bool, dry_run: bool, yes: bool
) -> Answer:
    """Call an event off: every booking is cancelled and refunded. Its title must be typed."""
    deeds = desk.deeds
    event = (await deeds.events.show(desk.actor, event_id)).event
    preview = await deeds.preview_cancellation(desk.actor, event.id)
    said, now = shown.preview_in_words(preview), deeds.clock.now()
    if dry_run:
        document = {
            "dry_run": True,
            "would_change": event.cancel(now) != event,
            "event": views.event(event, event.status_at(now)),
            **shown.preview(preview),
        }
        return Answer(document, (f"Would cancel {event.title!r} with {said}.", shown.preview_facts(preview)))
    if typed is None:
        if yes:
            raise click.UsageError("--yes does not stand for the title: say --confirm 'THE TITLE' as well")
        click.echo(f"This cancels {event.title!r} with {said}.", err=True)
        typed = click.prompt("Type the title of the event to cancel it", err=True)
    cancelled = await deeds.move_event.cancel(desk.actor, event.id, typed, reason)
    document, parts = views.event(cancelled, cancelled.status), [f"Cancelled {cancelled.title!r}: {said}."]
    if not wait:
        follow = f"How far it is: relexbooking events cancellation {event.id}"
        return Answer(document, (*parts, follow))
    report = await _wait(desk, event.id)
    return Answer(document | {"cancellation": shown.report(report)}, (*parts, *_parts(report)))


@verb(events, "cancellation", "relexbooking events cancellation evt_… --failed")
@click.argument("event_id")
@click.option("--failed", is_flag=True, help="Only the bookings whose refund failed: these need you.")
@WAIT
@paged
async def cancellation(
    desk: Desk, event_id: str, *, failed: bool, wait: bool, limit: int, cursor: str | None, everything: bool
) -> Answer:
    """How far the cancellation of an event is, and what became of each booking."""
    queries = desk.deeds.cancellations
    report = await (_wait(desk, event_id) if wait else queries.report(desk.actor, event_id))
    state = OutcomeState.FAILED if failed else ""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: queries.outcomes(desk.actor, event_id, after, count, state),
    )
    zone = report.event.schedule.zone
    document = shown.report(report) | {"bookings": listed.document(lambda one: shown.outcome(one, zone))}
    return Answer(document, (*_parts(report), shown.outcome_table(listed.items), *listed.more))


@verb(events, "cancellation-pause", "relexbooking events cancellation-pause evt_…", changes=True)
@click.argument("event_id")
async def pause(desk: Desk, event_id: str) -> Answer:
    """Stop a cancellation after the booking in hand. Refunds that have begun go on."""
    await desk.deeds.steer_cancellation.pause(desk.actor, event_id)
    return await _report(desk, event_id)


@verb(events, "cancellation-resume", "relexbooking events cancellation-resume evt_… --wait", changes=True)
@click.argument("event_id")
@WAIT
async def resume(desk: Desk, event_id: str, *, wait: bool) -> Answer:
    """Let a cancellation go on where it was stopped."""
    await desk.deeds.steer_cancellation.resume(desk.actor, event_id)
    if wait:
        await _wait(desk, event_id)
    return await _report(desk, event_id)


@verb(
    events,
    "refund-again",
    "relexbooking events refund-again evt_…\nrelexbooking events refund-again evt_… --booking bkg_…",
    changes=True,
)
@click.argument("event_id")
@click.option("--booking", help="Only this one; without it all whose refund failed.")
async def refund_again(desk: Desk, event_id: str, booking: str | None) -> Answer:
    """Begin a new refund of what remains, where the last one failed."""
    again = desk.deeds.refund_again
    if booking is None:
        begun = await again.all_failed(desk.actor, event_id)
    else:
        begun = await again.one(desk.actor, event_id, booking)
    return Answer({"begun": begun}, (f"{begun} refunds begun.",))


@verb(
    events,
    "paid-by-hand",
    "relexbooking events paid-by-hand evt_… bkg_… --note 'bank transfer of 3 December'",
    changes=True,
)
@click.argument("event_id")
@click.argument("booking_id")
@click.option("--note", required=True, help="How the money went back, for those who ask later.")
async def paid_by_hand(desk: Desk, event_id: str, booking_id: str, note: str) -> Answer:
    """Take down that a buyer got the money back another way: no refund of it is tried again."""
    paid = await desk.deeds.pay_by_hand(desk.actor, event_id, booking_id, note)
    return Answer(shown.outcome(paid), (f"Written down: {paid.amount} of {paid.id} was paid by hand.",))


async def _report(desk: Desk, event_id: str) -> Answer:
    report = await desk.deeds.cancellations.report(desk.actor, event_id)
    return Answer(shown.report(report), _parts(report))


def _parts(report: "CancellationReport") -> tuple[Any, ...]:
    return shown.report_facts(report), shown.report_table(report)


async def _wait(desk: Desk, event_id: str) -> "CancellationReport":
    """Work on it beside whoever else does, until it is settled or somebody pauses it."""
    deeds, seen = desk.deeds, None
    with progress("bookings ended") as advance:
        while True:
            report = await deeds.cancellations.report(desk.actor, event_id)
            advance(report.ended, report.ended + report.waiting)
            if report.is_settled or report.cancellation.state is CancellationState.PAUSED:
                return report
            if report == seen:
                await deeds.clock.sleep(LOOK_EVERY_S)
            seen = report
            await deeds.cancel_bookings.of_event(event_id)
            await deeds.relay.drain()
            await deeds.poll_gateways()
