import asyncio
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from jinja2 import Environment, UndefinedError

from adapters.messaging import letter_form
from adapters.messaging.letter_form import letter_templates
from adapters.messaging.letters import EnglishLetters
from adapters.messaging.mime import mime_message, sender_address
from adapters.messaging.plain_words import one_line
from application.ports.letters import Letters
from application.ports.mailer import Mail
from application.ports.ticket_codes import QrDrawer
from domain.account import KycStatus
from domain.event import Schedule, Venue
from domain.money import Money
from domain.ticket import TicketStatus
from tests.support.fake_clock import NOON
from tests.support.html_outline import outline
from tests.support.people_and_events import a_booking, a_refund, an_account, an_event, tickets_of

BASE = "https://tickets.example.com"
SECRET = "s3cret_-token"

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></h1><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' style='display:none",
    "<a href='https://evil.example'>win</a>",
    "javascript:alert(1)",
    "{{ 7 * 191 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ letter.__class__ }} {{ secret }}",
    "%(secret)s ${secret} {0.__class__} #{7*191}",
    "{# comment #}",
    "Jazz\r\nBcc: evil@example.net",
    "Jazz\n\n-- \nRelexBooking\nhttps://evil.example",
    "Jazz\u2028See your booking:\u2029https://evil.example",
    "Jazz\x85Bcc: evil@example.net",
    "\u202egnp.exe",
    "=?utf-8?q?=0D=0ABcc:_evil@example.net?=",
    "&lt;script&gt; &amp; <!-- -->",
    "]]><![CDATA[ <svg onload=alert(1)>",
    "]" * 200,
)


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
        **{f"kyc {kyc}": written.organizer_decision("fact_1", evolve(account, kyc=kyc)) for kyc in KycStatus},
        "tickets": asyncio.run(written.tickets("fact_1", event, booking, tickets)),
        "new code": asyncio.run(written.new_code("fact_1", event, booking, tickets[1])),
        "cancelled": written.booking_cancelled("fact_1", event, booking),
        "rescheduled": written.event_rescheduled("fact_1", event, booking),
        "refund": written.refund("fact_1", event, booking, a_refund(booking)),
    }


def unharmed(words: str, written: Letters) -> None:
    """Assert that these words change no letter but for the words themselves."""
    plain = all_letters("Jazz", letters())
    for name, mail in all_letters(words, written).items():
        usual, page = outline(plain[name].html), outline(mail.html)
        assert page.tags == usual.tags, name
        assert page.addresses == usual.addresses, name
        assert mail.text.count("\n") == plain[name].text.count("\n"), name
        assert len(mail.text.splitlines()) == len(plain[name].text.splitlines()), name
        assert mail.subject.isprintable(), name
        assert len(mail.subject) < 120, name
        assert str(7 * 191) not in mail.text + mail.html + mail.subject, name
        headers = mime_message(mail, sender_address("box@example.com"), NOON).keys()
        assert headers == mime_message(plain[name], sender_address("box@example.com"), NOON).keys(), name


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_people_type_is_nothing_but_words(words: str) -> None:
    unharmed(words[:200], letters())


def test_what_people_typed_is_shown_as_they_typed_it() -> None:
    for words in (HOSTILE[0], HOSTILE[6], HOSTILE[17], "नमस्ते 👩\u200d🚀 & Co"):
        mail = all_letters(words, letters())["rescheduled"]
        assert words in mail.text
        assert words in outline(mail.html).words


@pytest.mark.parametrize("words", HOSTILE[:3])
def test_without_escaping_markup_would_pass(words: str) -> None:
    """A negative control."""
    with pytest.raises(AssertionError):
        unharmed(words, letters(templates=letter_templates(escaping=False)))


