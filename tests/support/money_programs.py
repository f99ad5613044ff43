"""Random programs of what moves money, played on a whole installation with a bank that keeps its own books."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from attrs import define, evolve, field
from hypothesis import strategies as some

from application.access import Actor
from application.ports.payment_gateway import ChargeState, DisputeState, RefundReceipt, RefundState
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.create_event import TicketTypePlan
from application.use_cases.refund_booking import RefundCommand
from domain.errors import DomainError
from domain.event import Event
from domain.ids import PaymentId
from domain.money import Money
from tests.support.world import World

CURRENCIES: Final = (("EUR", "25.00"), ("JPY", "1500"), ("KWD", "7.125"))
_ALIVE: Final = {DisputeState.OPEN, DisputeState.LOST}

_FIGURES: Final = ("gross", "fees", "refunds", "disputes", "net")

Step = tuple[str, int, int]
"""What happens, to which of the payments or events, and how much or how long."""

programs: some.SearchStrategy[Sequence[Step]] = some.lists(
    some.tuples(
        some.sampled_from(
            "buy buy buy pay_late fee cancel refund by_hand settle_by_hand bounce dispute win lose tell wait".split()
        ),
        some.integers(0, 5),
        some.integers(1, 1_000),
    ),
    min_size=3,
    max_size=25,
)


@define(eq=False)
class MoneyProgram:
    """Plays steps; those that make no sense where they come do nothing."""

    world: World
    buyer: Actor
    events: list[Event]
    payments: list[PaymentId] = field(factory=list)

    @classmethod
    async def of(cls, world: World) -> "MoneyProgram":
        organizer = await world.organizer()
        events = [
            await world.event(
                organizer,
                capacity=500,
                in_hours=24 * 300,
                currency=currency,
                ticket_types=(TicketTypePlan("Standard", price, 500),),
            )
            for currency, price in CURRENCIES
        ]
        return cls(world, await world.person(), events)

    async def play(self, steps: Sequence[Step]) -> None:
        for deed, which, much in steps:
            if deed == "buy":
                await self._buy(which, much, paid=True)
            elif deed == "pay_late":
                await self._buy(which, much, paid=False)
            elif deed == "wait":
                self.world.clock.advance(timedelta(hours=much % 100))
            elif self.payments:
                payment_id = self.payments[which % len(self.payments)]
                with suppress(DomainError):
                    await getattr(self, f"_{deed}")(payment_id, much)
        await self.hear_all()

    async def hear_all(self) -> None:
        """The bank tells of everything once more, so that nothing is under way."""
        for payment_id in self.payments:
            await self._tell(payment_id, 0)
        await self.world.settle()

    async def _buy(self, which: int, much: int, *, paid: bool) -> None:
        event = self.events[which % len(self.events)]
        booking = await self.world.hold(self.buyer, event, much % 3 + 1)
        payment = await self.world.start_payment(self.buyer, booking)
        self.payments.append(payment.id)
        if not paid:
            self.world.clock.advance(timedelta(minutes=30))
        self.world.bank.becomes(payment.id, ChargeState.CAPTURED)
        if much % 4:
            await self._tell(payment.id, much)

    async def _tell(self, payment_id: PaymentId, _much: int) -> None:
        number = self.world.bank.calls
        headers, body = self.world.bank.notice(payment_id, f"{payment_id}-{number}")
        await self.world.deeds.receive_notice("pocket", headers, body)
        await self.world.settle()

    async def _fee(self, payment_id: PaymentId, much: int) -> None:
        charge = self.world.bank.charges[payment_id]
        if charge.fee is None:
            self.world.bank.charges[payment_id] = evolve(charge, fee=Money(much % 90, charge.amount.currency))

    async def _cancel(self, payment_id: PaymentId, much: int) -> None:
        self.world.bank.refund_state = RefundState.PENDING if much % 3 == 0 else RefundState.SUCCEEDED
        payment = await self.world.deeds.cancel_booking.begin().payments.get(payment_id)
        await self.world.deeds.cancel_booking(self.world.operator, CancelBookingCommand(payment.booking_id, "asked"))
        await self.world.settle()

    async def _refund(self, payment_id: PaymentId, much: int) -> None:
        """A part, asked for by us."""
        self.world.bank.refund_state = RefundState.SUCCEEDED
        payment = await self.world.deeds.cancel_booking.begin().payments.get(payment_id)
        part = Money(max(1, payment.amount.amount_minor * (much % 100) // 100), payment.amount.currency)
        command = RefundCommand(payment.booking_id, "a part", part.decimal())
        await self.world.deeds.refund_booking(self.world.operator, command)
        await self.world.settle()

    async def _by_hand(self, payment_id: PaymentId, much: int) -> None:
        """Somebody gives money back in the dashboard, which has its own limits."""
        charge = self.world.bank.charges[payment_id]
        part = Money(max(1, charge.amount.amount_minor * (much % 100) // 100), charge.amount.currency)
        if charge.state is ChargeState.CAPTURED and self._seen(payment_id).refunded + part <= charge.amount:
            state = RefundState.PENDING if much % 2 else RefundState.SUCCEEDED
            self.world.bank.refund_by_hand(payment_id, part, state, reference=f"hand-{payment_id}-{much}")

    async def _settle_by_hand(self, payment_id: PaymentId, much: int) -> None:
        """What was started by hand and is pending succeeds or fails; what had succeeded bounces."""
        by_hand = [receipt for receipt in self._seen(payment_id).refunds if receipt.refund_id is None]
        if by_hand:
            receipt = by_hand[much % len(by_hand)]
            state = self._next(receipt, much)
            self.world.bank.refund_by_hand(payment_id, receipt.amount, state, reference=receipt.gateway_reference)

    async def _bounce(self, payment_id: PaymentId, much: int) -> None:
        """The same of one that we asked for."""
        ours = [receipt for receipt in self._seen(payment_id).refunds if receipt.refund_id is not None]
        if ours:
            receipt = ours[much % len(ours)]
            self.world.bank.refunds[receipt.refund_id] = evolve(receipt, state=self._next(receipt, much))

    def _next(self, receipt: RefundReceipt, much: int) -> RefundState:
        if receipt.state is RefundState.PENDING:
            return RefundState.SUCCEEDED if much % 3 else RefundState.FAILED
        return RefundState.FAILED

    def _seen(self, payment_id: PaymentId) -> Any:
        """A charge with its refunds as they are now."""
        bank = self.world.bank
        charge = bank.charges[payment_id]
        return evolve(charge, refunds=tuple(bank.refunds.get(r.refund_id, r) for r in charge.refunds))

    async def _dispute(self, payment_id: PaymentId, much: int) -> None:
        charge = self.world.bank.charges[payment_id]
        if charge.state is ChargeState.CAPTURED and payment_id not in self.world.bank.contested:
            fee = Money(much % 50, charge.amount.currency) if much % 2 else None
            self.world.bank.dispute(payment_id, DisputeState.OPEN, charge.amount, fee=fee)

    async def _win(self, payment_id: PaymentId, _much: int) -> None:
        self._close(payment_id, DisputeState.WON)

    async def _lose(self, payment_id: PaymentId, _much: int) -> None:
        self._close(payment_id, DisputeState.LOST)

    def _close(self, payment_id: PaymentId, state: DisputeState) -> None:
        for report in self.world.bank.contested.get(payment_id, []):
            if report.state is DisputeState.OPEN:
                self.world.bank.dispute(payment_id, state, report.amount, fee=report.fee)

    def bank_says(self) -> dict[str, dict[str, int]]:
        """What the bank's own books make of it, in the words of a report."""
        sums: dict[str, Counter[str]] = {}
        for payment_id in self.payments:
            charge = self._seen(payment_id)
            of = sums.setdefault(charge.amount.currency, Counter(dict.fromkeys(_FIGURES, 0)))
            of["gross"] += charge.amount.amount_minor
            of["fees"] += charge.fee.amount_minor if charge.fee else 0
            for receipt in charge.refunds:
                of["refunds"] += receipt.amount.amount_minor if receipt.state is RefundState.SUCCEEDED else 0
            for report in self.world.bank.contested.get(payment_id, []):
                of["disputes"] += report.amount.amount_minor if report.state in _ALIVE else 0
                of["fees"] += report.fee.amount_minor if report.fee else 0
        for of in sums.values():
            of["net"] = of["gross"] - of["fees"] - of["refunds"] - of["disputes"]
        return {currency: dict(of) for currency, of in sums.items()}
