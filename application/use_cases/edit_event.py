from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from application.access import Actor
from application.errors import PreconditionFailed
from application.event_access import event_for
from application.ports.clock import Clock
from application.ports.store import Listing, Store
from application.use_cases.create_event import RefundTerms
from application.work import Begin, retrying
from domain.dispute import DisputePolicy
from domain.event import Event, Venue
from domain.money import Money
from domain.tax import TaxRate


@frozen
class TicketTypeEdit:
    """New terms for an existing ticket type; sold prices never change. None leaves a term as it is."""

    name: str | None = None
    price: str | None = None
    sales_start_at: datetime | None = None
    sales_end_at: datetime | None = None
    per_order_max: int | None = None
    per_buyer_max: int | None = None
    tax: TaxRate | None = None
    """Holds for what is sold from now on."""


@frozen
class EventEdit:
    """What is to change. None leaves a thing as it is."""

    title: str | None = None
    description: str | None = None
    category: str | None = None
    venue: Venue | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str | None = None
    doors_open_at: datetime | None = None
    sales_end_at: datetime | None = None
    door_sales: bool | None = None
    hold_minutes: int | None = None
    tax: TaxRate | None = None
    """Holds for what is sold from now on. A rate of 0 says that none is due."""
    refund_policy: RefundTerms | None = None
    """For bookings from now on: those made before keep the policy they were made under."""
    dispute_policy: DisputePolicy | None = None
    ticket_types: dict[str, TicketTypeEdit] = field(factory=dict)

    def apply(self, event: Event) -> Event:
        """The event with these words; nothing is checked against its state here."""
        words = ("title", "description", "category", "venue", "door_sales", "hold_minutes", "dispute_policy", "tax")
        times = ("starts_at", "ends_at", "zone", "doors_open_at", "sales_end_at")
        for ticket_type_id in self.ticket_types:
            event.ticket_type(ticket_type_id)
        policy = self.refund_policy.policy(event.currency) if self.refund_policy else event.refund_policy
        return evolve(
            event,
            **_given(self, words),
            refund_policy=policy,
            schedule=evolve(event.schedule, **_given(self, times)),
            ticket_types=tuple(
                _edited(kind, self.ticket_types[kind.id]) if kind.id in self.ticket_types else kind
                for kind in event.ticket_types
            ),
        )


def _given(source: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


def _edited(kind: Any, edit: TicketTypeEdit) -> Any:
    terms = _given(edit, ("name", "sales_start_at", "sales_end_at", "per_order_max", "per_buyer_max", "tax"))
    if edit.price is not None:
        terms["price"] = Money.parse(edit.price, kind.price.currency)
    return evolve(kind, **terms)


@frozen
class EditEvent:
    """Change an event within what its state allows; new dates or a new venue are told to all holders."""

    begin: Begin
    clock: Clock
    store: Store

    async def __call__(self, actor: Actor, event_id: str, edit: EventEdit, seen: int | None = None) -> Event:
        """`seen` is the version that the editor saw: PreconditionFailed if it is no longer that."""
        return await retrying(lambda: self._once(actor, event_id, edit, seen))

    async def _once(self, actor: Actor, event_id: str, edit: EventEdit, seen: int | None) -> Event:
        async with self.begin() as work:
            event = await event_for(work, actor, event_id)
            if seen is not None and seen != event.version:
                raise PreconditionFailed("the event was changed since you saw it: fetch it again")
            edited = event.edit(edit.apply(event), self.clock.now(), booked=await self._is_booked(event))
            work.events.save(edited)
            work.audit(actor, "event.edit", event.id)
            await work.commit()
        return evolve(edited, version=edited.version + 1)

    async def _is_booked(self, event: Event) -> bool:
        listing = Listing("booking", "by_event", event.id, limit=1)
        return bool((await self.store.list(listing)).items)
