"""Differences between our books and the pocket gateway's, planted one by one, and what should be found of each."""

from datetime import timedelta

from attrs import evolve, frozen

from application.listing import every
from application.ports.payment_gateway import Charge, ChargeState, RefundState
from application.ports.store import Listing
from application.use_cases.cancel_booking import CancelBookingCommand
from application.use_cases.reconcile import Compared, ReconcileCommand
from application.work import Work
from domain.booking import Booking, BookingStatus
from domain.event import Event
from domain.ids import PaymentId
from domain.money import Money
from domain.payment import Payment, PaymentStatus
from domain.reconciliation import Finding, FindingKind, FindingStatus
from tests.support.world import World


async def compare(world: World, *, days: int = 2) -> Compared:
    """The last days, until now."""
    today = world.clock.now().date()
    command = ReconcileCommand(today - timedelta(days=days - 1), today)
    return await world.deeds.reconcile(world.operator, command)


async def findings(world: World) -> list[Finding]:
    """All of them, in whatever state."""
    store = world.container.store()
    listings = [Listing("finding", "by_status", status) for status in FindingStatus]
    return [finding for listing in listings async for finding in every(store, listing)]


Expected = tuple[FindingKind, str, FindingStatus]
"""Kind and subject of a finding, and how it ends without a person."""


