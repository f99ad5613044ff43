import threading
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from domain.account import KycStatus
from domain.event import Schedule
from domain.money import Money
from domain.ticket import TicketStatus
from tests.support.fake_clock import NOON
from tests.support.html_outline import outline
from tests.support.letter_desk import BASE, SECRET, WrittenCodes, all_letters, letters
from tests.support.people_and_events import a_booking, a_refund, an_account, an_event, tickets_of


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
            assert (SECRET in mail.text + mail.html) is (name in {"confirm", "reset", "team", "guest link", "finish"})
            assert SECRET not in mail.subject

    def test_a_mail_to_whom_a_stranger_named_holds_no_words_of_the_stranger(self) -> None:
        written = all_letters("Win at evil.example", letters())

        for name in ("guest link", "finish"):
            assert "evil.example" not in written[name].text + written[name].html + written[name].subject

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

    def test_a_cancellation_names_what_goes_back(self) -> None:
        event = an_event()

        mail = letters().booking_cancelled("fact_1", event, a_booking(event), Money(99_900, "INR"))

        assert "999.00 INR goes back to where you paid from." in mail.text
        assert "If money" not in mail.text

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
        assert letters().organizer_decision("fact_1", an_account(), kyc, None).subject == subject

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
