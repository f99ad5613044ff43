"""Buying without an account: an address is enough, and its mail is the key."""

from attrs import evolve, field, frozen

from application.access import Actor
from application.counted import address_id
from application.errors import TokenInvalid
from application.even_work import EvenWork, account_of
from application.ids import Ids
from application.limits import GUEST_ADDRESS, GUEST_MAIL, Limits
from application.once import Once
from application.opening import Opening, SignedIn
from application.ports.clock import Clock
from application.records import Claim, TokenPurpose, email_claim_id
from application.secrets import secret_id
from application.use_cases.book_places import BookPlaces, BookPlacesCommand
from application.work import OVERTAKEN, Begin, retrying
from domain.account import Account, AccountStatus
from domain.booking import Booking
from domain.email_address import canonical_email
from domain.facts import GuestBooked, GuestLinkAsked
from domain.ids import AccountId, BookingId


@frozen
class GuestBookingCommand:
    """What a guest wants. The name and the address are the guest's own words, and prove nothing."""

    email: str = field(repr=False)
    name: str
    wish: BookPlacesCommand


@frozen
class BookAsGuest:
    """Hold places for an address, whoever types it.

    The booking belongs to the account of the address, so that limits for each buyer hold; where there is none, one
    without a password is made. Nothing that comes back, and no round trip more or less, tells which it was.
    """

    begin: Begin
    clock: Clock
    ids: Ids
    limits: Limits
    book_places: BookPlaces

    async def __call__(self, command: GuestBookingCommand, once: Once | None = None) -> Booking:
        email = canonical_email(command.email)
        await self.limits.check(GUEST_ADDRESS, address_id(email))
        account = await retrying(lambda: self._account(email, command.name), OVERTAKEN)
        # Only to say whose booking it is: nobody is signed in. What a stranger guesses wrong is counted apart.
        actor = evolve(Actor.person(account), name=f"guest/{account.id}")
        return await self.book_places(actor, evolve(command.wish, name=command.name), once)

    async def _account(self, email: str, name: str) -> Account:
        async with self.begin() as work:
            known = await account_of(work, email)
            if known is not None:
                # As much of a commit as a new account is: it takes as long, and tells nobody anything.
                work.accounts.expect(known)
                await work.commit()
                return known
            account = Account.guest(AccountId(self.ids.new("acc")), email, name, self.clock.now())
            work.accounts.add(account)
            work.claims.add(Claim(email_claim_id(email), account.id))
            await work.commit()
        return evolve(account, version=1)


@frozen
class OpenGuestSession:
    """Opens bookings to those who gave no password: one right after it was made, or all by a link in a mail."""

    begin: Begin
    clock: Clock
    opening: Opening

    async def for_new(self, booking_id: BookingId) -> tuple[Booking, SignedIn]:
        """The one booking that the caller has just made, and a mail to its address."""
        async with self.begin() as work:
            booking = await work.bookings.get(booking_id)
            account = await work.accounts.get(booking.buyer_id)
            opened = await self.opening.open_guest(work, account, self.clock.now(), booking.id)
            work.tell(GuestBooked(self.clock.now(), booking.id))
            await work.commit()
        return booking, opened

    async def by_link(self, secret: str) -> SignedIn:
        """All bookings of the address that the mail went to. Works once."""
        return await retrying(lambda: self._by_link(secret))

    async def _by_link(self, secret: str) -> SignedIn:
        now = self.clock.now()
        async with self.begin() as work:
            token = await work.tokens.find(secret_id(secret))
            if token is None or token.purpose is not TokenPurpose.OPEN_BOOKINGS or now >= token.expires_at:
                raise TokenInvalid("this link was used, has expired, or is not complete: ask for a new one")
            account = await work.accounts.find(token.account_id)
            if account is None or account.epoch != token.epoch or account.status is not AccountStatus.ACTIVE:
                raise TokenInvalid("the account was changed since this link was sent: ask for a new one")
            work.tokens.delete(token)
            # The address is not confirmed by this: a password that a stranger set before would begin to open doors.
            opened = await self.opening.open_guest(work, account, now)
            await work.commit()
        return opened


@frozen
class AskForGuestLink:
    """Send a new link to the bookings of an address; an unknown one gets silence."""

    begin: Begin
    clock: Clock
    limits: Limits
    even_work: EvenWork

    async def __call__(self, email: str) -> None:
        address = canonical_email(email)
        await self.limits.check(GUEST_MAIL, address_id(address))
        async with self.begin() as work:
            account = await account_of(work, address)
            if account is None or account.status is not AccountStatus.ACTIVE:
                await self.even_work.commit(work)
                return
            work.tell(GuestLinkAsked(self.clock.now(), account.id))
            await work.commit()