@frozen
class Planting:
    """Sells places for one event, each sale with something wrong about it, or nothing."""

    world: World
    event: Event

    @classmethod
    async def of(cls, world: World) -> "Planting":
        return cls(world, await world.event(capacity=1_000, in_hours=24 * 30))

    async def plant(self, name: str) -> Expected | None:
        """What should be found of it; None if nothing should."""
        found: Expected | None = await getattr(self, name)()
        self.world.clock.advance(timedelta(minutes=20))
        return found

    async def sound(self) -> None:
        """A sale with nothing wrong."""
        await self._sold()

    async def sound_and_refunded(self) -> None:
        """A sale that was cancelled, and whose money went back."""
        booking, _ = await self._sold()
        await self.world.deeds.cancel_booking(self.world.operator, CancelBookingCommand(booking.id, "asked"))
        await self.world.settle()

    async def never_paid(self) -> None:
        """A buyer who left the payment page."""
        await self._begun()

    async def foreign_and_returned(self) -> None:
        """Somebody else's money that went back already."""
        charge = self._foreign()
        self.world.bank.refund_by_hand(charge.payment_id, charge.amount, reference=f"back-{charge.payment_id}")

    async def foreign(self) -> Expected:
        """Money for a payment that we never began."""
        charge = self._foreign()
        return FindingKind.MONEY_WITHOUT_BOOKING, charge.gateway_reference, FindingStatus.OPEN

    async def unheard(self) -> Expected:
        """Money that no notice and no poll told us of."""
        _, payment = await self._begun()
        self._captured(payment)
        return FindingKind.NOT_CAPTURED_HERE, payment.id, FindingStatus.HEALED

    async def unheard_and_too_late(self) -> Expected:
        """The same for an attempt that was given up long ago here."""
        booking, payment = await self._begun()
        async with self.world.container.begin()() as work:
            stored = await work.payments.get(payment.id)
            work.payments.save(evolve(stored, status=PaymentStatus.FAILED, next_poll_at=None))
            await work.commit()
        await self.world.deeds.cancel_booking(self.world.operator, CancelBookingCommand(booking.id, "asked"))
        self._captured(payment)
        return FindingKind.NOT_CAPTURED_HERE, payment.id, FindingStatus.HEALED

    async def gone_there(self) -> Expected:
        """Money that we count and they do not have."""
        _, payment = await self._sold()
        self.world.bank.becomes(payment.id, ChargeState.FAILED)
        del self.world.bank.captured_at[payment.id]
        return FindingKind.NOT_CAPTURED_THERE, payment.id, FindingStatus.OPEN

    async def other_amount(self) -> Expected:
        """Another sum than we asked for."""
        _, payment = await self._sold()
        self._taken(payment, evolve(payment.amount, amount_minor=payment.amount.amount_minor - 1))
        return FindingKind.AMOUNT_DIFFERS, payment.id, FindingStatus.OPEN

    async def other_currency(self) -> Expected:
        """Another currency, for a payment that is not captured here at all."""
        _, payment = await self._begun()
        self._taken(payment, Money(payment.amount.amount_minor, "USD"))
        return FindingKind.AMOUNT_DIFFERS, payment.id, FindingStatus.OPEN

    async def refunded_by_hand(self) -> Expected:
        """Money that somebody gave back in the dashboard."""
        _, payment = await self._sold()
        self.world.bank.refund_by_hand(payment.id, Money(1000, "EUR"), reference=f"hand-{payment.id}")
        return FindingKind.REFUND_DIFFERS, payment.id, FindingStatus.HEALED

    async def refund_unknown_there(self) -> Expected:
        """A refund that we count and they know nothing of."""
        booking, payment = await self._sold()
        await self.world.deeds.cancel_booking(self.world.operator, CancelBookingCommand(booking.id, "asked"))
        await self.world.settle()
        bank = self.world.bank
        bank.charges[payment.id] = evolve(bank.charges[payment.id], refunds=())
        return FindingKind.REFUND_DIFFERS, payment.id, FindingStatus.OPEN

    async def refund_failed(self) -> Expected:
        """A cancelled booking whose refund was refused for good."""
        booking, payment = await self._sold()
        await self.world.deeds.cancel_booking(self.world.operator, CancelBookingCommand(booking.id, "asked"))
        self.world.bank.refund_state = RefundState.FAILED
        await self.world.settle()
        self.world.bank.refund_state = RefundState.SUCCEEDED
        return FindingKind.PAYMENT_WITHOUT_TICKETS, payment.id, FindingStatus.OPEN

    async def bought_nothing(self) -> Expected:
        """Money that bought nothing and does not go back: no commit of ours can leave this behind, a hand can."""
        booking, payment = await self._sold()
        await self._save(evolve(booking, status=BookingStatus.EXPIRED, confirmed_at=None))
        return FindingKind.PAYMENT_WITHOUT_TICKETS, payment.id, FindingStatus.HEALED

    async def tickets_never_made(self) -> Expected:
        """A confirmed booking without tickets, as after a fact that was lost."""
        booking, payment = await self._sold()
        await self._save(evolve(booking, ticket_ids=()))
        return FindingKind.PAYMENT_WITHOUT_TICKETS, payment.id, FindingStatus.HEALED

    async def unpaid_tickets(self) -> Expected:
        """A confirmed booking for which nobody ever paid."""
        booking, _ = await self._begun()
        await self._save(booking.confirm(self.world.clock.now()))
        return FindingKind.TICKETS_WITHOUT_PAYMENT, booking.id, FindingStatus.OPEN

    async def _begun(self) -> tuple[Booking, Payment]:
        buyer = await self.world.person()
        booking = await self.world.hold(buyer, self.event)
        payment = await self.world.start_payment(buyer, booking)
        return await self.world.booking(booking), payment

    async def _sold(self) -> tuple[Booking, Payment]:
        booking, payment = await self._begun()
        await self.world.bank_says(payment, ChargeState.CAPTURED)
        return await self.world.booking(booking), payment

    def _captured(self, payment: Payment) -> None:
        self.world.bank.becomes(payment.id, ChargeState.CAPTURED, at=self.world.clock.now())

    def _taken(self, payment: Payment, amount: Money) -> None:
        self._captured(payment)
        self.world.bank.charges[payment.id] = evolve(self.world.bank.charges[payment.id], amount=amount)

    def _foreign(self) -> Charge:
        bank = self.world.bank
        payment_id = PaymentId(f"shop-{len(bank.charges)}")
        charge = Charge(payment_id, f"pk_{payment_id}", ChargeState.CAPTURED, Money(500, "EUR"))
        bank.charges[payment_id] = charge
        bank.captured_at[payment_id] = self.world.clock.now()
        return charge

    async def _save(self, booking: Booking) -> None:
        async with self.world.container.begin()() as work:
            _without_facts(work, booking)
            await work.commit()


def _without_facts(work: Work, booking: Booking) -> None:
    """As a hand in the store does it: nothing follows."""
    work.bookings.save(evolve(booking, facts=()))


SOUND = ("sound", "sound_and_refunded", "never_paid", "foreign_and_returned")
WRONG = (
    *("foreign", "unheard", "unheard_and_too_late", "gone_there", "other_amount", "other_currency"),
    *("refunded_by_hand", "refund_unknown_there", "refund_failed", "bought_nothing", "tickets_never_made"),
    "unpaid_tickets",
)
