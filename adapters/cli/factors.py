"""Second factors of others: two more verbs of `accounts`."""

import click

from adapters.cli import views
from adapters.cli.accounts import accounts
from adapters.cli.confirming import ask, destructive
from adapters.cli.showing import Answer, Facts
from adapters.cli.verbs import Desk, verb
from application.use_cases.step_up import FactorList

__all__ = ["accounts"]
"""The group goes on in another file, which takes it from here so that these verbs are in it too."""


def _document(found: FactorList) -> views.Document:
    factors = found.factors
    return {
        "account_id": factors.id,
        "required": found.required,
        "totp_since": views.moment(factors.totp.confirmed_at) if factors.totp else None,
        "passkeys": [
            {
                "id": passkey.id,
                "name": passkey.name,
                "added_at": views.moment(passkey.added_at),
                "last_used_at": views.moment(passkey.last_used_at),
            }
            for passkey in factors.passkeys
        ],
        "recovery_codes_left": len(factors.recovery_codes),
    }


def _shown(found: FactorList, said: str = "") -> Answer:
    factors = found.factors
    facts = Facts(
        [
            ("account", factors.id),
            ("second factor", "required" if found.required else "as they like"),
            ("authenticator app", views.wall(factors.totp.confirmed_at) if factors.totp else "none"),
            ("passkeys", ", ".join(passkey.name for passkey in factors.passkeys) or "none"),
            ("recovery codes left", str(len(factors.recovery_codes))),
        ]
    )
    return Answer(_document(found), (said, facts) if said else (facts,))


@verb(accounts, "factors", "relexbooking accounts factors ada@example.com")
@click.argument("who")
async def factors(desk: Desk, who: str) -> Answer:
    """What somebody has beside the password."""
    return _shown(await desk.deeds.administer_factors.show(desk.actor, who))


@verb(accounts, "remove-factors", "relexbooking accounts remove-factors ada@example.com --dry-run", changes=True)
@click.argument("who")
@destructive
async def remove_factors(desk: Desk, who: str, *, dry_run: bool, yes: bool) -> Answer:
    """Remove all second factors of somebody who lost them. The person is told by mail."""
    found = await desk.deeds.administer_factors.show(desk.actor, who)
    if dry_run:
        document = {"dry_run": True, "would_remove": _document(found)}
        return Answer(document, ("Would remove these, and end every session.", *_shown(found).parts))
    ask(f"Remove the second factors of {who}?", yes=yes)
    return _shown(await desk.deeds.administer_factors.remove(desk.actor, who), "Removed. Every session is over.")
