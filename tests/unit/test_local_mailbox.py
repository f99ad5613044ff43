import errno
import os
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.messaging import mime
from adapters.messaging.local_mailbox import LocalMailbox
from application.ports.mailer import Mailer, MailFailed
from tests.contracts.mailer import HOSTILE_SUBJECTS, PLAIN, Arrived, MailerContract, body_of
from tests.support.fake_clock import NOON, FakeClock

SENDER = "Box office <tickets@example.com>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "mail"


@pytest.fixture
def mailbox(folder: Path) -> LocalMailbox:
    return LocalMailbox(folder, FakeClock(), SENDER)


def parsed(folder: Path) -> Sequence[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*"))]


class TestLocalMailbox(MailerContract):
    adapter = "local"

    @pytest.fixture
    def mailer(self, mailbox: LocalMailbox) -> Mailer:
        return mailbox

    @pytest.fixture
    def arrived(self, folder: Path) -> Arrived:
        return lambda: parsed(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_mail_sent_again_takes_the_place_of_the_first(mailbox: LocalMailbox, folder: Path) -> None:
    await mailbox.send(PLAIN)
    await mailbox.send(evolve(PLAIN, text="Said better.\n"))

    assert names(folder) == ["fact_02h.eml"]
    assert body_of(parsed(folder)[0], "plain") == "Said better.\n"


async def test_mails_whose_ids_differ_never_share_a_file(mailbox: LocalMailbox, folder: Path) -> None:
    ids = ["a/b", "a%2Fb", "a_b", "a-b", "..", ".", "", "x" * 500, "x" * 501]

    for mail_id in ids:
        await mailbox.send(evolve(PLAIN, id=mail_id))

    assert len(names(folder)) == len(ids)
    assert names(folder.parent) == ["mail"]


async def test_the_newest_mail_is_the_one_last_sent(mailbox: LocalMailbox, folder: Path) -> None:
    for age_s, mail_id in ((30, "fact_b"), (10, "fact_a"), (20, "fact_c")):
        await mailbox.send(evolve(PLAIN, id=mail_id))
        os.utime(folder / f"{mail_id}.eml", ns=(0, 10**18 - age_s * 10**9))

    assert [path.stem for path in await mailbox.newest()] == ["fact_a", "fact_c", "fact_b"]

    await mailbox.send(evolve(PLAIN, id="fact_b"))
    assert [path.stem for path in await mailbox.newest(1)] == ["fact_b"]


async def test_a_mailbox_without_mail_is_empty(mailbox: LocalMailbox) -> None:
    assert await mailbox.newest() == ()


async def test_the_date_is_that_of_the_clock(folder: Path) -> None:
    clock = FakeClock()
    clock.advance(timedelta(days=1))

    await LocalMailbox(folder, clock, SENDER).send(PLAIN)

    assert parsed(folder)[0]["Date"].datetime == NOON + timedelta(days=1)


@pytest.mark.parametrize("step", ["fsync", "fdopen"])
async def test_a_full_disk_leaves_no_half_mail(
    mailbox: LocalMailbox, folder: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, *_: Any) -> None:
        if step == "fdopen":
            os.close(descriptor)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(MailFailed, match="No space left"):
        await mailbox.send(PLAIN)

    assert names(folder) == []


@pytest.mark.parametrize("sender", ["", "nobody", "a@b.example, c@d.example"])
def test_a_sender_is_one_address(folder: Path, sender: str) -> None:
    with pytest.raises(ValueError, match="not one e-mail address"):
        LocalMailbox(folder, FakeClock(), sender)


@pytest.mark.parametrize("subject", HOSTILE_SUBJECTS[:2])
async def test_without_one_line_a_subject_with_line_ends_stops_the_mail(
    mailbox: LocalMailbox, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control, and the second line of defence: the library refuses what ours did not mend."""
    monkeypatch.setattr(mime, "one_line", str)

    with pytest.raises(MailFailed):
        await mailbox.send(evolve(PLAIN, subject=subject))
