"""A value has one spelling, and a spelling one value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.canonical import INTEGER_MAX, NotCanonical, canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_spelling_reads_as_its_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.randoms())
def test_the_order_in_which_names_were_given_makes_no_difference(value: dict[str, Any], random: Any) -> None:
    shuffled = list(value.items())
    random.shuffle(shuffled)

    assert canonical(dict(shuffled)) == canonical(value)


@given(VALUES, VALUES)
def test_two_values_never_share_a_spelling(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


def test_it_is_the_spelling_of_rfc_8785() -> None:
    value = {"b": [56, "d", True, None], "a": '\u20ac$\x0f\nA\'B"\\\\"/\x7f', "1": {}}

    assert canonical(value) == b'{"1":{},"a":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f","b":[56,"d",true,null]}'


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {"é": 1}, {1: 1}, [object()], b"bytes", {"a": [float("nan")]}])
def test_what_has_no_single_spelling_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)
