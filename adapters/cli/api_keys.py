import click

from adapters.cli import views
from adapters.cli.confirming import ask, destructive
from adapters.cli.paging import Wish, paged, read
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, verb
from application.queries.api_keys import KeyStanding, ListedKey
from application.use_cases.api_keys import KeyPlan, NewKey
from domain.api_key import DAYS_DEFAULT, OVERLAP_HOURS_DEFAULT, Scope

SCOPE = click.Choice([str(scope) for scope in Scope])


@click.group("api-keys")
def api_keys() -> None:
    """What lets programs act for somebody, each within its scopes."""


def _document(listed: ListedKey) -> views.Document:
    key = listed.key
    return {
        "id": key.id,
        "owner_id": key.account_id,
        "name": key.name,
        "scopes": list(key.scopes),
        "event_id": key.event_id,
        "standing": listed.standing,
        "created_at": views.moment(key.created_at),
        "expires_at": views.moment(key.expires_at),
        "last_used_at": views.moment(key.used_at),
        "previous_until": views.moment(key.previous_until),
        "revoked_at": views.moment(key.revoked_at),
        "revoked": key.revoked,
    }


def _facts(listed: ListedKey) -> Facts:
    key = listed.key
    return Facts(
        [
            ("id", key.id),
            ("owner", key.account_id),
            ("name", key.name),
            ("scopes", " ".join(key.scopes)),
            ("event", key.event_id or "all"),
            ("standing", listed.standing),
            ("made", views.wall(key.created_at)),
            ("expires", views.wall(key.expires_at)),
            ("last used, about", views.wall(key.used_at) or "never"),
            ("secret from before until", views.wall(key.previous_until)),
            ("revoked", f"{views.wall(key.revoked_at)} {key.revoked}" if key.revoked else "no"),
        ]
    )


def _told_once(new: NewKey) -> Answer:
    """The secret first and by itself, so that a script finds it."""
    listed = ListedKey(new.key, KeyStanding.ACTIVE)
    said = "Keep the first line: it is told this once."
    return Answer({"secret": new.secret, "key": _document(listed)}, (new.secret, said, _facts(listed)))


@verb(api_keys, "list", "relexbooking api-keys list --owner ada@example.com --json")
@click.option("--owner", default="", help="Of one person, by address or id.")
@paged
async def list_(desk: Desk, *, owner: str, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Keys without their secrets, newest first."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.api_keys.list(desk.actor, owner, after, count),
    )
    rows = [
        (
            one.key.id,
            one.key.account_id,
            one.key.name,
            " ".join(one.key.scopes),
            one.standing,
            views.wall(one.key.expires_at),
        )
        for one in listed.items
    ]
    table = Table(("id", "owner", "name", "scopes", "standing", "expires"), rows)
    return Answer(listed.document(_document), (table, *listed.more))


@verb(api_keys, "show", "relexbooking api-keys show key_01arz3ndektsv4rrffq69g5fav")
@click.argument("key")
async def show(desk: Desk, key: str) -> Answer:
    """One key, without its secret."""
    listed = await desk.deeds.api_keys.show(desk.actor, key)
    return Answer(_document(listed), (_facts(listed),))


@verb(
    api_keys,
    "create",
    "relexbooking api-keys create 'North gate' --owner ada@example.com --scope door --days 30",
    changes=True,
)
@click.argument("name")
@click.option("--owner", required=True, help="For whom it acts, by address or id.")
@click.option("--scope", "scopes", type=SCOPE, multiple=True, required=True, help="What it opens; several are allowed.")
@click.option("--days", type=int, default=DAYS_DEFAULT, show_default=True, help="For how long, 365 at most.")
@click.option("--event", help="Only what is under this event.")
async def create(desk: Desk, *, name: str, owner: str, scopes: tuple[str, ...], days: int, event: str | None) -> Answer:
    """Make a key. Its secret is shown this once."""
    plan = KeyPlan(name, tuple(map(Scope, scopes)), days, event, owner)
    return _told_once(await desk.deeds.create_api_key(desk.actor, plan))


@verb(api_keys, "rotate", "relexbooking api-keys rotate key_01arz3ndektsv4rrffq69g5fav --overlap-hours 2", changes=True)
@click.argument("key")
@click.option(
    "--overlap-hours",
    type=int,
    default=OVERLAP_HOURS_DEFAULT,
    show_default=True,
    help="For how long the secret from before goes on.",
)
@click.option("--days", type=int, default=DAYS_DEFAULT, show_default=True, help="For how long the new one is valid.")
async def rotate(desk: Desk, *, key: str, overlap_hours: int, days: int) -> Answer:
    """A new secret, shown this once."""
    return _told_once(await desk.deeds.rotate_api_key(desk.actor, key, overlap_hours=overlap_hours, days=days))


@verb(api_keys, "revoke", "relexbooking api-keys revoke key_01arz3ndektsv4rrffq69g5fav --dry-run", changes=True)
@click.argument("key")
@destructive
async def revoke(desk: Desk, key: str, *, dry_run: bool, yes: bool) -> Answer:
    """End a key for good."""
    listed = await desk.deeds.api_keys.show(desk.actor, key)
    if dry_run:
        document = {"dry_run": True, "would_revoke": _document(listed)}
        return Answer(document, ("Would revoke this key:", _facts(listed)))
    ask(f"Revoke {listed.key.name} ({key}) of {listed.key.account_id}?", yes=yes)
    revoked = ListedKey(await desk.deeds.revoke_api_key(desk.actor, key), KeyStanding.REVOKED)
    return Answer(_document(revoked), ("Revoked.", _facts(revoked)))
