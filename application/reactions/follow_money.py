"""What refunds and disputes mean for the report on an event that was called off."""

from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.use_cases.follow_refunds import FollowRefunds
from application.work import Begin
from domain.facts import DisputeClosed, DisputeOpened, Fact, RefundReserved, RefundSettled


@frozen
class FollowRefund:
    """A refund was set aside: the line about its booking says so."""

    name: ClassVar[str] = "follow_refund"
    reacts_to: ClassVar[type[Fact]] = RefundReserved

    begin: Begin
    follow_refunds: FollowRefunds

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, RefundReserved), "the relay keeps to `reacts_to`"
        await self.follow_refunds((await self.begin().refunds.get(fact.refund_id)).booking_id)


@frozen
class FollowSettledRefund:
    """A refund succeeded or failed: the line about its booking says so."""

    name: ClassVar[str] = "follow_settled_refund"
    reacts_to: ClassVar[type[Fact]] = RefundSettled

    begin: Begin
    follow_refunds: FollowRefunds

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, RefundSettled), "the relay keeps to `reacts_to`"
        await self.follow_refunds((await self.begin().refunds.get(fact.refund_id)).booking_id)


@frozen
class FollowDispute:
    """A dispute holds money back."""

    name: ClassVar[str] = "follow_dispute"
    reacts_to: ClassVar[type[Fact]] = DisputeOpened

    begin: Begin
    follow_refunds: FollowRefunds

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, DisputeOpened), "the relay keeps to `reacts_to`"
        await self.follow_refunds((await self.begin().disputes.get(fact.dispute_id)).booking_id)


@frozen
class FollowClosedDispute:
    """A dispute is over: what it held back may go now."""

    name: ClassVar[str] = "follow_closed_dispute"
    reacts_to: ClassVar[type[Fact]] = DisputeClosed

    begin: Begin
    follow_refunds: FollowRefunds

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, DisputeClosed), "the relay keeps to `reacts_to`"
        await self.follow_refunds((await self.begin().disputes.get(fact.dispute_id)).booking_id)
