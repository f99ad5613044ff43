"""Places spread over counters: pure arithmetic, whose sum is all that anybody may notice."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapters.aws.dynamo_counters import Counters, Need, counter_id, moved, opened, total
from adapters.persistence.deciding import apply
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId

PLACES = AllotmentId("alt_places")


@st.composite
def spread_places(draw: st.DrawFn) -> Counters:
    counts = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
    return tuple(
        Allotment(AllotmentId(counter_id(PLACES, number)), free + held + sold, held, sold)
        for number, (free, held, sold) in enumerate(draw(st.lists(counts, min_size=1, max_size=5)))
    )


moves = st.builds(
    AllotmentChange, st.just(PLACES), st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9), st.none()
)


@given(spread_places(), moves)
def test_whatever_the_sum_allows_the_counters_can_do(counters: Counters, change: AllotmentChange) -> None:
    after = apply(change, total(PLACES, counters))
    assume(isinstance(after, Allotment))
    assert isinstance(after, Allotment)

    changed = moved(counters, after)

    assert total(PLACES, changed) == after
    assert [counter.id for counter in changed] == [counter.id for counter in counters]
    assert all(0 <= counter.taken <= counter.capacity for counter in changed)


@given(st.integers(0, 100), st.integers(0, 50), st.integers(1, 16))
def test_a_new_allotment_is_spread_evenly(free: int, held: int, spread: int) -> None:
    counters = opened(Allotment(PLACES, free + held, held), spread)

    assert total(PLACES, counters) == Allotment(PLACES, free + held, held)
    capacities = [counter.capacity for counter in counters]
    assert max(capacities) - min(capacities) <= 1


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.lists(moves, min_size=1, max_size=4))
@example(0, 1, 0, [AllotmentChange(PLACES, held=1), AllotmentChange(PLACES, held=-1)])
def test_what_changes_need_is_neither_more_nor_less_than_that_each_keeps_its_promise(
    free: int, held: int, sold: int, changes: list[AllotmentChange]
) -> None:
    before = Allotment(PLACES, free + held + sold, held, sold)
    need = Need.of(changes)

    stands: object = before
    for change in changes:
        stands = apply(change, stands) if isinstance(stands, Allotment) else stands

    assert need.is_met_by(before) == isinstance(stands, Allotment)
    if isinstance(stands, Allotment):
        assert apply(need.change, before) == stands
