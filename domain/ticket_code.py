"""What a QR code says. How it is sealed and signed is an adapter's business; what it means is ours."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from domain.checks import whole
from domain.errors import DomainError
from domain.ids import AccountId, BookingId, EventId, TicketId
from domain.time import is_aware

ADMITS_MAX: Final = 255
GENERATION_MAX: Final = 255


class CodeKind(StrEnum):
    """A code admits one ticket, or any that remain of one booking's group."""

    TICKET = "ticket"
    GROUP = "group"


@frozen
class TicketCode:
    """The content of a TicketToken. The door may read all but `booking_id` and `account_id`.

    `subject` is the ticket of a TICKET code and the booking of a GROUP code.
    """

    kind: CodeKind
    event_id: EventId
    subject: TicketId | BookingId
    admits: int = field(validator=whole(1, ADMITS_MAX))
    generation: int = field(validator=whole(1, GENERATION_MAX))
    valid_from: datetime = field(validator=is_aware)
    valid_until: datetime = field(validator=is_aware)
    booking_id: BookingId
    account_id: AccountId


class CodeRefused(DomainError):
    """The code does not open a door, whatever the ticket's state."""

    code = "code_refused"


class CodeMalformed(CodeRefused):
    """Not the one canonical spelling of one of our codes."""

    code = "code_malformed"


class CodeForged(CodeRefused):
    """The signature or the seal does not hold: somebody else made or changed it."""

    code = "code_forged"


class CodeKeyRevoked(CodeRefused):
    """It was signed or sealed with a key that is unknown or withdrawn."""

    code = "code_key_revoked"


class CodeForOtherEvent(CodeRefused):
    """It belongs to another event; which one is not said."""

    code = "code_for_other_event"
