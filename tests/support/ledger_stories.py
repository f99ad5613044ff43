"""What moved money in a small shop, for tests of how reports look from outside."""

from datetime import UTC, datetime
from typing import Final

from application.ports.store import ChangeSet, Committed
from application.use_cases.cancel_booking import CancelBookingCommand
from domain.event import Event
from domain.ids import LedgerId
from domain.ledger import LedgerTransaction
from tests import build
from tests.support.world import World

HOSTILE_TITLE: Final = '=HYPERLINK("http://evil.example")'
TODAY: Final = "2026-11-22"
"""By the clock of every world."""


async def a_sale_and_a_refund(world: World, event: Event) -> None:
    """Two bookings are paid, and the second one goes back."""
    buyer = await world.person()
    await world.buy(buyer, event)
    cancelled = await world.buy(buyer, event)
    await world.deeds.cancel_booking(world.operator, CancelBookingCommand(cancelled.id, "asked"))
    await world.settle()


async def plant_row(world: World, event: Event, at: datetime | None = None) -> LedgerTransaction:
    """A row that nothing moved."""
    row = build.ledger_transaction(
        id=LedgerId("led/planted"),
        event_id=event.id,
        organizer_id=event.organizer_id,
        at=at or datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    )
    [outcome] = await world.container.store().commit([ChangeSet(inserts=(row,))])
    assert isinstance(outcome, Committed)
    return row
