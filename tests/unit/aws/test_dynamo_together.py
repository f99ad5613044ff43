"""Which sets of a batch wait for each other, and which facts a refusal is made of."""

from adapters.aws.dynamo_committing import apart
from adapters.aws.dynamo_facts import Action, Facts
from adapters.persistence.deciding import decide
from application.kinds import ALLOTMENT
from application.ports.store import ChangeSet, Committed, Duplicate, Expect, Key, Refused, Stale
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId
from tests import build

PLACES = AllotmentId("alt_1")


def test_sets_that_share_a_thing_stay_together_in_their_order() -> None:
    claim = build.claim()
    batch = [
        ChangeSet((claim,)),
        ChangeSet(changes=(AllotmentChange(PLACES, held=1),)),
        ChangeSet((build.claim(),)),
        ChangeSet(expects=(Expect("claim", claim.id, 1),)),
        ChangeSet((build.claim(),), changes=(AllotmentChange(PLACES, held=1),)),
        ChangeSet(expects=(Expect("claim", claim.id, 1),), changes=(AllotmentChange(PLACES, held=1),)),
    ]

    assert sorted(apart(batch)) == [[0, 1, 3, 4, 5], [2]]
    assert sorted(apart(batch[:5])) == [[0, 3], [1, 4], [2]]


def test_at_first_everybody_is_presumed_to_be_right() -> None:
    claim = build.claim(version=4)
    sets = [
        ChangeSet((build.session(),), saves=(claim,), changes=(AllotmentChange(PLACES, held=500, sold=-500),)),
        ChangeSet(changes=(AllotmentChange(AllotmentId("limit/a/b"), held=2, ceiling=2),)),
    ]

    assert decide(sets, Facts().shelf(sets)) == [Committed()] * 2


def test_nobody_is_refused_on_a_presumption() -> None:
    claim = build.claim()
    saves = [build.claim(id=claim.id, version=version) for version in (1, 7)]
    sets = [ChangeSet(saves=(saves[0],)), ChangeSet((build.session(id="s"),), saves=(saves[1],))]
    facts = Facts()

    outcomes = decide(sets, facts.shelf(sets))

    assert outcomes == [Committed(), Stale(Key("claim", claim.id))]
    assert facts.unknown(sets, outcomes) == ([], [Key("session", "s"), Key("claim", claim.id)])


def test_a_cancelled_transaction_says_how_all_of_it_stood() -> None:
    (claim, session) = (build.claim(id="c"), build.session(id="s"))
    sets = [ChangeSet((claim, session), changes=(AllotmentChange(PLACES, held=2),))]
    counter = {"id": {"S": PLACES}, **{n: {"N": str(v)} for n, v in {"capacity": 1, "held": 0, "sold": 0}.items()}}
    facts = Facts()
    actions = [Action({}, Key("claim", "c")), Action({}, Key("session", "s")), Action({}, Key(ALLOTMENT, PLACES))]
    failed = "ConditionalCheckFailed"

    facts.learn(
        actions, [{"Code": "None"}, {"Code": "None"}, {"Code": failed, "Item": {**counter, "counters": {"N": "1"}}}]
    )
    outcomes = decide(sets, facts.shelf(sets))
    assert outcomes == [Refused(Allotment(PLACES, 1))]
    assert facts.unknown(sets, outcomes) == ([], [])

    facts.learn(actions, [{"Code": failed, "Item": {"version": {"N": "1"}}}, {"Code": "None"}, {"Code": "None"}])
    assert decide(sets, facts.shelf(sets)) == [Duplicate(Key("claim", "c"))]


def test_one_counter_without_room_means_that_all_must_be_looked_at() -> None:
    item = {"id": {"S": "alt_1#3"}, "counters": {"N": "8"}}
    facts = Facts()

    facts.learn([Action({}, Key(ALLOTMENT, PLACES), 3)], [{"Code": "ConditionalCheckFailed", "Item": item}])

    assert facts.unknown([], []) == ([PLACES], [])
