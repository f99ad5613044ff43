"""Our letters, in English."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import define, field
from jinja2 import Environment

from adapters.messaging.access_news import ACCESS_NEWS
from adapters.messaging.factor_news import FACTOR_NEWS
from adapters.messaging.guest_letters import guest_news, link_to_bookings, link_to_password
from adapters.messaging.identity_news import ends_soon, news_of
from adapters.messaging.letter_form import Block, Code, Details, Letter, LetterForm, Link, Paragraph, letter_templates
from adapters.messaging.local_time import local_time, time_span
from adapters.messaging.plain_words import one_line, shortened
from adapters.messaging.team_news import TEAM_WORDS
from application.ports.mailer import Attachment, Mail
from application.ports.ticket_codes import QrDrawer
from application.records import EventInvitation
from domain.account import Account, KycStatus
from domain.booking import Booking
from domain.dispute import Dispute, DisputeStatus
from domain.event import Event
from domain.facts import AccessChange, FactorChange
from domain.money import Money
from domain.pricing import taxes_of
from domain.refund import Refund
from domain.ticket import Ticket, TicketStatus

TITLE_IN_SUBJECT_CHARS_MAX: Final = 60
GROUP_PICTURE: Final = "group.png"
_IGNORE: Final = Paragraph("If this was not you, ignore this mail: nothing changes.")
_AT_THE_DOOR: Final = Paragraph(
    "At the door, show a code on your phone or on paper. The code of a ticket admits one person, once: whoever shows "
    "it first gets in, so pass a code on only to the person it is for."
)


def _web_address(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not base_url.isprintable():
        raise ValueError(f"{base_url!r} is not a web address such as https://tickets.example.org")
    return base_url.rstrip("/")


_DISPUTE: Final = {
    DisputeStatus.OPEN: (
        "A payment is disputed",
        (
            "the buyer has asked their bank to take back {amount}. Answer it in the payment provider's dashboard "
            "before its deadline, or the money is lost. Refunds of this payment are frozen until it is over."
        ),
    ),
    DisputeStatus.WON: ("A dispute was won", "the dispute about {amount} was won: the money stays."),
    DisputeStatus.LOST: ("A dispute was lost", "the dispute about {amount} was lost: the bank keeps it."),
}


@define(eq=False)
class EnglishLetters:
    """Writes every letter as plain text and HTML. Codes are drawn in a thread."""

    base_url: str = field(converter=_web_address)
    product: str
    drawer: QrDrawer
    templates: Environment = field(factory=letter_templates, repr=False)
    _form: LetterForm = field(init=False, repr=False)
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._form = LetterForm(self.product, self.base_url, self.templates)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="letters")

    def confirm_email(self, mail_id: str, account: Account, secret: str) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(f"Hello {account.name}, please confirm that this address is yours."),
            Link("Confirm my address", f"{self.base_url}/confirm-email?token={quote(secret, safe='')}"),
            Paragraph(f"Or POST this token to {self.base_url}/api/v1/confirmations: {secret}"),
            Paragraph("The link works once, for 24 hours."),
            _IGNORE,
        )
        return self._to(account, mail_id, "Confirm your e-mail address", blocks)

    def address_in_use(self, mail_id: str, account: Account) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(
                f"Hello {account.name}, somebody tried to sign up with this address, which has an account already. "
                "If it was you, sign in as usual, or ask there for a new password if you forgot yours."
            ),
            Link(f"Go to {self.product}", self.base_url),
            _IGNORE,
        )
        return self._to(account, mail_id, "You have an account already", blocks)

    def reset_password(self, mail_id: str, account: Account, secret: str) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(f"Hello {account.name}, you asked for a new password."),
            Link("Choose a new password", f"{self.base_url}/reset-password?token={quote(secret, safe='')}"),
            Paragraph("The link works once, for one hour. A new password signs you out everywhere."),
            _IGNORE,
        )
        return self._to(account, mail_id, "Choose a new password", blocks)

    def second_factors(self, mail_id: str, account: Account, change: FactorChange) -> Mail:
        """See Letters."""
        subject, words = FACTOR_NEWS[change]
        see = Link("See your second factors", f"{self.base_url}/me/security")
        return self._to(account, mail_id, subject, (*self._news(account, words), see))

    def access(self, mail_id: str, account: Account, change: AccessChange) -> Mail:
        """See Letters."""
        subject, words = ACCESS_NEWS[change]
        if change is AccessChange.KEY_LEAKED:
            return self._to(account, mail_id, subject, (Paragraph(f"Hello {account.name}, {words}"),))
        return self._to(account, mail_id, subject, self._news(account, words))

    def _news(self, account: Account, words: str) -> tuple[Paragraph | Link, ...]:
        """Something that its owner may not have done."""
        return (
            Paragraph(f"Hello {account.name}, {words}"),
            Paragraph("If this was not you, choose a new password at once: that ends every session."),
            Link("Choose a new password", f"{self.base_url}/forgot-password"),
        )

    def organizer_decision(self, mail_id: str, account: Account, status: KycStatus, ends: datetime | None) -> Mail:
        """See Letters."""
        subject, words = ends_soon(ends) if ends is not None else news_of(account, status)
        link = Link("Go to your request", f"{self.base_url}/organizer")
        return self._to(account, mail_id, subject, (Paragraph(f"Hello {account.name}, {words}"), link))

    def identity_check_waits(self, mail_id: str, admin: Account, request_id: str) -> Mail:
        """See Letters."""
        words = Paragraph(f"Hello {admin.name}, somebody asks to become an organizer and waits for a decision.")
        link = Link("Look at the request", f"{self.base_url}/admin/kyc-requests/{quote(request_id, safe='')}")
        return self._to(admin, mail_id, "An identity check waits for you", (words, link))

    def guest_link(self, mail_id: str, account: Account, secret: str, booking: Booking | None) -> Mail:
        """See Letters."""
        blocks = link_to_bookings(self.base_url, secret, booking)
        return self._to(account, mail_id, "Your bookings", (*blocks, _IGNORE))

    def guest_has_account(self, mail_id: str, account: Account, booking: Booking | None) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(f"Hello {account.name}, {guest_news(booking)} You have an account: sign in to see them."),
            Link("Sign in", f"{self.base_url}/sign-in?next=%2Fbookings"),
            _IGNORE,
        )
        return self._to(account, mail_id, "Your bookings", blocks)

    def finish_account(self, mail_id: str, account: Account, secret: str) -> Mail:
        """See Letters."""
        blocks = link_to_password(self.base_url, secret)
        return self._to(account, mail_id, "Finish your account", (*blocks, _IGNORE))

    def team_invitation(self, mail_id: str, event: Event, invitation: EventInvitation, secret: str) -> Mail:
        """See Letters."""
        letter = Letter(
            f"Work with us: {_short_title(event)}",
            f"{event.title}: an invitation",
            (
                Paragraph(f"You are asked to work at {event.title}: {TEAM_WORDS[invitation.role]}."),
                Link("Look at the invitation", f"{self.base_url}/join-team?token={quote(secret, safe='')}"),
                Paragraph("Sign in with this address to say yes, or sign up with it first."),
                Paragraph("The link works once, for seven days."),
                _IGNORE,
            ),
        )
        return self._form.mail(mail_id, invitation.email, letter)

    async def tickets(self, mail_id: str, event: Event, booking: Booking, tickets: Sequence[Ticket]) -> Mail:
        """See Letters."""
        blocks = await self._drawn(lambda: self._codes(booking, tickets))
        several = len(tickets) > 1
        letter = Letter(
            f"Your {'tickets' if several else 'ticket'}: {_short_title(event)}",
            f"{event.title}: your {'tickets' if several else 'ticket'}",
            (
                Paragraph(f"Hello {booking.buyer_name}, your booking is confirmed."),
                _details(event, booking, *_bill(booking)),
                _AT_THE_DOOR,
                *blocks,
                self._see(booking),
                self._receipt(booking),
            ),
        )
        return self._form.mail(mail_id, booking.buyer_email, letter)

    async def new_code(self, mail_id: str, event: Event, booking: Booking, ticket: Ticket) -> Mail:
        """See Letters."""
        codes = await self._drawn(lambda: (self._code(ticket, booking.ticket_count),))
        letter = Letter(
            f"New ticket code: {_short_title(event)}",
            f"{event.title}: a new code",
            (
                Paragraph(
                    f"Hello {booking.buyer_name}, ticket {ticket.number} has a new code. "
                    "Every earlier code of this ticket is dead: please delete it."
                ),
                _details(event, booking),
                *codes,
                self._see(booking),
            ),
        )
        return self._form.mail(mail_id, booking.buyer_email, letter)

    def booking_cancelled(self, mail_id: str, event: Event, booking: Booking, going_back: Money | None = None) -> Mail:
        """See Letters."""
        reason = f" The reason: {booking.ended_reason}" if booking.ended_reason else ""
        money = Paragraph(
            "If money goes back to you, another mail tells the amount."
            if going_back is None
            else f"{going_back} goes back to where you paid from. Another mail tells when it is on its way."
        )
        blocks: tuple[Block, ...] = (
            Paragraph(
                f"Hello {booking.buyer_name}, your booking is cancelled and its tickets no longer admit.{reason}"
            ),
            _details(event, booking),
            *([money] if booking.price else []),
            self._see(booking),
        )
        letter = Letter(f"Booking cancelled: {_short_title(event)}", f"{event.title}: booking cancelled", blocks)
        return self._form.mail(mail_id, booking.buyer_email, letter)

    def event_rescheduled(self, mail_id: str, event: Event, booking: Booking) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(
                f"Hello {booking.buyer_name}, the time or the place has changed. Your tickets stay valid: this is how "
                "it stands now."
            ),
            _details(event, booking),
            self._see(booking),
        )
        letter = Letter(f"New time or place: {_short_title(event)}", f"{event.title}: new time or place", blocks)
        return self._form.mail(mail_id, booking.buyer_email, letter)

    def refund(self, mail_id: str, event: Event, booking: Booking, refund: Refund) -> Mail:
        """See Letters."""
        blocks = (
            Paragraph(
                f"Hello {booking.buyer_name}, {refund.amount} is on its way back to where you paid from. "
                "Banks take up to ten working days to show it."
            ),
            _details(event, booking, ("Refunded", str(refund.amount))),
            self._see(booking),
            self._receipt(booking),
        )
        letter = Letter(f"Refund of {refund.amount}: {_short_title(event)}", f"{event.title}: refund", blocks)
        return self._form.mail(mail_id, booking.buyer_email, letter)

    def refund_failed(self, mail_id: str, organizer: Account, event: Event, booking: Booking, refund: Refund) -> Mail:
        """See Letters."""
        why = f" What the payment provider says: {refund.failure}" if refund.failure else ""
        blocks = (
            Paragraph(
                f"Hello {organizer.name}, {refund.amount} could not be sent back to {booking.buyer_name}.{why} The "
                "money is still with the provider. Refund the booking again, once its reason is gone, or settle it "
                "with the buyer in another way."
            ),
            _details(event, booking, ("To be refunded", str(refund.amount))),
        )
        return self._to(organizer, mail_id, f"A refund failed: {_short_title(event)}", blocks)

    def dispute(self, mail_id: str, organizer: Account, event: Event, booking: Booking, dispute: Dispute) -> Mail:
        """See Letters."""
        subject, words = _DISPUTE[dispute.status]
        reason = f" The bank's reason: {dispute.reason}." if dispute.reason else ""
        blocks = (
            Paragraph(f"Hello {organizer.name}, {words.format(amount=dispute.amount)}{reason}"),
            _details(event, booking, ("Contested", str(dispute.amount)), ("Reference", dispute.gateway_reference)),
        )
        return self._to(organizer, mail_id, f"{subject}: {_short_title(event)}", blocks)

    def _to(self, account: Account, mail_id: str, subject: str, blocks: tuple[Block, ...]) -> Mail:
        return self._form.mail(mail_id, account.email, Letter(subject, subject, blocks))

    def _see(self, booking: Booking) -> Link:
        return Link("See your booking", f"{self.base_url}/bookings/{quote(booking.id, safe='')}")

    def _receipt(self, booking: Booking) -> Link:
        return Link("Your receipt (PDF)", f"{self.base_url}/bookings/{quote(booking.id, safe='')}/receipt.pdf")

    async def _drawn(self, draw: Callable[[], tuple[Block, ...]]) -> tuple[Block, ...]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, draw)

    def _codes(self, booking: Booking, tickets: Sequence[Ticket]) -> tuple[Block, ...]:
        codes = tuple(self._code(ticket, len(tickets)) for ticket in tickets)
        if not booking.group_token:
            return codes
        words = "One code for the whole party, for those who come together: it admits whoever is not in yet"
        return (*codes, Code(words, self._picture(GROUP_PICTURE, booking.group_token)))

    def _code(self, ticket: Ticket, count: int) -> Block:
        words = f"Ticket {ticket.number} of {count}: {ticket.ticket_type}, {ticket.holder_name}"
        if ticket.status is TicketStatus.VOID:
            return Paragraph(f"{words} (withdrawn)")
        return Code(words, self._picture(f"ticket-{ticket.number}.png", ticket.token))

    def _picture(self, name: str, token: str) -> Attachment:
        return Attachment(name, "image/png", self.drawer.png(token))


def _short_title(event: Event) -> str:
    return shortened(one_line(event.title), TITLE_IN_SUBJECT_CHARS_MAX)


def _price(price: Money) -> str:
    return str(price) if price else "nothing: it is free"


def _bill(booking: Booking) -> Iterator[tuple[str, str]]:
    if booking.promo_code:
        yield "Promotion code", f"{booking.promo_code}, {booking.discount} off"
    yield "Paid", _price(booking.price)
    for rate, amount in taxes_of(booking.lines).items():
        yield f"{rate} included", str(amount)


def _details(event: Event, booking: Booking, *more: tuple[str, str]) -> Details:
    venue = event.venue
    where = ", ".join(part for part in (venue.name, venue.address, venue.city) if part)
    return Details(
        (
            ("Event", event.title),
            ("When", time_span(event.schedule)),
            ("Doors open", local_time(event.schedule.doors_open_at, event.schedule.zone)),
            ("Where", where),
            ("Booking", booking.id),
            *more,
        )
    )
