"""What people who buy without an account are told by mail."""

from datetime import timedelta
from typing import ClassVar, Final

from attrs import frozen

from application.delivery import Delivery
from application.reactions.send_mail import Post
from application.records import TokenPurpose
from domain.account import Account, AccountStatus
from domain.booking import Booking
from domain.facts import Fact, GuestBooked, GuestLinkAsked

GUEST_LINK: Final = timedelta(minutes=30)


@frozen
class MailGuestBooking:
    name: ClassVar[str] = "mail_guest_booking"
    reacts_to: ClassVar[type[Fact]] = GuestBooked
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, GuestBooked), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        booking = await work.bookings.get(fact.booking_id)
        await _send(self.post, await work.accounts.get(booking.buyer_id), booking, delivery)


@frozen
class MailGuestLink:
    name: ClassVar[str] = "mail_guest_link"
    reacts_to: ClassVar[type[Fact]] = GuestLinkAsked
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, GuestLinkAsked), "the relay keeps to `reacts_to`"
        await _send(self.post, await self.post.begin().accounts.get(fact.account_id), None, delivery)


async def _send(post: Post, account: Account, booking: Booking | None, delivery: Delivery) -> None:
    """A link that opens the bookings, or for somebody who can sign in the way there."""
    if account.status is not AccountStatus.ACTIVE:
        return
    if not account.is_guest and account.email_confirmed_at is not None:
        await post.send(post.letters.guest_has_account(delivery.entry.id, account, booking))
        return
    # An account that nobody has confirmed may be anybody's: who reads this mail is who the bookings are for.
    secret = await post.link(account, TokenPurpose.OPEN_BOOKINGS, GUEST_LINK)
    await post.send(post.letters.guest_link(delivery.entry.id, account, secret, booking))
