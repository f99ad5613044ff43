"""What a person may ask for: their data as a file, and what they agreed to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli import views
from adapters.cli.factors import accounts
from adapters.cli.new_file import whole_file
from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb

if TYPE_CHECKING:
    from domain.consent import Consent


@verb(accounts, "export", "relexbooking accounts export ada@example.com --output ada.json")
@click.argument("who")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The JSON file to write."
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
async def export(desk: Desk, *, who: str, output: Path, force: bool) -> Answer:
    """Everything about a person as one JSON file, in which nobody else is named."""
    with whole_file(output, force=force) as file:
        document = await desk.deeds.export_person(desk.actor, who)
        file.write(json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
    counts = {kind: len(records) for kind, records in document["records"].items()}
    said = f"{sum(counts.values())} records are in {output}. It speaks of one person: hand it to nobody else."
    return Answer({"file": str(output), "records": counts}, (said,))


def _document(consent: "Consent") -> dict[str, Any]:
    return {
        "at": views.moment(consent.at),
        "terms_version": consent.terms_version,
        "marketing": consent.marketing,
        "place": str(consent.place),
    }


@verb(accounts, "consent", "relexbooking accounts consent ada@example.com --no-marketing", changes=True)
@click.argument("who")
@click.option("--marketing/--no-marketing", default=None, help="What the person told you; else nothing changes.")
async def consent(desk: Desk, who: str, *, marketing: bool | None) -> Answer:
    """What a person agreed to, the newest first; or write down what they say now."""
    if marketing is not None:
        await desk.deeds.give_consent.at_desk(desk.actor, who, marketing=marketing)
    history = await desk.deeds.give_consent.of(desk.actor, who)
    rows = [(views.wall(c.at), c.terms_version, "yes" if c.marketing else "no", c.place) for c in history]
    table = Table(("at", "terms", "marketing", "where"), rows)
    return Answer({"items": [_document(given) for given in history]}, (table,))
