import posixpath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from application.ports.object_store import MEDIA_TYPES, ObjectRefused, media_type_of

TRICKY = st.text(st.sampled_from("aZ0_-./\\\0\n~%:\uff0e\u0131 "), max_size=24)


@given(key=st.builds("{}{}".format, TRICKY | st.text(max_size=24), st.sampled_from(["", ".png", ".jpg", ".html"])))
@example(key="../a.png")
@example(key="a/b.png")
def test_a_key_is_either_refused_or_stays_in_its_place(key: str) -> None:
    try:
        media_type = media_type_of(key)
    except ObjectRefused:
        return

    assert posixpath.normpath(posixpath.join("/root", key)) == f"/root/{key}"
    assert key.isascii()
    assert key.isprintable()
    assert not any(part.startswith((".", "~")) for part in key.split("/"))
    assert media_type == MEDIA_TYPES[key.rpartition(".")[2]]


@given(parts=st.lists(st.text(st.sampled_from("aZ0_-"), min_size=1, max_size=100), min_size=1, max_size=9))
def test_every_key_that_we_make_is_taken(parts: list[str]) -> None:
    assert media_type_of("/".join(parts) + ".pdf") == "application/pdf"


def test_the_words_of_a_refusal_are_bounded() -> None:
    with pytest.raises(ObjectRefused) as refusal:
        media_type_of("x" * 1_000_000)

    assert len(str(refusal.value)) < 200
