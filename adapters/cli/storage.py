import click
from attrs import asdict

from adapters.cli.showing import Answer, Table
from adapters.cli.verbs import Desk, verb
from application.ports.storage_meter import Kept


@click.group()
def storage() -> None:
    """The files that are kept: pictures of events, identity documents."""


@verb(storage, "usage", "relexbooking storage usage\nrelexbooking storage usage --json")
async def usage(desk: Desk) -> Answer:
    """How much is kept, by folder. Looks at every file, which takes a while where there are many."""
    areas = await desk.deeds.storage.kept(desk.actor)
    total = sum(areas.values(), Kept())
    rows = [_row(area, kept) for area, kept in areas.items()] + [_row("all", total)]
    document = {"items": [{"area": area} | asdict(kept) for area, kept in areas.items()], "total": asdict(total)}
    return Answer(document, (Table(("area", "files", "bytes", "bytes of earlier versions"), rows),))


def _row(area: str, kept: Kept) -> tuple[str, ...]:
    return area, str(kept.files), str(kept.size_bytes), str(kept.earlier_bytes)
