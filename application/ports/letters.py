from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from application.ports.mailer import Mail
from application.records import EventInvitation
from domain.account import Account, KycStatus
from domain.booking import Booking
from domain.dispute import Dispute
from domain.event import Event
from domain.facts import AccessChange, FactorChange
from domain.money import Money
from domain.refund import Refund
from domain.ticket import Ticket


class Letters(Protocol):
    """Writes what we mail to people. Times are in the event's zone. Drawing codes takes a while: those letters wait."""

    def confirm_email(self, mail_id: str, account: Account, secret: str) -> Mail: ...

    def address_in_use(self, mail_id: str, account: Account) -> Mail: ...

    def reset_password(self, mail_id: str, account: Account, secret: str) -> Mail: ...

    def second_factors(self, mail_id: str, account: Account, change: FactorChange) -> Mail:
        """That a second factor came or went, or that a recovery code was used."""

    def access(self, mail_id: str, account: Account, change: AccessChange) -> Mail:
        """That the password is another, or that an API key ended since its secret was found."""

    def organizer_decision(self, mail_id: str, account: Account, status: KycStatus, ends: datetime | None) -> Mail:
        """What became of the identity check; `ends` if it is only told that an approval ends then."""

    def identity_check_waits(self, mail_id: str, admin: Account, request_id: str) -> Mail:
        """To an administrator. Whose check it is stands on its page, and not in a mail."""

    def guest_link(self, mail_id: str, account: Account, secret: str, booking: Booking | None) -> Mail:
        """The way to bookings made without an account: to the one that was just made, or to all."""

    def guest_has_account(self, mail_id: str, account: Account, booking: Booking | None) -> Mail:
        """The same to somebody with an account, who signs in for it."""

    def finish_account(self, mail_id: str, account: Account, secret: str) -> Mail:
        """To a guest who signs up: the bookings are there already, and a password makes the account."""

    def team_invitation(self, mail_id: str, event: Event, invitation: EventInvitation, secret: str) -> Mail:
        """To an address that may have no account: who asks, and the link that says yes."""

    async def tickets(self, mail_id: str, event: Event, booking: Booking, tickets: Sequence[Ticket]) -> Mail:
        """Everything that the party needs at the door: each ticket's QR code is attached."""

    async def new_code(self, mail_id: str, event: Event, booking: Booking, ticket: Ticket) -> Mail: ...

    def booking_cancelled(self, mail_id: str, event: Event, booking: Booking, going_back: Money | None = None) -> Mail:
        """`going_back` is what was set aside for the buyer; None if nothing was."""

    def event_rescheduled(self, mail_id: str, event: Event, booking: Booking) -> Mail: ...

    def refund(self, mail_id: str, event: Event, booking: Booking, refund: Refund) -> Mail: ...

    def refund_failed(self, mail_id: str, organizer: Account, event: Event, booking: Booking, refund: Refund) -> Mail:
        """To the organizer: the money is still here, and somebody must see to it."""

    def dispute(self, mail_id: str, organizer: Account, event: Event, booking: Booking, dispute: Dispute) -> Mail:
        """To the organizer: a payment is contested, or no longer is; `dispute.status` says how it stands."""
