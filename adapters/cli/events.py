from pathlib import Path
from typing import Any

import click

from adapters.cli import views
from adapters.cli.event_plan import plan_of_file, plan_of_options
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Part, Table
from adapters.cli.verbs import Desk, verb
from application.paging import Page
from application.queries.events import EventWithPlaces
from application.use_cases.change_capacity import ChangeCapacityCommand
from domain.event import Event, EventStatus

STATUS = click.Choice([str(status) for status in EventStatus])


@click.group()
def events() -> None:
    """The occasions that people attend."""


@verb(events, "list", "relexbooking events list --organizer olga@example.com")
@click.option("--organizer", help="Those of one organizer, by address or id.")
@click.option("--shared-with", help="Those of others at which somebody works, by address or id.")
@click.option("--status", type=STATUS, help="Those in one stored state.")
@paged
async def list_(
    desk: Desk,
    *,
    organizer: str | None,
    shared_with: str | None,
    status: str | None,
    limit: int,
    cursor: str | None,
    everything: bool,
) -> Answer:
    """Events of everybody, drafts too, newest first."""
    queries, wish = desk.deeds.events, Wish(limit, cursor, everything)
    if sum(map(bool, (organizer, shared_with, status))) > 1:
        raise click.UsageError("say one of --organizer, --shared-with and --status")
    if shared_with:
        person = await desk.deeds.accounts.show(desk.actor, shared_with)

        async def shared(after: str | None, count: int) -> Page[Event]:
            page = await desk.deeds.teams.shared_with(desk.actor, person.id, after, count)
            return Page(tuple(one.event for one in page.items), page.next_cursor)

        listed = await read(wish, shared)
    elif organizer:
        person = await desk.deeds.accounts.show(desk.actor, organizer)
        listed = await read(wish, lambda after, count: queries.of_organizer(desk.actor, person.id, after, count))
    else:
        listed = await read(wish, lambda after, count: queries.all(desk.actor, after, count, status or ""))
    now = desk.deeds.clock.now()
    rows = [
        (e.id, e.title, e.status_at(now), views.wall(e.schedule.starts_at, e.schedule.zone), e.venue.name, e.currency)
        for e in listed.items
    ]
    table = Table(("id", "title", "status", "starts", "venue", "currency"), rows)
    return Answer(listed.document(lambda e: views.event(e, e.status_at(now))), (table, *listed.more))


@verb(events, "show", "relexbooking events show evt_…")
@click.argument("event_id")
async def show(desk: Desk, event_id: str) -> Answer:
    """One event with its ticket types and how many places are left."""
    return _shown(await desk.deeds.events.show(desk.actor, event_id))


def _shown(shown: EventWithPlaces, said: str = "") -> Answer:
    event = shown.event
    zone, names = event.schedule.zone, {known.id: known.name for known in event.allotments}
    place = ", ".join(word for word in (event.venue.name, event.venue.address, event.venue.city) if word)
    parts: list[Part] = [said] if said else []
    parts += [
        Facts(
            [
                ("id", event.id),
                ("title", event.title),
                ("status", shown.status + (", archived" if event.archived else "")),
                ("organizer", event.organizer_id),
                ("venue", place),
                ("starts", views.wall(event.schedule.starts_at, zone)),
                ("ends", views.wall(event.schedule.ends_at, zone)),
                ("doors open", views.wall(event.schedule.doors_open_at, zone)),
                ("sales end", views.wall(event.schedule.sales_end_at, zone)),
            ]
        ),
        Table(
            ("ticket type", "name", "price", "draws on"),
            [(t.id, t.name, str(t.price), names.get(t.allotment_id, "")) for t in event.ticket_types],
        ),
        Table(
            ("allotment", "name", "capacity", "held", "sold", "available"),
            [
                (a.id, names.get(a.id, ""), *(str(count) for count in (a.capacity, a.held, a.sold, a.available)))
                for a in shown.allotments
            ],
        ),
    ]
    return Answer(views.event_with_places(shown), parts)


@verb(
    events,
    "create",
    "relexbooking events create --organizer olga@example.com --title 'Jazz Night' --venue 'Town Hall' \\\n"
    "    --starts '2027-03-05 20:00' --ends '2027-03-05 23:00' --zone Europe/Berlin \\\n"
    "    --currency EUR --price 25.00 --capacity 200 --publish\n"
    "relexbooking events create --organizer olga@example.com --file jazz-night.toml",
    changes=True,
)
@click.option("--organizer", required=True, help="Whose event it is, by address or id.")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="All of it, as .toml or .json."
)
@click.option("--title")
@click.option("--venue", help="Name of the place.")
@click.option("--address", default="")
@click.option("--city", default="")
@click.option("--starts", help="On the clock of --zone, or with an offset.")
@click.option("--ends", help="On the clock of --zone, or with an offset.")
@click.option("--zone", help="IANA zone of the place, such as Asia/Kolkata.")
@click.option("--currency", help="ISO 4217, such as INR.")
@click.option("--price", help="Of one ticket, such as 499.00; 0 is free.")
@click.option("--capacity", type=int, help="How many places there are.")
@click.option("--ticket-type", default="Standard", show_default=True, help="What the ticket is called.")
@click.option("--category", default="")
@click.option("--description", default="")
@click.option("--publish", is_flag=True, help="Put it on sale at once.")
async def create(desk: Desk, organizer: str, file: Path | None, *, publish: bool, **given: Any) -> Answer:
    """Write down a new event, as a draft unless --publish is said."""
    plan = plan_of_options(given) if file is None else plan_of_file(file, given)
    owner = await desk.deeds.accounts.show(desk.actor, organizer)
    event = await desk.deeds.create_event(desk.actor, plan, owner=owner.id)
    if publish:
        await desk.deeds.move_event.publish(desk.actor, event.id)
    return _shown(await desk.deeds.events.show(desk.actor, event.id), "Published." if publish else "Created.")


@verb(events, "publish", "relexbooking events publish evt_…", changes=True)
@click.argument("event_id")
async def publish(desk: Desk, event_id: str) -> Answer:
    """Put a draft on sale. Its organizer's identity must be approved."""
    event = await desk.deeds.move_event.publish(desk.actor, event_id)
    return _shown(await desk.deeds.events.show(desk.actor, event.id), "Published.")


@verb(events, "capacity", "relexbooking events capacity evt_… 500", changes=True)
@click.argument("event_id")
@click.argument("capacity", type=int)
@click.option("--allotment", help="Which one, where the event has several.")
async def capacity(desk: Desk, event_id: str, capacity: int, allotment: str | None) -> Answer:
    """Set how many places exist; never fewer than are held and sold."""
    await desk.deeds.change_capacity(desk.actor, ChangeCapacityCommand(event_id, capacity, allotment))
    return _shown(await desk.deeds.events.show(desk.actor, event_id), f"The capacity is {capacity}.")
