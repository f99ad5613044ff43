"""The verbs of `events team`: who works at an event that is not theirs."""

import click

from adapters.cli import team_views
from adapters.cli.cancellations import events
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, verb
from adapters.cli.views import wall

__all__ = ["events"]

ROLES = ("door", "co_organizer")


@events.group("team")
def team() -> None:
    """Door staff and co-organizers of an event."""


@verb(team, "list", "relexbooking events team list evt_…\nrelexbooking events team list evt_… --invitations")
@click.argument("event_id")
@click.option("--invitations", is_flag=True, help="Those who were asked and have not answered.")
@paged
async def list_(
    desk: Desk, event_id: str, *, invitations: bool, limit: int, cursor: str | None, everything: bool
) -> Answer:
    """Who works there, in the order in which they came."""
    queries, wish = desk.deeds.teams, Wish(limit, cursor, everything)
    if invitations:
        asked = await read(wish, lambda after, count: queries.invitations(desk.actor, event_id, after, count))
        waiting = [(one.id, one.email, one.role, wall(one.expires_at)) for one in asked.items]
        table = Table(("invitation", "address", "role", "until"), waiting)
        return Answer(asked.document(team_views.invitation), (table, *asked.more))
    listed = await read(wish, lambda after, count: queries.members(desk.actor, event_id, after, count))
    rows = [
        (one.grant.account_id, one.name, one.email, one.grant.role, wall(one.grant.created_at)) for one in listed.items
    ]
    table = Table(("account", "name", "address", "role", "since"), rows)
    return Answer(listed.document(team_views.member), (table, *listed.more))


@verb(
    team,
    "grant",
    "relexbooking events team grant evt_… gate@example.com --role door\n"
    "relexbooking events team grant evt_… ravi@example.com --role co_organizer --by-mail",
    changes=True,
)
@click.argument("event_id")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="door", show_default=True, help="What they are there.")
@click.option("--by-mail", is_flag=True, help="Ask them, as organizers do; the address needs no account yet.")
async def grant(desk: Desk, event_id: str, email: str, *, role: str, by_mail: bool) -> Answer:
    """Let somebody with an account work at an event, at once. Twice is no error."""
    from application.records import TeamRole  # noqa: PLC0415 - `--help` does not need it

    if by_mail:
        asked = await desk.deeds.invite_to_team(desk.actor, event_id, email, TeamRole(role))
        facts = [("invitation", asked.id), ("role", asked.role), ("until", wall(asked.expires_at))]
        return Answer(team_views.invitation(asked), (Facts(facts),))
    given = await desk.deeds.grant_at_event(desk.actor, event_id, email, TeamRole(role))
    return Answer(team_views.grant(given), (Facts([("account", given.account_id), ("role", given.role)]),))


@verb(
    team,
    "withdraw",
    "relexbooking events team withdraw evt_… gate@example.com\nrelexbooking events team withdraw evt_… inv_…",
    changes=True,
)
@click.argument("event_id")
@click.argument("who")
async def withdraw(desk: Desk, event_id: str, who: str) -> Answer:
    """Take back a role, by address or account, or an invitation by its id. Twice is no error."""
    if who.startswith("inv_"):
        await desk.deeds.leave_team.uninvite(desk.actor, event_id, who)
        return Answer({"withdrawn": who}, ("Withdrawn.",))
    person = await desk.deeds.accounts.show(desk.actor, who)
    await desk.deeds.leave_team.withdraw(desk.actor, event_id, person.id)
    return Answer({"withdrawn": person.id}, ("Withdrawn.",))
