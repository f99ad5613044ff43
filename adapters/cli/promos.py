from typing import Any

import click

from adapters.cli import views
from adapters.cli.confirming import ask, destructive
from adapters.cli.event_plan import instant
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, verb
from application.queries.promo_codes import PromoCodeWithUses
from application.use_cases.promo_codes import PromoCodePlan
from domain.promo_code import PromoCode


@click.group()
def promos() -> None:
    """Promotion codes of an event."""


@verb(
    promos,
    "create",
    "relexbooking promos create evt_… EARLY-20 --percent 20 --until '2027-03-01 00:00' --uses 100 --per-buyer 1\n"
    "relexbooking promos create evt_… FIVE-OFF --amount 5.00 --ticket-type tty_…",
    changes=True,
)
@click.argument("event_id")
@click.argument("code")
@click.option("--percent", type=click.IntRange(1, 100), help="Taken off what the tickets cost together.")
@click.option("--amount", help="Taken off each booking, such as 5.00.")
@click.option("--from", "valid_from", help="On the clock of the event's zone, or with an offset.")
@click.option("--until", "valid_until", help="On the clock of the event's zone, or with an offset.")
@click.option("--ticket-type", "ticket_types", multiple=True, help="Only for these, by id; all if not said.")
@click.option("--uses", "uses_max", type=click.IntRange(1), help="How many bookings may have it.")
@click.option("--per-buyer", "per_buyer_max", type=click.IntRange(1), help="How many bookings of one buyer.")
async def create(  # noqa: PLR0917 - each is an option, and click passes them by name
    desk: Desk,
    event_id: str,
    code: str,
    percent: int | None,
    amount: str | None,
    valid_from: str | None,
    valid_until: str | None,
    ticket_types: tuple[str, ...],
    uses_max: int | None,
    per_buyer_max: int | None,
) -> Answer:
    """Write a code, which takes off either a percentage or an amount. Its terms never change."""
    if (percent is None) == (amount is None):
        raise click.UsageError("say either --percent or --amount")
    zone = await _zone(desk, event_id)
    plan = PromoCodePlan(
        code=code,
        percent=percent,
        amount=amount,
        valid_from=None if valid_from is None else instant(valid_from, zone),
        valid_until=None if valid_until is None else instant(valid_until, zone),
        ticket_type_ids=ticket_types,
        uses_max=uses_max,
        per_buyer_max=per_buyer_max,
    )
    promo = await desk.deeds.create_promo_code(desk.actor, event_id, plan)
    return _shown(PromoCodeWithUses(promo), zone)


@verb(promos, "list", "relexbooking promos list evt_…")
@click.argument("event_id")
@paged
async def list_(desk: Desk, event_id: str, *, limit: int, cursor: str | None, everything: bool) -> Answer:
    """The codes of an event, ended ones too, newest first, with how often each was used."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.promo_codes.of_event(desk.actor, event_id, after, count),
    )
    zone = await _zone(desk, event_id)
    rows = [
        (
            counted.promo.code,
            _off(counted.promo),
            counted.promo.status,
            str(counted.confirmed),
            str(counted.held),
            str(counted.promo.uses_max or "no limit"),
            views.wall(counted.promo.valid_until, zone),
        )
        for counted in listed.items
    ]
    table = Table(("code", "takes off", "status", "confirmed", "held", "at most", "until"), rows)
    return Answer(listed.document(lambda counted: views.promo_code(counted, zone)), (table, *listed.more))


@verb(promos, "show", "relexbooking promos show evt_… EARLY-20")
@click.argument("event_id")
@click.argument("code")
async def show(desk: Desk, event_id: str, code: str) -> Answer:
    """One code with its terms, and how often it was used."""
    counted = await desk.deeds.promo_codes.show(desk.actor, event_id, code)
    return _shown(counted, await _zone(desk, event_id))


@verb(promos, "end", "relexbooking promos end evt_… EARLY-20 --dry-run", changes=True)
@click.argument("event_id")
@click.argument("code")
@destructive
async def end(desk: Desk, event_id: str, code: str, *, dry_run: bool, yes: bool) -> Answer:
    """Let nobody use a code from now on. Bookings that have used it keep their price."""
    counted = await desk.deeds.promo_codes.show(desk.actor, event_id, code)
    zone = await _zone(desk, event_id)
    said = f"{counted.promo.code}, which {counted.confirmed + counted.held} bookings have"
    if dry_run:
        would = counted.promo.end(desk.deeds.clock.now())
        document: dict[str, Any] = {
            "dry_run": True,
            "would_change": would is not counted.promo,
            "promo_code": views.promo_code(counted, zone),
        }
        return Answer(document, (f"Would end {said}.",))
    ask(f"End {said}?", yes=yes)
    await desk.deeds.end_promo_code(desk.actor, event_id, code)
    return _shown(await desk.deeds.promo_codes.show(desk.actor, event_id, code), zone)


def _shown(counted: PromoCodeWithUses, zone: str) -> Answer:
    promo = counted.promo
    facts = [
        ("code", promo.code),
        ("event", promo.event_id),
        ("takes off", _off(promo)),
        ("for", ", ".join(promo.ticket_type_ids) or "all ticket types"),
        ("from", views.wall(promo.valid_from, zone)),
        ("until", views.wall(promo.valid_until, zone)),
        ("status", promo.status),
        ("uses", f"{counted.confirmed} confirmed, {counted.held} held, of {promo.uses_max or 'any number'}"),
        ("of one buyer", str(promo.per_buyer_max or "any number")),
    ]
    return Answer(views.promo_code(counted, zone), (Facts(facts),))


def _off(promo: PromoCode) -> str:
    return f"{promo.percent} %" if promo.percent is not None else str(promo.amount)


async def _zone(desk: Desk, event_id: str) -> str:
    return (await desk.deeds.events.show(desk.actor, event_id)).event.schedule.zone
