from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import field, frozen

from application.access import Actor
from application.ids import Ids
from application.once import Once
from application.ports.clock import Clock
from application.work import Begin
from domain.account import Role
from domain.allotment import Allotment
from domain.dispute import DisputePolicy
from domain.errors import InvalidValue
from domain.event import AllotmentName, Event, Schedule, TicketType, Venue
from domain.ids import AccountId, AllotmentId, EventId, TicketTypeId
from domain.money import Money
from domain.refund_policy import RefundPolicy
from domain.tax import TaxRate

ALLOTMENTS_MAX: Final = 20


@frozen
class TicketTypePlan:
    """A ticket type as an organizer writes it. It draws on a named allotment, or on one of its own."""

    name: str
    price: str
    """In major units: "499.00"."""
    capacity: int | None = None
    allotment: str | None = None
    sales_start_at: datetime | None = None
    sales_end_at: datetime | None = None
    per_order_max: int = 10
    per_buyer_max: int | None = None
    tax: TaxRate | None = None
    """In place of the event's."""


@frozen
class RefundTerms:
    """A refund policy as an organizer writes it."""

    until_hours: int
    percent: int = 100
    fee: str = "0"
    """Kept of each refund, in major units: "2.50"."""
    by_buyer: bool = True

    def policy(self, currency: str) -> RefundPolicy:
        return RefundPolicy(
            until_hours=self.until_hours,
            percent=self.percent,
            fee_minor=Money.parse(self.fee, currency).amount_minor,
            by_buyer=self.by_buyer,
        )


@frozen
class EventPlan:
    """An event as an organizer writes it."""

    title: str
    venue: Venue
    starts_at: datetime
    ends_at: datetime
    zone: str
    currency: str
    ticket_types: tuple[TicketTypePlan, ...]
    allotments: Mapping[str, int] = field(factory=dict)
    """Places that several ticket types share, by name."""
    description: str = ""
    category: str = ""
    doors_open_at: datetime | None = None
    sales_end_at: datetime | None = None
    door_sales: bool = False
    hold_minutes: int = 15
    tax: TaxRate | None = None
    """Included in the prices."""
    refund_policy: RefundTerms | None = None
    dispute_policy: DisputePolicy = DisputePolicy.BLOCK

    @property
    def places(self) -> Mapping[str, int]:
        """How many places each allotment has: those that are shared, and each ticket type's own."""
        own = {kind.name: kind.capacity for kind in self.ticket_types if kind.capacity is not None}
        return {**self.allotments, **own}

    def schedule(self) -> Schedule:
        given = {
            name: at
            for name, at in (("doors_open_at", self.doors_open_at), ("sales_end_at", self.sales_end_at))
            if at is not None
        }
        return Schedule(starts_at=self.starts_at, ends_at=self.ends_at, zone=self.zone, **given)


@frozen
class CreateEvent:
    """Write down a new event as a draft, with its ticket types and allotments."""

    begin: Begin
    clock: Clock
    ids: Ids

    async def __call__(self, actor: Actor, plan: EventPlan, once: Once | None = None, owner: str = "") -> Event:
        actor.check(Role.ORGANIZER)
        assert owner or not actor.is_trusted, "an operator says for whom"
        organizer_id = AccountId(owner) if actor.is_trusted else actor.signed_in().id
        allotments, names = self._allotments(plan)
        event = Event(
            id=EventId(self.ids.new("evt")),
            organizer_id=organizer_id,
            title=plan.title,
            description=plan.description,
            category=plan.category,
            venue=plan.venue,
            schedule=plan.schedule(),
            currency=plan.currency,
            allotments=tuple(AllotmentName(a.id, name) for name, a in allotments.items()),
            ticket_types=tuple(
                self._ticket_type(kind, plan.currency, allotments[name].id)
                for kind, name in zip(plan.ticket_types, names, strict=True)
            ),
            created_at=self.clock.now(),
            door_sales=plan.door_sales,
            hold_minutes=plan.hold_minutes,
            tax=plan.tax,
            refund_policy=plan.refund_policy.policy(plan.currency) if plan.refund_policy else None,
            dispute_policy=plan.dispute_policy,
        )
        async with self.begin() as work:
            work.events.add(event)
            for allotment in allotments.values():
                work.open_allotment(allotment)
            work.audit(actor, "event.create", event.id)
            work.answer(once, event)
            await work.commit()
        return event

    def _allotments(self, plan: EventPlan) -> tuple[dict[str, Allotment], list[str]]:
        """Every allotment by name, and the name of the one that each ticket type draws on."""
        capacities = dict(plan.allotments)
        names = []
        for kind in plan.ticket_types:
            if (kind.capacity is None) == (kind.allotment is None):
                raise InvalidValue(f"ticket type {kind.name!r} takes either a capacity or the name of an allotment")
            name = kind.allotment or kind.name
            if kind.capacity is not None:
                if name in capacities:
                    raise InvalidValue(f"two allotments are called {name!r}")
                capacities[name] = kind.capacity
            elif name not in capacities:
                raise InvalidValue(f"ticket type {kind.name!r} names an allotment {name!r} that does not exist")
            names.append(name)
        if len(capacities) > ALLOTMENTS_MAX:
            raise InvalidValue(f"an event has at most {ALLOTMENTS_MAX} allotments")
        made = {name: Allotment(AllotmentId(self.ids.new("alm")), capacity) for name, capacity in capacities.items()}
        return made, names

    def _ticket_type(self, plan: TicketTypePlan, currency: str, allotment_id: AllotmentId) -> TicketType:
        return TicketType(
            id=TicketTypeId(self.ids.new("tty")),
            name=plan.name,
            price=Money.parse(plan.price, currency),
            allotment_id=allotment_id,
            sales_start_at=plan.sales_start_at,
            sales_end_at=plan.sales_end_at,
            per_order_max=plan.per_order_max,
            per_buyer_max=plan.per_buyer_max,
            tax=plan.tax,
        )
