from collections.abc import Sequence

from adapters.cli import views
from adapters.cli.showing import Table
from domain.ticket import Ticket


def ticket_table(tickets: Sequence[Ticket], zone: str) -> Table:
    """Tickets as rows, without their codes."""
    rows = [
        (
            t.id,
            str(t.number),
            t.ticket_type,
            t.holder_name,
            t.status,
            str(t.generation),
            f"{views.wall(t.entry.at, zone)} at {t.entry.gate}" if t.entry else "",
        )
        for t in tickets
    ]
    return Table(("ticket", "no.", "type", "holder", "status", "code", "entered"), rows)
