import random
import string
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from adapters.aws import dynamo_items
from adapters.aws.dynamo_items import (
    GONE,
    SORT_BEYOND,
    SORT_LEAST,
    SPREAD,
    ItemTooLarge,
    item_of,
    partition_key,
    partitions_of,
    place_of,
    record_of,
    sort_text,
)
from application.kinds import KINDS, key_of
from tests import build

places = st.tuples(
    st.integers(-(2**62), 2**62), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
)


@given(places, places)
def test_sort_texts_stand_in_the_order_of_numbers_and_then_of_ids(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert (sort_text(*one).encode() < sort_text(*other).encode()) == (one < other)
    assert place_of(sort_text(*one)) == one
    assert SORT_LEAST < sort_text(one[0]) < sort_text(*one) < SORT_BEYOND


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_is_in_a_partition_that_a_listing_asks(kind: str) -> None:
    record = build.EXAMPLES[kind]()
    item, values = item_of(record), KINDS[kind].attributes_of(record)

    for index in KINDS[kind].indexes:
        value = values[index.partition]
        is_in_it = isinstance(value, str) and values[index.sort] is not None
        assert (partition_key(index) in item) == is_in_it
        if isinstance(value, str) and is_in_it:
            assert item[partition_key(index)]["S"] in list(partitions_of(KINDS[kind], index, value))


def test_what_everybody_shares_is_spread_and_what_is_ones_own_is_not() -> None:
    [everything] = [i for i in KINDS["answer"].indexes if i.name == "expiring"]
    [own] = [i for i in KINDS["booking"].indexes if i.name == "by_buyer"]
    answers = [item_of(build.answer(id=f"answer-{number}"))[partition_key(everything)]["S"] for number in range(200)]

    assert set(answers) == set(partitions_of(KINDS["answer"], everything, "all"))
    assert len(set(answers)) == SPREAD
    assert list(partitions_of(KINDS["booking"], own, "acc_1")) == ["acc_1#0"]


def test_a_saved_record_stays_in_its_partition() -> None:
    answer = build.answer()
    [everything] = KINDS["answer"].indexes

    assert item_of(answer)[partition_key(everything)] == item_of(evolve(answer, version=3))[partition_key(everything)]


def test_what_ends_says_when_it_may_be_removed_a_day_after() -> None:
    session: Any = build.session()

    assert int(item_of(session)[GONE]["N"]) == int((session.expires_at + timedelta(days=1)).timestamp())
    assert GONE not in item_of(build.booking())
    assert GONE not in item_of(build.guess_count(forget_at=None))


def test_only_what_says_no_more_than_none_after_its_end_is_ever_removed() -> None:
    """A hold that has ended, for one, must be given back first."""
    assert {kind.name for kind in KINDS.values() if kind.gone_after} == {
        *("session", "known_device", "challenge", "one_time_token", "rate_count", "guess_count"),
    }


def _noise(length: int) -> str:
    return "".join(random.Random(1).choices(string.ascii_letters, k=length))  # noqa: S311 - no secret


def test_a_long_body_is_compressed_and_reads_the_same() -> None:
    short, long = build.event(description="A night."), build.event(description="A night. " * 2_000)

    assert "S" in item_of(short)["body"]
    assert len(item_of(long)["body"]["B"]) < 2_000
    for event in (short, long):
        assert record_of("event", item_of(event)) == evolve(event, version=1)


def test_what_is_larger_than_an_item_may_be_is_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo_items, "ITEM_BYTES_MAX", 20_000)

    with pytest.raises(ItemTooLarge, match="event evt_1"):
        item_of(build.event(id="evt_1", description=_noise(20_000)))
    assert key_of(build.event(id="evt_1")).id == "evt_1"
