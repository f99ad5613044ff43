"""What every mailer promises."""

import asyncio
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import ClassVar

import pytest
from attrs import evolve

from application.ports.mailer import Attachment, Mail, Mailer, MailFailed

Arrived = Callable[[], Sequence[EmailMessage]]
"""What lies in the recipients' mailboxes, as parsed messages."""

PICTURE = Attachment("ticket-1.png", "image/png", b"\x89PNG one")
PAPER = Attachment("tickets.pdf", "application/pdf", b"%PDF-1.7 \0\xff")
MAIL = Mail(
    id="fact_01h",
    to="ada@example.org",
    subject="Your tickets: Jazz night",
    text="Hello Ada,\n\nhere they are.\n",
    html=f'<p>Hello Ada</p><img src="cid:{PICTURE.content_id}" alt="">',
    attachments=(PICTURE, PAPER),
)
PLAIN = Mail(id="fact_02h", to="ada@example.org", subject="Hello", text="Words.\n")

HOSTILE_SUBJECTS = (
    "Jazz\r\nBcc: evil@example.net",
    "Jazz\nBcc: evil@example.net\n\nbody",
    "Jazz\rBcc: evil@example.net",
    "Jazz\r\n\r\n<script>alert(1)</script>",
    "Jazz\u2028Bcc: evil@example.net",
    "Jazz\x85Bcc: evil@example.net",
    "Jazz\0\x0b\x0c\x1b[2J",
    "=?utf-8?q?Jazz=0D=0ABcc:_evil@example.net?=",
    "Jazz \ud800",
    "\u202ezzaJ",
    "J" * 5_000,
    "",
)

HOSTILE_ADDRESSES = (
    "",
    "nobody",
    "ada@example.org, evil@example.net",
    "ada@example.org evil@example.net",
    "ada@example.org\r\nBcc: evil@example.net",
    "ada@example.org\nRCPT TO:<evil@example.net>",
    "ada@example.org>\r\nRCPT TO:<evil@example.net",
    "Ada <ada@example.org>",
    "ada@",
)

DIFFICULT_TEXTS = (
    ".\n..\n.dot\n",
    "From the start\n>From\n",
    "x" * 5_000 + "\n",
    "नमस्ते · 🎷 · Ünïcode\n",
    "no end of line",
    "\n\n\n",
    "QUIT\n.\nMAIL FROM:<evil@example.net>\n",
)


def body_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None, f"no {kind} in the message"
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")  # In MIME, lines of text end so.


