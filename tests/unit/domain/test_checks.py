import pytest
from attrs import evolve

from domain.errors import InvalidValue
from tests import build

HIDDEN = ["\0", "\x1b[31m", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"]


@pytest.mark.parametrize("letter", [*HIDDEN, "\n", "\r", "\t"])
def test_a_title_is_one_visible_line(letter: str) -> None:
    with pytest.raises(InvalidValue, match="title"):
        build.event(title=f"Jazz{letter}night")


@pytest.mark.parametrize("letter", HIDDEN)
def test_a_description_has_lines_and_nothing_hidden(letter: str) -> None:
    assert build.event(description="One\nTwo\r\n\tThree").description
    with pytest.raises(InvalidValue, match="description"):
        build.event(description=f"Jazz{letter}night")


@pytest.mark.parametrize("title", ["नमस्ते 👩\u200d🚀", "Ünïcode & Co", "x" * 200])
def test_words_of_every_script_are_words(title: str) -> None:
    assert evolve(build.event(), title=title).title == title


@pytest.mark.parametrize("title", ["", "x" * 201, 5, None])
def test_a_title_has_a_length(title: object) -> None:
    with pytest.raises(InvalidValue):
        build.event(title=title)