@pytest.mark.parametrize("words", HOSTILE[11:15])
def test_without_one_line_paragraphs_could_be_forged(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A negative control."""
    monkeypatch.setattr(letter_form, "one_line", str)
    monkeypatch.setattr("adapters.messaging.letters.one_line", str)

    with pytest.raises(AssertionError):
        unharmed(words, letters())


def test_what_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        letter_templates().from_string("{{ nothing_of_that_name }}").render()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\n b\t\tc", "a b c"),
        ("\u202ea\u2066b\u2069", "ab"),
        ("a\0b\ud800c", "a b c"),
        ("क\u094d\u200dष 👩\u200d🚀", "क\u094d\u200dष 👩\u200d🚀"),
    ],
)
def test_words_are_brought_on_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


class TestLinks:
    def test_the_confirmation_link_comes_with_its_token_for_those_who_use_the_api(self) -> None:
        mail = letters().confirm_email("fact_1", an_account(), SECRET)

        assert f"\n{BASE}/confirm-email?token={SECRET}\n" in mail.text
        assert f"POST this token to {BASE}/api/v1/confirmations: {SECRET}\n" in mail.text
        assert f"{BASE}/confirm-email?token={SECRET}" in outline(mail.html).addresses
        assert (mail.id, mail.to, mail.subject) == ("fact_1", "ada@example.org", "Confirm your e-mail address")

    def test_the_reset_link_carries_its_secret(self) -> None:
        mail = letters().reset_password("fact_1", an_account(), SECRET)

        assert f"\n{BASE}/reset-password?token={SECRET}\n" in mail.text
        assert f"{BASE}/reset-password?token={SECRET}" in outline(mail.html).addresses

    def test_a_secret_is_only_where_it_belongs(self) -> None:
        for name, mail in all_letters("Jazz", letters()).items():
            assert (SECRET in mail.text + mail.html) is (name in {"confirm", "reset"})
            assert SECRET not in mail.subject

    def test_every_address_is_ours_or_a_picture_of_the_mail(self) -> None:
        for mail in all_letters("Jazz", letters()).values():
            assert all(address.startswith((BASE, "cid:")) for address in outline(mail.html).addresses)

    @pytest.mark.parametrize("base_url", ["", "tickets.example.com", "javascript:alert(1)", "https://", "https://x\n/"])
    def test_a_wrong_base_url_is_refused_at_once(self, base_url: str) -> None:
        with pytest.raises(ValueError, match="not a web address"):
            letters(base_url=base_url)

    def test_a_base_url_may_end_in_a_slash(self) -> None:
        mail = letters(base_url=f"{BASE}/").reset_password("fact_1", an_account(), SECRET)

        assert f"\n{BASE}/reset-password?" in mail.text


class TestTickets:
    async def test_every_ticket_has_its_code_attached_and_shown(self) -> None:
        event = an_event()
        booking = a_booking(event, 3)

        mail = await letters().tickets("fact_1", event, booking, tickets_of(booking, event))

        assert [(attachment.name, attachment.data) for attachment in mail.attachments] == [
            ("ticket-1.png", b"\x89PNG TOKEN-1"),
            ("ticket-2.png", b"\x89PNG TOKEN-2"),
            ("ticket-3.png", b"\x89PNG TOKEN-3"),
            ("group.png", b"\x89PNG GROUP-TOKEN"),
        ]
        assert {attachment.media_type for attachment in mail.attachments} == {"image/png"}
        shown = [address for address in outline(mail.html).addresses if address.startswith("cid:")]
        assert shown == [f"cid:{attachment.content_id}" for attachment in mail.attachments]
        for number in (1, 2, 3):
            assert f"* Ticket {number} of 3: Adult, Ada\n  Its code is attached as ticket-{number}.png.\n" in mail.text
        assert mail.subject == "Your tickets: Jazz night"
        assert mail.to == "ada@example.org"

    async def test_the_booking_is_described(self) -> None:
        event = an_event()
        booking = a_booking(event, 3)

        mail = await letters().tickets("fact_1", event, booking, tickets_of(booking, event))

        for words in (
            "Event: Jazz night\n",
            "When: Tuesday 22 December 2026, 18:00 to 21:00 (Asia/Kolkata, UTC+05:30)\n",
            "Doors open: Tuesday 22 December 2026, 16:00 (Asia/Kolkata, UTC+05:30)\n",
            "Where: Town hall, 1 Main Road, Pune\n",
            "Booking: bkg_1\n",
            "Paid: 3750.00 INR\n",
            f"See your booking:\n{BASE}/bookings/bkg_1\n",
            "The code of a ticket admits one person, once",
        ):
            assert words in mail.text

    async def test_one_ticket_is_one_ticket(self) -> None:
        event = an_event()
        booking = a_booking(event, 1, price=Money.zero("INR"))

        mail = await letters().tickets("fact_1", event, booking, tickets_of(booking, event))

        assert mail.subject == "Your ticket: Jazz night"
        assert [attachment.name for attachment in mail.attachments] == ["ticket-1.png"]
        assert "Paid: nothing: it is free\n" in mail.text

    async def test_a_withdrawn_ticket_is_named_and_shows_no_code(self) -> None:
        event = an_event()
        booking = a_booking(event, 2)
        first, second = tickets_of(booking, event)

        mail = await letters().tickets("fact_1", event, booking, [first, evolve(second, status=TicketStatus.VOID)])

        assert [attachment.name for attachment in mail.attachments] == ["ticket-1.png", "group.png"]
        assert "Ticket 2 of 2: Adult, Ada (withdrawn)\n" in mail.text

    async def test_codes_are_not_drawn_on_the_event_loop(self) -> None:
        drawer, event = WrittenCodes(), an_event()
        booking = a_booking(event, 2)

        await letters(drawer).tickets("fact_1", event, booking, tickets_of(booking, event))

        assert drawer.threads
        assert threading.get_ident() not in drawer.threads

    async def test_a_new_code_comes_alone_and_says_that_the_old_one_is_dead(self) -> None:
        event = an_event()
        booking = a_booking(event, 3)

        mail = await letters().new_code("fact_1", event, booking, tickets_of(booking, event)[1])

        assert [(attachment.name, attachment.data) for attachment in mail.attachments] == [
            ("ticket-2.png", b"\x89PNG TOKEN-2")
        ]
        assert "Every earlier code of this ticket is dead" in mail.text
        assert mail.subject == "New ticket code: Jazz night"


class TestOtherLetters:
    def test_a_cancellation_gives_its_reason(self) -> None:
        event = an_event()

        paid = letters().booking_cancelled("fact_1", event, a_booking(event, ended_reason="The singer is ill."))
        free = letters().booking_cancelled("fact_1", event, a_booking(event, price=Money.zero("INR")))

        assert "The reason: The singer is ill.\n" in paid.text
        assert "If money goes back to you" in paid.text
        assert "reason" not in free.text
        assert "money" not in free.text

    def test_a_refund_names_the_amount(self) -> None:
        event = an_event()
        booking = a_booking(event)

        mail = letters().refund("fact_1", event, booking, a_refund(booking, Money(99_900, "INR")))

        assert mail.subject == "Refund of 999.00 INR: Jazz night"
        assert "999.00 INR is on its way back" in mail.text

    def test_a_new_date_is_told(self) -> None:
        starts_at = NOON + timedelta(days=60)
        event = an_event(schedule=Schedule(starts_at, starts_at + timedelta(hours=2), "Europe/Berlin"))

        mail = letters().event_rescheduled("fact_1/bkg_1", event, a_booking(event))

        assert "When: Thursday 21 January 2027, 13:00 to 15:00 (Europe/Berlin, UTC+01:00)\n" in mail.text
        assert mail.id == "fact_1/bkg_1"

    @pytest.mark.parametrize(
        ("kyc", "subject"),
        [
            (KycStatus.APPROVED, "You can publish events now"),
            (KycStatus.REJECTED, "Your request to publish events was declined"),
            (KycStatus.PENDING, "News of your request to publish events"),
        ],
    )
    def test_a_decision_says_what_the_account_says(self, kyc: KycStatus, subject: str) -> None:
        assert letters().organizer_decision("fact_1", an_account(kyc=kyc)).subject == subject

    def test_text_and_html_say_the_same(self) -> None:
        for mail in all_letters("Jazz", letters()).values():
            said = " ".join(outline(mail.html).words.split())
            for line in mail.text.split("\n-- \n")[0].splitlines():
                words = line.removeprefix("* ")
                if words and "Its code is attached" not in words:
                    assert all(part in said for part in words.rstrip(":").split(": ", 1)), words


@pytest.mark.parametrize(
    ("starts_at", "hours", "zone", "told"),
    [
        (
            datetime(2026, 12, 31, 20, 0, tzinfo=UTC),
            5,
            "Europe/London",
            "Thursday 31 December 2026, 20:00 to Friday 1 January 2027, 01:00 (Europe/London, UTC+00:00)",
        ),
        (
            datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
            5,
            "Europe/Berlin",
            (
                "Sunday 25 October 2026, 00:00 (Europe/Berlin, UTC+02:00) to "
                "Sunday 25 October 2026, 04:00 (Europe/Berlin, UTC+01:00)"
            ),
        ),
        (
            datetime(2026, 7, 1, 2, 0, tzinfo=UTC),
            1,
            "America/St_Johns",
            "Tuesday 30 June 2026, 23:30 to Wednesday 1 July 2026, 00:30 (America/St_Johns, UTC-02:30)",
        ),
    ],
)
def test_times_are_those_of_the_place(starts_at: datetime, hours: int, zone: str, told: str) -> None:
    event = an_event(schedule=Schedule(starts_at, starts_at + timedelta(hours=hours), zone))

    assert f"When: {told}\n" in letters().booking_cancelled("fact_1", event, a_booking(event)).text