class MailerContract:
    """Fixtures of a subclass: `mailer` and `arrived`, with empty mailboxes."""

    adapter: ClassVar[str]

    async def test_a_mail_arrives(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(PLAIN)

        (message,) = arrived()
        assert message["To"] == "ada@example.org"
        assert message["From"].addresses[0].addr_spec == "tickets@example.com"
        assert message["Subject"] == "Hello"
        assert message.get_content_type() == "text/plain"
        assert body_of(message, "plain") == "Words.\n"

    async def test_text_and_html_are_two_forms_of_one_message(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(MAIL)

        (message,) = arrived()
        assert body_of(message, "plain") == MAIL.text
        assert body_of(message, "html").strip() == MAIL.html

    async def test_attachments_arrive_byte_by_byte(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(MAIL)

        (message,) = arrived()
        files = {part.get_filename(): part for part in message.walk() if part.get_filename()}
        assert set(files) == {PICTURE.name, PAPER.name}
        for attachment in (PICTURE, PAPER):
            part = files[attachment.name]
            assert part.get_content_type() == attachment.media_type
            assert part.get_payload(decode=True) == attachment.data

    async def test_a_picture_in_the_text_is_found_by_its_content_id(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(MAIL)

        (message,) = arrived()
        (related,) = (part for part in message.walk() if part.get_content_type() == "multipart/related")
        words, picture = related.iter_parts()
        assert words.get_content_type() == "multipart/alternative"
        assert picture["Content-ID"] == f"<{PICTURE.content_id}>"
        assert picture.get_content_disposition() == "inline"
        assert [part.get_filename() for part in message.iter_attachments()] == [PAPER.name]

    async def test_a_mail_without_html_carries_its_attachments_too(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(evolve(MAIL, html=""))

        (message,) = arrived()
        assert body_of(message, "plain") == MAIL.text
        assert [part.get_filename() for part in message.iter_attachments()] == [PICTURE.name, PAPER.name]

    async def test_a_repetition_can_be_told_by_its_message_id(self, mailer: Mailer, arrived: Arrived) -> None:
        await mailer.send(PLAIN)
        await mailer.send(PLAIN)
        await mailer.send(evolve(PLAIN, id="fact_03h"))

        ids = {message["Message-ID"] for message in arrived()}
        assert len(ids) == 2
        assert ids == {"<fact_02h@example.com>", "<fact_03h@example.com>"}

    @pytest.mark.parametrize(
        "mail_id", ["fact_1/bkg_2", "../../etc/fact", "..", "", "a>\r\nBcc: evil@example.net", "x" * 5_000, "fact é"]
    )
    async def test_any_id_will_do(self, mailer: Mailer, arrived: Arrived, mail_id: str) -> None:
        await mailer.send(evolve(PLAIN, id=mail_id))

        (message,) = arrived()
        assert message["Bcc"] is None
        assert message["Message-ID"].endswith("@example.com>")
        assert len(message["Message-ID"]) < 200

    @pytest.mark.parametrize("subject", HOSTILE_SUBJECTS, ids=range(len(HOSTILE_SUBJECTS)))
    async def test_a_subject_stays_a_subject(self, mailer: Mailer, arrived: Arrived, subject: str) -> None:
        await mailer.send(evolve(PLAIN, subject=subject))

        (message,) = arrived()
        assert {name.lower() for name in message} <= {
            "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
            "content-transfer-encoding", "x-relexbooking-mail",
        }  # fmt: skip
        assert body_of(message, "plain") == PLAIN.text
        assert str(message["Subject"]).isprintable()
        assert len(str(message["Subject"])) <= 300

    @pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
    async def test_an_address_is_one_address_or_nothing_is_sent(
        self, mailer: Mailer, arrived: Arrived, address: str
    ) -> None:
        with pytest.raises(MailFailed):
            await mailer.send(evolve(PLAIN, to=address))

        assert not arrived()

    @pytest.mark.parametrize("name", ["a\r\nX-Evil: 1.pdf", 'a"; x="b.pdf', "a\0b.pdf", "टिकट.pdf"])
    async def test_the_name_of_an_attachment_stays_a_name(self, mailer: Mailer, arrived: Arrived, name: str) -> None:
        await mailer.send(evolve(PLAIN, attachments=(Attachment(name, "application/pdf", b"%PDF"),)))

        (message,) = arrived()
        (part,) = message.iter_attachments()
        assert message["X-Evil"] is None
        assert part["X-Evil"] is None
        filename = part.get_filename()
        assert filename is not None
        assert filename.isprintable()
        assert filename.endswith(".pdf")

    @pytest.mark.parametrize("text", DIFFICULT_TEXTS, ids=range(len(DIFFICULT_TEXTS)))
    async def test_every_line_arrives_as_written(self, mailer: Mailer, arrived: Arrived, text: str) -> None:
        await mailer.send(evolve(PLAIN, text=text, html=text))

        (message,) = arrived()
        assert body_of(message, "plain").removesuffix("\n") == text.removesuffix("\n")
        assert body_of(message, "html").removesuffix("\n") == text.removesuffix("\n")

    async def test_many_mails_at_a_time_all_arrive(self, mailer: Mailer, arrived: Arrived) -> None:
        await asyncio.gather(*(mailer.send(evolve(PLAIN, id=f"fact_{number}")) for number in range(12)))

        assert len({message["Message-ID"] for message in arrived()}) == 12
