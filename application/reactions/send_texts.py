"""What buyers are told by text: only what keeps them from travelling in vain."""

import logging
from typing import ClassVar

from attrs import frozen

from application.delivery import Delivery
from application.kind import microseconds
from application.listing import every
from application.ports.store import Listing, Store
from application.ports.texts import Text, Texter, TextFailed, TextWords, phone_number
from application.work import Begin
from domain.account import AccountStatus
from domain.booking import Booking, BookingStatus
from domain.event import EventStatus
from domain.facts import BookingCancelled, EventRescheduled, Fact

log = logging.getLogger(__name__)


@frozen
class TextDesk:
    """Sends a text to the buyer of a booking who has given a number. Tried once: a mail says the same, and stays.

    To try again would text all those again who were reached before.
    """

    begin: Begin
    store: Store
    texter: Texter
    words: TextWords

    async def tell(self, booking: Booking, words: str) -> None:
        buyer = await self.begin().accounts.find(booking.buyer_id)
        number = phone_number(buyer.phone) if buyer is not None and buyer.status is AccountStatus.ACTIVE else None
        if number is None:
            return
        try:
            await self.texter.send(Text(number, words))
        except TextFailed:
            log.warning("a text was not taken", extra={"booking": booking.id})


@frozen
class TextCalledOff:
    """Tell a buyer whose event was called off. Who cancels a booking alone knows it."""

    name: ClassVar[str] = "text_called_off"
    reacts_to: ClassVar[type[Fact]] = BookingCancelled
    desk: TextDesk

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, BookingCancelled), "the relay keeps to `reacts_to`"
        work = self.desk.begin()
        booking = await work.bookings.get(fact.booking_id)
        event = await work.events.get(booking.event_id)
        if event.status is EventStatus.CANCELLED:
            await self.desk.tell(booking, self.desk.words.called_off(event))


@frozen
class TextMoved:
    """Tell everybody with a confirmed booking that date or venue changed."""

    name: ClassVar[str] = "text_moved"
    reacts_to: ClassVar[type[Fact]] = EventRescheduled
    desk: TextDesk

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, EventRescheduled), "the relay keeps to `reacts_to`"
        event = await self.desk.begin().events.get(fact.event_id)
        words = self.desk.words.moved(event)
        holders = Listing(
            "booking", "by_event", event.id, below=microseconds(fact.at) + 1, equal={"status": BookingStatus.CONFIRMED}
        )
        async for booking in every(self.desk.store, holders):
            await self.desk.tell(booking, words)
