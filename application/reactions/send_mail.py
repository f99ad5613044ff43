"""What people are told by mail. Each letter has its own reaction, so that one that fails does not repeat another."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from attrs import evolve, frozen

from application.delivery import Delivery
from application.kind import microseconds
from application.listing import AccountListing, every
from application.passing import Passing, Point
from application.ports.clock import Clock
from application.ports.letters import Letters
from application.ports.mailer import Mail, Mailer
from application.ports.randomness import Randomness
from application.ports.store import Listing, Page, Store
from application.records import OneTimeToken, TokenPurpose
from application.secrets import new_secret, secret_id
from application.work import Begin
from domain.account import Account, AccountStatus, Role
from domain.booking import Booking, BookingStatus
from domain.email_address import is_erased_email
from domain.facts import (
    AccountRegistered,
    AddressTaken,
    BookingCancelled,
    DisputeClosed,
    DisputeOpened,
    EventRescheduled,
    Fact,
    IdentityCheckAsked,
    IdentityCheckMoved,
    OrganizerDecided,
    PasswordResetRequested,
    RefundSettled,
    SecondFactorsChanged,
    TicketReissued,
    TicketsIssued,
)
from domain.ids import DisputeId
from domain.money import Money
from domain.refund import RefundStatus

CONFIRM_LINK: Final = timedelta(hours=24)
RESET_LINK: Final = timedelta(hours=1)
_NOT_AGREED: Final = frozenset({RefundStatus.AWAITING_APPROVAL, RefundStatus.FAILED, RefundStatus.REJECTED})


@frozen
class Post:
    """What every letter needs."""

    begin: Begin
    clock: Clock
    randomness: Randomness
    store: Store
    letters: Letters
    mailer: Mailer
    passing: Passing

    async def send(self, mail: Mail) -> None:
        """Hand it over. To somebody who was erased nobody can write."""
        if is_erased_email(mail.to):
            return
        await self.mailer.send(mail)
        self.passing(Point.AFTER_SEND)

    async def link(self, account: Account, purpose: TokenPurpose, life: timedelta) -> str:
        """The secret of a new link, which ends with any change of the account's security."""
        return await self.new_link(OneTimeToken("", purpose, account.id, self.clock.now() + life, account.epoch))

    async def new_link(self, token: OneTimeToken) -> str:
        """The secret for what a link stands for. Only its hash is stored; a link that is never sent just expires."""
        secret = new_secret(self.randomness)
        async with self.begin() as work:
            work.tokens.add(evolve(token, id=secret_id(secret)))
            await work.commit()
        return secret


@frozen
class MailConfirmationLink:
    name: ClassVar[str] = "mail_confirmation_link"
    reacts_to: ClassVar[type[Fact]] = AccountRegistered
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, AccountRegistered), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        if account.status is not AccountStatus.ACTIVE:
            return
        if account.is_guest:
            await _finish_account(self.post, account, delivery)
        elif account.email_confirmed_at is None:
            secret = await self.post.link(account, TokenPurpose.CONFIRM_EMAIL, CONFIRM_LINK)
            await self.post.send(self.post.letters.confirm_email(delivery.entry.id, account, secret))


@frozen
class MailAddressTaken:
    name: ClassVar[str] = "mail_address_taken"
    reacts_to: ClassVar[type[Fact]] = AddressTaken
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, AddressTaken), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        if account.is_guest and account.status is AccountStatus.ACTIVE:
            await _finish_account(self.post, account, delivery)
        elif account.status is AccountStatus.ACTIVE:
            await self.post.send(self.post.letters.address_in_use(delivery.entry.id, account))


async def _finish_account(post: Post, account: Account, delivery: Delivery) -> None:
    """Whoever signs up with a guest's address gets the bookings by its mail: no password typed before counts."""
    secret = await post.link(account, TokenPurpose.RESET_PASSWORD, RESET_LINK)
    await post.send(post.letters.finish_account(delivery.entry.id, account, secret))


@frozen
class MailResetLink:
    name: ClassVar[str] = "mail_reset_link"
    reacts_to: ClassVar[type[Fact]] = PasswordResetRequested
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, PasswordResetRequested), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        if account.status is AccountStatus.ACTIVE:
            secret = await self.post.link(account, TokenPurpose.RESET_PASSWORD, RESET_LINK)
            await self.post.send(self.post.letters.reset_password(delivery.entry.id, account, secret))


@frozen
class MailSecondFactors:
    """Whoever signs in as somebody else cannot change their second factors in silence."""

    name: ClassVar[str] = "mail_second_factors"
    reacts_to: ClassVar[type[Fact]] = SecondFactorsChanged
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, SecondFactorsChanged), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        if account.status is AccountStatus.ACTIVE:
            await self.post.send(self.post.letters.second_factors(delivery.entry.id, account, fact.change))


@frozen
class MailOrganizerDecision:
    name: ClassVar[str] = "mail_organizer_decision"
    reacts_to: ClassVar[type[Fact]] = OrganizerDecided
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, OrganizerDecided), "the relay keeps to `reacts_to`"
        account = await self.post.begin().accounts.get(fact.account_id)
        await self.post.send(self.post.letters.organizer_decision(delivery.entry.id, account, account.kyc, None))


@frozen
class MailIdentityCheck:
    """Tell the applicant what became of the request."""

    name: ClassVar[str] = "mail_identity_check"
    reacts_to: ClassVar[type[Fact]] = IdentityCheckMoved
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, IdentityCheckMoved), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        request = await work.kyc_requests.get(fact.request_id)
        account = await work.accounts.get(request.account_id)
        if account.status is not AccountStatus.ACTIVE:
            return
        ends = request.expires_at if request.warned_at == fact.at else None
        letter = self.post.letters.organizer_decision(delivery.entry.id, account, request.status, ends)
        await self.post.send(letter)


