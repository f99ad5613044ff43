"""Dispute: a buyer asks their bank to take the money back."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import evolve, field, frozen

from domain.facts import Aggregate, DisputeClosed, DisputeOpened
from domain.ids import AccountId, BookingId, DisputeId, EventId, PaymentId
from domain.money import Money
from domain.time import is_aware


class DisputeStatus(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DisputePolicy(StrEnum):
    """What becomes of the tickets of a disputed payment."""

    BLOCK = "block"
    """They open no door while it is open; won, they do again; lost, the booking is cancelled."""
    KEEP = "keep"
    """They stay as they are, whatever comes of it."""


@frozen
class Dispute(Aggregate):
    """One dispute about one payment. Opened, then won or lost for good."""

    id: DisputeId
    payment_id: PaymentId
    booking_id: BookingId
    event_id: EventId
    organizer_id: AccountId
    gateway: str
    gateway_reference: str
    amount: Money
    reason: str
    opened_at: datetime = field(validator=is_aware)
    policy: DisputePolicy
    """As it was when the dispute was opened."""
    status: DisputeStatus = DisputeStatus.OPEN
    withdrawn: bool = True
    """Whether the amount was taken out of our balance, given back since or not."""
    fee: Money | None = None
    closed_at: datetime | None = None

    def opened(self) -> Self:
        """As it is first stored."""
        return self.telling(DisputeOpened(self.opened_at, self.id))

    def withdraw(self, amount: Money) -> Self:
        """The amount was taken out of our balance, once, while it is open."""
        if self.withdrawn or self.status is not DisputeStatus.OPEN:
            return self
        return evolve(self, withdrawn=True, amount=amount)

    def close(self, status: DisputeStatus, at: datetime) -> Self:
        """Won or lost, once; open again, or closed twice, changes nothing."""
        if self.status is not DisputeStatus.OPEN or status is DisputeStatus.OPEN:
            return self
        return evolve(self, status=status, closed_at=at).telling(DisputeClosed(at, self.id))

    @property
    def blocks_tickets(self) -> bool:
        """Whether the tickets of its payment open no door meanwhile."""
        return self.status is DisputeStatus.OPEN and self.policy is DisputePolicy.BLOCK

    @property
    def charged_back(self) -> Money:
        """What it took for good."""
        took = self.withdrawn and self.status is DisputeStatus.LOST
        return self.amount if took else Money.zero(self.amount.currency)
