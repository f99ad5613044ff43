"""Every letter that we write, with a drawer whose codes can be read."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Final

from jinja2 import Environment

from adapters.messaging.letter_form import letter_templates
from adapters.messaging.letters import EnglishLetters
from application.ports.letters import Letters
from application.ports.mailer import Mail
from application.ports.ticket_codes import QrDrawer
from domain.account import KycStatus
from domain.event import Venue
from tests.build import event_invitation
from tests.support.fake_clock import NOON
from tests.support.people_and_events import a_booking, a_refund, an_account, an_event, tickets_of

BASE: Final = "https://tickets.example.com"
SECRET: Final = "s3cret_-token"


class WrittenCodes:
    """Draws a token as a file that says which token it is."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def png(self, token: str, *, module_px: int = 8, for_print: bool = False) -> bytes:
        self.threads.add(threading.get_ident())
        assert not for_print, "a mail is read on a screen"
        return b"\x89PNG " + token.encode()

    def svg(self, token: str, *, for_print: bool = False) -> bytes:
        raise NotImplementedError


def letters(drawer: QrDrawer | None = None, templates: Environment | None = None, base_url: str = BASE) -> Letters:
    return EnglishLetters(base_url, "RelexBooking", drawer or WrittenCodes(), templates or letter_templates())


def all_letters(words: str, written: Letters) -> Mapping[str, Mail]:
    """Every letter, with these words wherever a person may type some."""
    account = an_account(name=words)
    event = an_event(words, Venue(words, words, words))
    booking = a_booking(event, buyer_name=words, ended_reason=words)
    tickets = tickets_of(booking, event, ticket_type=words, holder_name=words)
    return {
        "confirm": written.confirm_email("fact_1", account, SECRET),
        "in use": written.address_in_use("fact_1", account),
        "reset": written.reset_password("fact_1", account, SECRET),
        **{f"kyc {kyc}": written.organizer_decision("fact_1", account, kyc, None) for kyc in KycStatus},
        "kyc ends": written.organizer_decision("fact_1", account, KycStatus.APPROVED, NOON),
        "kyc not renewed": written.organizer_decision(
            "fact_1", an_account(name=words, kyc=KycStatus.APPROVED), KycStatus.REJECTED, None
        ),
        "kyc waits": written.identity_check_waits("fact_1", account, "kyc_1"),
        "team": written.team_invitation("fact_1", event, event_invitation(event_id=event.id), SECRET),
        "guest link": written.guest_link("fact_1", account, SECRET, booking),
        "guest has account": written.guest_has_account("fact_1", account, booking),
        "finish": written.finish_account("fact_1", account, SECRET),
        "tickets": asyncio.run(written.tickets("fact_1", event, booking, tickets)),
        "new code": asyncio.run(written.new_code("fact_1", event, booking, tickets[1])),
        "cancelled": written.booking_cancelled("fact_1", event, booking, booking.price),
        "rescheduled": written.event_rescheduled("fact_1", event, booking),
        "refund": written.refund("fact_1", event, booking, a_refund(booking)),
    }
