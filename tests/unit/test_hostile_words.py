"""Titles and names that try to be more than words."""

import attrs
import pytest
from jinja2 import UndefinedError

from adapters.messaging import letter_form
from adapters.messaging.letter_form import letter_templates
from adapters.messaging.mime import mime_message, sender_address
from adapters.messaging.plain_words import one_line
from application.ports.letters import Letters
from tests.support.fake_clock import NOON
from tests.support.html_outline import outline
from tests.support.letter_desk import all_letters, letters

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


def unharmed(words: str, written: Letters) -> None:
    """Assert that these words change no letter but for the words themselves."""
    plain = all_letters("Jazz", letters())
    with attrs.validators.disabled():  # Our own domain refuses some of these words: here is the second wall.
        hostile = all_letters(words, written)
    for name, mail in hostile.items():
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