@frozen
class MailReviewers:
    """Tell every administrator but the applicant. Each letter's id is the same whenever it is sent again."""

    name: ClassVar[str] = "mail_reviewers"
    reacts_to: ClassVar[type[Fact]] = IdentityCheckAsked
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, IdentityCheckAsked), "the relay keeps to `reacts_to`"
        request = await self.post.begin().kyc_requests.get(fact.request_id)
        if not request.is_open:
            return
        for role in (Role.ADMIN, Role.SUPERADMIN):
            for admin in await AccountListing(self.post.store).of_rank(role):
                if admin.has(Role.ADMIN) and admin.id != request.account_id:
                    mail_id = f"{delivery.entry.id}/{admin.id}"
                    await self.post.send(self.post.letters.identity_check_waits(mail_id, admin, request.id))


@frozen
class MailTickets:
    name: ClassVar[str] = "mail_tickets"
    reacts_to: ClassVar[type[Fact]] = TicketsIssued
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, TicketsIssued), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        booking = await work.bookings.get(fact.booking_id)
        if booking.status is not BookingStatus.CONFIRMED:
            return
        event = await work.events.get(booking.event_id)
        tickets = await work.tickets.get_all(booking.ticket_ids)
        await self.post.send(await self.post.letters.tickets(delivery.entry.id, event, booking, tickets))


@frozen
class MailNewCode:
    name: ClassVar[str] = "mail_new_code"
    reacts_to: ClassVar[type[Fact]] = TicketReissued
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, TicketReissued), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        ticket = await work.tickets.get(fact.ticket_id)
        booking = await work.bookings.get(ticket.booking_id)
        event = await work.events.get(ticket.event_id)
        await self.post.send(await self.post.letters.new_code(delivery.entry.id, event, booking, ticket))


@frozen
class MailCancellation:
    name: ClassVar[str] = "mail_cancellation"
    reacts_to: ClassVar[type[Fact]] = BookingCancelled
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, BookingCancelled), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        booking = await work.bookings.get(fact.booking_id)
        event = await work.events.get(booking.event_id)
        back = await self._going_back(booking, fact.at)
        await self.post.send(self.post.letters.booking_cancelled(delivery.entry.id, event, booking, back))

    async def _going_back(self, booking: Booking, at: datetime) -> Money | None:
        """What was set aside with the cancellation, unless somebody has yet to agree to it."""
        refunds: Page[Any] = await self.post.store.list(Listing("refund", "by_booking", booking.id))
        agreed = [
            refund.amount for refund in refunds.items if refund.created_at >= at and refund.status not in _NOT_AGREED
        ]
        return Money.total(agreed, booking.price.currency) if agreed else None


@frozen
class MailRefund:
    name: ClassVar[str] = "mail_refund"
    reacts_to: ClassVar[type[Fact]] = RefundSettled
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, RefundSettled), "the relay keeps to `reacts_to`"
        work = self.post.begin()
        refund = await work.refunds.get(fact.refund_id)
        if refund.status is RefundStatus.SUCCEEDED:
            booking = await work.bookings.get(refund.booking_id)
            event = await work.events.get(booking.event_id)
            await self.post.send(self.post.letters.refund(delivery.entry.id, event, booking, refund))
        elif refund.status is RefundStatus.FAILED:
            booking = await work.bookings.get(refund.booking_id)
            event = await work.events.get(booking.event_id)
            organizer = await work.accounts.get(booking.organizer_id)
            letter = self.post.letters.refund_failed(delivery.entry.id, organizer, event, booking, refund)
            await self.post.send(letter)


@frozen
class MailDispute:
    name: ClassVar[str] = "mail_dispute"
    reacts_to: ClassVar[type[Fact]] = DisputeOpened
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, DisputeOpened), "the relay keeps to `reacts_to`"
        await _tell_of_dispute(self.post, fact.dispute_id, delivery)


@frozen
class MailDisputeEnd:
    name: ClassVar[str] = "mail_dispute_end"
    reacts_to: ClassVar[type[Fact]] = DisputeClosed
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, DisputeClosed), "the relay keeps to `reacts_to`"
        await _tell_of_dispute(self.post, fact.dispute_id, delivery)


async def _tell_of_dispute(post: Post, dispute_id: DisputeId, delivery: Delivery) -> None:
    work = post.begin()
    dispute = await work.disputes.get(dispute_id)
    booking = await work.bookings.get(dispute.booking_id)
    event = await work.events.get(dispute.event_id)
    organizer = await work.accounts.get(dispute.organizer_id)
    await post.send(post.letters.dispute(delivery.entry.id, organizer, event, booking, dispute))


@frozen
class MailReschedule:
    """Tell everybody with a confirmed booking. Each letter's id is the same whenever it is sent again."""

    name: ClassVar[str] = "mail_reschedule"
    reacts_to: ClassVar[type[Fact]] = EventRescheduled
    post: Post

    async def __call__(self, fact: Fact, delivery: Delivery) -> None:
        assert isinstance(fact, EventRescheduled), "the relay keeps to `reacts_to`"
        event = await self.post.begin().events.get(fact.event_id)
        holders = Listing(
            "booking", "by_event", event.id, below=microseconds(fact.at) + 1, equal={"status": BookingStatus.CONFIRMED}
        )
        async for booking in every(self.post.store, holders):
            mail_id = f"{delivery.entry.id}/{booking.id}"
            await self.post.send(self.post.letters.event_rescheduled(mail_id, event, booking))
