"""A hold without an account, however it was asked for: once for each key, with a session for that one booking."""

from adapters.http.call import Call
from application.once import AnsweredAlready, Once
from application.opening import SignedIn
from application.use_cases.guest_bookings import GuestBookingCommand
from domain.booking import Booking
from domain.email_address import canonical_email
from domain.errors import DomainError
from domain.ids import BookingId

_CREATED = 201


async def hold_as_guest(request: Call, command: GuestBookingCommand, key: str, body: bytes) -> tuple[Booking, SignedIn]:
    """The booking, and a session that opens it. Sent again with the same key it is the same booking, opened anew.

    What is kept of the answer names the booking and holds no secret. A key counts for one address.
    """

    def named(booking: Booking) -> tuple[int, bytes]:
        return _CREATED, booking.id.encode()

    deeds, caller = request.deeds, f"guest {canonical_email(command.email)}"
    once = Once.of(caller, f"POST {request.scope['path']}", key, body, named)
    try:
        booking_id = (await deeds.book_as_guest(command, once)).id
    except (AnsweredAlready, DomainError):
        found = await deeds.find_answer(once)
        if found is None:
            raise
        booking_id = BookingId(found.body.decode())
    return await deeds.open_guest_session.for_new(booking_id)
