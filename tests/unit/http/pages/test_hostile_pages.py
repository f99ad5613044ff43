"""Titles, names and descriptions that try to be more than words."""

import re
from pathlib import Path

import attrs
import httpx
import pytest
from jinja2 import UndefinedError

from adapters.http.pages.kept import KeptPages
from adapters.http.pages.rendering import page_templates
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.create_event import TicketTypePlan
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.edit_profile import EditProfileCommand
from domain.account import Role
from domain.event import Venue
from tests.support.documents import passport
from tests.support.html_outline import Outline, outline
from tests.support.page_stage import PageStage, Shown
from tests.unit.test_hostile_words import HOSTILE

_ID = re.compile(r"\b([a-z]{3})_[0-9a-z]{26}\b")


async def _stored(folder: Path, words: str, *, escaping: bool = True) -> dict[str, Outline]:
    """Every page on which people's words stand, with these words everywhere."""
    pages = PageStage.of(folder)
    state = pages.stage.app.state
    shared = state.pages
    state.pages = attrs.evolve(shared, templates=page_templates(escaping=escaping), kept=KeptPages())
    try:
        answers = await _answers(pages, words)
    finally:
        state.pages = shared  # Stages share their application.
        await pages.close()
    assert {answer.status_code for answer in answers.values()} == {200}
    return {_ID.sub(r"\1", path): _outlined(answer) for path, answer in answers.items()}


async def _answers(pages: PageStage, words: str) -> dict[str, httpx.Response]:
    with attrs.validators.disabled():  # Our own domain refuses some of these words: here is the second wall.
        kinds = (TicketTypePlan(words, "25.00", 10),)
        venue = Venue(words, words, words)
        shown = await Shown.on(pages, title=words, description=words, category=words, venue=venue, ticket_types=kinds)
        await pages.world.deeds.edit_profile(shown.buyer, EditProfileCommand(words, words))
        command = ApplyForKycCommand(words, (passport(),))
        check = await pages.world.deeds.apply_for_kyc(shown.buyer, command)
        asked = DecideKycCommand(check.id, Decision.REQUEST_INFO, words)
        await pages.world.deeds.decide_kyc(pages.world.operator, asked)
        buyer, stranger = await pages.signed_in(shown.buyer), pages.browser()
        admin = await pages.signed_in(await pages.world.person(Role.ADMIN))
        event = f"/events/{shown.event.id}"
        paths = (event, f"/bookings/{shown.booking.id}", "/bookings", "/me", "/organizer")
        checks = ("/admin/kyc-requests?status=needs_info", f"/admin/kyc-requests/{check.id}")
        answers = {path: await buyer.open(path) for path in paths}
        answers |= {path: await admin.open(path) for path in checks}
        return answers | {f"stranger: {path}": await stranger.open(path) for path in ("/", event)}


def _outlined(answer: httpx.Response) -> Outline:
    return outline(_ID.sub(r"\1", answer.text))


async def _unharmed(folder: Path, words: str, *, escaping: bool = True) -> None:
    """Assert that these words change no page but for the words themselves."""
    usual = await _stored(folder / "usual", "Jazz", escaping=escaping)
    hostile = await _stored(folder / "hostile", words, escaping=escaping)
    for path, page in hostile.items():
        assert page.tags == usual[path].tags, path
        assert page.addresses == usual[path].addresses, path
        assert str(7 * 191) not in page.words, path


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_people_type_is_nothing_but_words(tmp_path: Path, words: str) -> None:
    await _unharmed(tmp_path, words[:200])


@pytest.mark.parametrize("words", HOSTILE[:3])
async def test_without_escaping_markup_would_pass(tmp_path: Path, words: str) -> None:
    """A negative control."""
    with pytest.raises(AssertionError):
        await _unharmed(tmp_path, words, escaping=False)


async def test_what_comes_back_at_once_is_nothing_but_words(pages: PageStage) -> None:
    """What a form or an address says is shown again, beside the reason why it was refused."""
    browser = pages.browser()
    client = pages.clients[-1]
    pages.world.lift_limits()

    async def shown(words: str) -> dict[str, tuple[int, Outline]]:
        form = {"name": words, "email": words, "password": words, "next": words, "token": words}
        answers = {
            name: await client.get("/events", params={name: f"zzz{words}"})
            for name in ("words", "place", "category", "from", "cursor")
        }
        answers |= {path: await client.get(path, params=form) for path in ("/confirm-email", "/reset-password")}
        answers["/sign-in"] = await client.get("/sign-in", params={**form, "done": words})
        for path in ("/signup", "/sign-in", "/forgot-password", "/reset-password", "/confirm-email/resend"):
            answers[f"POST {path}"] = await client.post(path, data=form)
        return {name: (answer.status_code, _outlined(answer)) for name, answer in answers.items()}

    usual = await shown("jazz")
    refused = outline((await browser.open("/events?words=%01")).text)
    for words in HOSTILE:
        for name, (status, page) in (await shown(words)).items():
            alike = (usual[name][1], refused) if status == 400 else (usual[name][1],)
            assert any(page.tags == other.tags and page.addresses == other.addresses for other in alike), (name, words)


async def test_what_people_typed_is_shown_as_they_typed_it(tmp_path: Path) -> None:
    for number, words in enumerate((HOSTILE[0], HOSTILE[6], HOSTILE[17], "नमस्ते 👩\u200d🚀 & Co")):
        for path, page in (await _stored(tmp_path / str(number), words)).items():
            assert words in page.words or path == "/me", path


async def test_paragraphs_of_a_description_stay(pages: PageStage) -> None:
    event = await pages.world.event(description="One.\n\nTwo.\n  Three.")

    assert '<p class="words">One.\n\nTwo.\n  Three.</p>' in (await pages.browser().open(f"/events/{event.id}")).text


def test_what_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        page_templates().from_string("{{ nothing_of_that_name }}").render()
