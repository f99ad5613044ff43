"""What stands in mails to people who buy without an account.

No name: anybody may have typed it, and these mails go to whichever address they typed beside it.
"""

from urllib.parse import quote

from adapters.messaging.letter_form import Block, Link, Paragraph
from domain.booking import Booking


def link_to_bookings(base_url: str, secret: str, booking: Booking | None) -> tuple[Block, ...]:
    """The way in, for 30 minutes, and the way to the next one."""
    return (
        Paragraph(f"Hello, {guest_news(booking)}"),
        Link("Open my bookings", f"{base_url}/guest/open?token={quote(secret, safe='')}"),
        Paragraph(f"Or POST this token to {base_url}/api/v1/guest-sessions: {secret}"),
        Paragraph("The link works once, for 30 minutes, and opens your bookings for a day."),
        Link("Send me a new link later", f"{base_url}/guest"),
    )


def link_to_password(base_url: str, secret: str) -> tuple[Block, ...]:
    """For a guest who signs up."""
    return (
        Paragraph("Hello, choose a password, and your bookings are in your account."),
        Link("Choose a password", f"{base_url}/reset-password?token={quote(secret, safe='')}"),
        Paragraph("The link works once, for one hour."),
    )


def guest_news(booking: Booking | None) -> str:
    """Why the mail comes."""
    if booking is None:
        return "somebody asked for a link to the bookings of this address."
    return f"places were booked with this address, without signing in. The booking is {booking.id}."
