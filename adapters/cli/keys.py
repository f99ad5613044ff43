import click

from adapters.cli import views
from adapters.cli.confirming import ask, destructive
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyState, NoSuchKey

PURPOSE = click.Choice([str(purpose) for purpose in KeyPurpose])


@click.group()
def keys() -> None:
    """The keys that sign and seal tickets."""


def _table(infos: list[KeyInfo]) -> Table:
    rows = [(k.purpose, str(k.id), k.state, views.wall(k.in_state_since), k.public or "") for k in infos]
    return Table(("purpose", "id", "state", "since", "public key"), rows)


@verb(keys, "list", "relexbooking keys list --json")
async def list_(desk: Desk) -> Answer:
    """Every key ever made. Secrets are never shown."""
    infos = list(desk.deeds.rotate_keys.list(desk.actor))
    return Answer({"items": [views.key(info) for info in infos]}, (_table(infos),))


@verb(keys, "rotate", "relexbooking keys rotate sign", changes=True)
@click.argument("purpose", type=PURPOSE)
async def rotate(desk: Desk, purpose: str) -> Answer:
    """Make new tickets with a new key. Tickets that were sold stay good."""
    info = await desk.deeds.rotate_keys.rotate(desk.actor, KeyPurpose(purpose))
    return Answer(views.key(info), (_table([info]),))


@verb(keys, "revoke", "relexbooking keys revoke sign 1 --dry-run", changes=True)
@click.argument("purpose", type=PURPOSE)
@click.argument("key_id", type=int)
@destructive
async def revoke(desk: Desk, purpose: str, key_id: int, *, dry_run: bool, yes: bool) -> Answer:
    """Refuse every ticket that a key made, for good: their holders need new codes."""
    wanted = KeyPurpose(purpose)
    known = [k for k in desk.deeds.rotate_keys.list(desk.actor) if (k.purpose, k.id) == (wanted, key_id)]
    if not known:
        raise NoSuchKey(f"there is no {purpose} key {key_id}")
    if dry_run:
        rotated = known[0].state is KeyState.ACTIVE
        said = f"Would refuse every ticket that {purpose} key {key_id} made"
        said += " and make a new key for new ones." if rotated else "."
        return Answer({"dry_run": True, "would_revoke": views.key(known[0]), "would_rotate": rotated}, (said,))
    ask(f"Refuse every ticket that {purpose} key {key_id} made? There is no way back.", yes=yes)
    info = await desk.deeds.rotate_keys.revoke(desk.actor, wanted, key_id)
    return Answer(views.key(info), (_table([info]), "Give holders new codes: relexbooking tickets regenerate BOOKING"))
