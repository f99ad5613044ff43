from datetime import UTC
from typing import Any

import click

from adapters.cli import views
from adapters.cli.confirming import ask, destructive, read_password
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Part, Table
from adapters.cli.verbs import Desk, verb
from application.erasure_check import Belongings
from application.queries.accounts import AccountFilter
from application.use_cases.administer_accounts import CreateAccountCommand
from application.use_cases.end_sessions import EVERYBODY
from domain.account import Account, AccountStatus, KycStatus, Role

ROLE = click.Choice([str(role) for role in Role])
STATUS = click.Choice([str(status) for status in AccountStatus])
KYC = click.Choice([str(status) for status in KycStatus])
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def accounts() -> None:
    """People who can sign in, and what they may do."""


def _shown(person: Account, said: str = "") -> Answer:
    facts = Facts(
        [
            ("id", person.id),
            ("email", person.email),
            ("name", person.name),
            ("roles", ", ".join(sorted(person.roles))),
            ("status", person.status),
            ("identity check", person.kyc),
            ("address", "confirmed" if person.email_confirmed_at else "not confirmed"),
            ("since", views.wall(person.created_at)),
        ]
    )
    return Answer(views.account(person), (said, facts) if said else (facts,))


@verb(
    accounts,
    "create",
    "relexbooking accounts create ada@example.com --name 'Ada Lovelace' --role superadmin",
    changes=True,
)
@click.argument("email")
@click.option("--name", required=True, help="As people call them.")
@click.option("--role", type=ROLE, default="user", show_default=True)
@click.option("--approved", is_flag=True, help="An organizer who may publish without an identity check here.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
async def create(desk: Desk, *, email: str, name: str, role: str, approved: bool, password_stdin: bool) -> Answer:
    """Make an account whose address counts as confirmed."""
    password = read_password(from_stdin=password_stdin)
    command = CreateAccountCommand(email, name, password, Role(role), approved=approved)
    return _shown(await desk.deeds.create_account(desk.actor, command), "Created.")


@verb(accounts, "list", "relexbooking accounts list --role organizer --kyc pending --all --json")
@click.option("--role", type=ROLE, help="The highest that each has.")
@click.option("--status", type=STATUS, help="Active, disabled or deleted.")
@click.option("--kyc", type=KYC, help="Where the identity check stands.")
@click.option("--since", type=DAY, help="Made on that day, in UTC, or later.")
@click.option("--until", type=DAY, help="Made before that day, in UTC.")
@click.option("--search", default="", help="Words in the name or address.")
@paged
async def list_(desk: Desk, *, limit: int, cursor: str | None, everything: bool, **given: Any) -> Answer:
    """Accounts, newest first."""
    wanted = AccountFilter(
        words=given["search"],
        role=Role(given["role"]) if given["role"] else None,
        status=AccountStatus(given["status"]) if given["status"] else None,
        kyc=KycStatus(given["kyc"]) if given["kyc"] else None,
        since=given["since"] and given["since"].replace(tzinfo=UTC),
        until=given["until"] and given["until"].replace(tzinfo=UTC),
    )
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.accounts.list(desk.actor, wanted, after, count),
    )
    rows = [(a.id, a.email, a.name, a.rank, a.status, a.kyc, views.wall(a.created_at)) for a in listed.items]
    table = Table(("id", "email", "name", "role", "status", "identity check", "since"), rows)
    return Answer(listed.document(views.account), (table, *listed.more))


@verb(accounts, "show", "relexbooking accounts show ada@example.com")
@click.argument("who")
async def show(desk: Desk, who: str) -> Answer:
    """One account, by address or id, with how much belongs to it."""
    person, belongings = await desk.deeds.erase_account.preview(desk.actor, who)
    counts = {
        "bookings": belongings.counts["bookings"],
        "events": belongings.counts["events"],
        "open_money_matters": belongings.open_money_matters,
    }
    shown = _shown(person)
    facts = Facts([(name.replace("_", " "), str(count)) for name, count in counts.items()])
    return Answer(shown.document | counts, (*shown.parts, facts))


@verb(accounts, "grant", "relexbooking accounts grant ada@example.com admin", changes=True)
@click.argument("who")
@click.argument("role", type=ROLE)
async def grant(desk: Desk, who: str, role: str) -> Answer:
    """Give a role. The person must sign in again."""
    return _shown(await desk.deeds.administer_account.grant(desk.actor, who, Role(role)))


@verb(accounts, "revoke", "relexbooking accounts revoke ada@example.com admin", changes=True)
@click.argument("who")
@click.argument("role", type=ROLE)
async def revoke(desk: Desk, who: str, role: str) -> Answer:
    """Take a role away; the last super-administrator stays."""
    return _shown(await desk.deeds.administer_account.revoke(desk.actor, who, Role(role)))


@verb(accounts, "disable", "relexbooking accounts disable mallory@example.com", changes=True)
@click.argument("who")
async def disable(desk: Desk, who: str) -> Answer:
    """Switch an account off: every session ends at once."""
    return _shown(await desk.deeds.administer_account.disable(desk.actor, who))


@verb(accounts, "enable", "relexbooking accounts enable mallory@example.com", changes=True)
@click.argument("who")
async def enable(desk: Desk, who: str) -> Answer:
    """Switch a disabled account on again."""
    return _shown(await desk.deeds.administer_account.enable(desk.actor, who))


@verb(accounts, "sign-out", "relexbooking accounts sign-out ada@example.com", changes=True)
@click.argument("who", required=False)
@click.option("--everyone", is_flag=True, help="All people here, with one write.")
@click.option("--confirm", default="", help="With --everyone, the words that it asks for.")
async def sign_out(desk: Desk, *, who: str | None, everyone: bool, confirm: str) -> Answer:
    """End every session and API key of one person, or of everybody."""
    if everyone == bool(who):
        raise click.UsageError("name one person, or give --everyone")
    if who:
        return _shown(await desk.deeds.administer_account.sign_out(desk.actor, who), "Every session is over.")
    typed = confirm or click.prompt(f'This signs everybody out. Type "{EVERYBODY}"', err=True)
    done = await desk.deeds.sign_everybody_out(desk.actor, typed)
    return Answer({"era": done.era}, ("Everybody is signed out, and every API key is dead.",))


@verb(accounts, "reset-password", "relexbooking accounts reset-password ada@example.com", changes=True)
@click.argument("who")
async def reset_password(desk: Desk, who: str) -> Answer:
    """Mail a link for a new password. The old password works until it is used."""
    person = await desk.deeds.administer_account.start_reset(desk.actor, who)
    if person.status is not AccountStatus.ACTIVE:
        return Answer(
            views.account(person), (f"{person.email} is {person.status}: no link was sent. Enable it first.",)
        )
    return Answer(views.account(person), (f"A link for a new password goes to {person.email}.",))


@verb(accounts, "temporary-password", "relexbooking accounts temporary-password ada@example.com", changes=True)
@click.argument("who")
async def temporary_password(desk: Desk, who: str) -> Answer:
    """A random password, shown this once: good for a day, and for choosing another. Every session ends."""
    given = await desk.deeds.give_temporary_password(desk.actor, who)
    document = {"password": given.password, "expires_at": views.moment(given.expires_at)}
    until = views.wall(given.expires_at)
    said = f"Until {until} {given.account.email} signs in with it, and then chooses another before anything else."
    return Answer(document, (given.password, said))


def _would_go(person: Account, belongings: Belongings) -> Answer:
    """What an erasure would change or remove, and what stands in its way."""
    document = {
        "dry_run": True,
        "would_delete": views.account(person),
        "counts": dict(belongings.counts),
        "obstacles": [{"kind": one.kind, "id": one.id, "what_to_do": one.what_to_do} for one in belongings.obstacles],
    }
    parts: list[Part] = [
        f"Would forget {person.email} ({person.name}): names and addresses go, money and audit stay.",
        Facts([(name.replace("_", " "), str(count)) for name, count in belongings.counts.items()]),
    ]
    if belongings.obstacles:
        rows = [(one.kind, one.id, one.what_to_do) for one in belongings.obstacles]
        parts.append(Table(("what", "id", "what to do"), rows, "It would be refused"))
    return Answer(document, tuple(parts))


@verb(accounts, "delete", "relexbooking accounts delete ada@example.com --dry-run", changes=True)
@click.argument("who")
@destructive
async def delete(desk: Desk, who: str, *, dry_run: bool, yes: bool) -> Answer:
    """Forget a person for good. What they booked stays, under a number."""
    person, belongings = await desk.deeds.erase_account.preview(desk.actor, who)
    if dry_run:
        return _would_go(person, belongings)
    ask(f"Forget {person.email} ({person.name}) for good?", yes=yes)
    return _shown(await desk.deeds.erase_account(desk.actor, person.id), "Forgotten.")
