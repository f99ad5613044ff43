"""An allotment in DynamoDB: one counter item, or several over which its places are spread.

An item takes about 500 transactions a second. What sells faster is spread; which counter a place is taken from is
nobody's concern, and all that is promised is promised of their sum.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from adapters.aws.dynamo_line import Item
from domain.allotment import CAPACITY_MAX, Allotment, AllotmentChange
from domain.ids import AllotmentId

Counters = tuple[Allotment, ...]
"""All counters of one allotment, the first of which has its id."""

_NAMES: Final = {f"#{name}": name for name in ("id", "capacity", "held", "sold", "available")}


def counter_id(allotment_id: AllotmentId, number: int) -> str:
    return allotment_id if number == 0 else f"{allotment_id}#{number}"


def counter_ids(allotment_id: AllotmentId, counters: int) -> list[str]:
    return [counter_id(allotment_id, number) for number in range(counters)]


def counter_of(item: Item) -> Allotment:
    held, sold = int(item["held"]["N"]), int(item["sold"]["N"])
    return Allotment(AllotmentId(item["id"]["S"]), int(item["capacity"]["N"]), held, sold)


def spread_of(item: Item) -> int:
    """Over how many counters the allotment of its first item is spread."""
    return int(item["counters"]["N"])


def total(allotment_id: AllotmentId, counters: Iterable[Allotment]) -> Allotment:
    """The allotment that these counters make up."""
    counters = tuple(counters)
    return Allotment(allotment_id, *(sum(getattr(c, name) for c in counters) for name in ("capacity", "held", "sold")))


def opened(allotment: Allotment, spread: int) -> Counters:
    """A new allotment over so many counters, as evenly as it goes."""
    ids = counter_ids(allotment.id, spread)
    empty = tuple(Allotment(AllotmentId(one), 0) for one in ids)
    return moved(empty, allotment)


def moved(counters: Counters, to: Allotment) -> Counters:
    """The counters after a change, in each of which as much is taken as there is, at most.

    First what is freed, then places that come or go, then what is taken: so there is always room if the sum has room.
    """
    changed = list(counters)
    now = total(to.id, counters)
    _free(changed, "held", now.held - to.held)
    _free(changed, "sold", now.sold - to.sold)
    _resize(changed, to.capacity - now.capacity)
    _take(changed, "held", to.held - now.held)
    _take(changed, "sold", to.sold - now.sold)
    return tuple(changed)


def _free(counters: list[Allotment], name: str, units: int) -> None:
    for at, counter in enumerate(counters):
        part = max(0, min(getattr(counter, name), units))
        counters[at] = evolve(counter, **{name: getattr(counter, name) - part})
        units -= part


def _resize(counters: list[Allotment], units: int) -> None:
    if units < 0:
        for at, counter in enumerate(counters):
            part = min(counter.available, -units)
            counters[at] = evolve(counter, capacity=counter.capacity - part)
            units += part
    share, rest = divmod(max(0, units), len(counters))
    for at, counter in enumerate(counters):
        counters[at] = evolve(counter, capacity=counter.capacity + share + (at < rest))


def _take(counters: list[Allotment], name: str, units: int) -> None:
    # From the fullest first, so that a booking touches few.
    for at in sorted(range(len(counters)), key=lambda at: -counters[at].available):
        part = max(0, min(counters[at].available, units))
        counters[at] = evolve(counters[at], **{name: getattr(counters[at], name) + part})
        units -= part


@frozen
class Need:
    """What a counter must have so that changes in this order all keep their promise, and what they come to."""

    available: int
    held: int
    sold: int
    capacity_most: int
    change: AllotmentChange

    @classmethod
    def of(cls, changes: Sequence[AllotmentChange]) -> "Need":
        held = sold = capacity = 0
        lows = [(0, 0, 0, 0)]
        for change in changes:
            held, sold, capacity = held + change.held, sold + change.sold, capacity + change.capacity
            lows.append((held + sold - capacity, -held, -sold, capacity))
        available, least_held, least_sold, grown = (max(column) for column in zip(*lows, strict=True))
        total_change = AllotmentChange(changes[0].allotment_id, held, sold, capacity)
        return cls(available, least_held, least_sold, CAPACITY_MAX - grown, total_change)

    def is_met_by(self, counter: Allotment) -> bool:
        return (
            counter.available >= self.available
            and counter.held >= self.held
            and counter.sold >= self.sold
            and counter.capacity <= self.capacity_most
        )

    @property
    def conditions(self) -> list[str]:
        return ["#available >= :least_available", "#held >= :least_held", "#sold >= :least_sold"]

    @property
    def values(self) -> dict[str, int]:
        return {":least_available": self.available, ":least_held": self.held, ":least_sold": self.sold}


def put(table: str, counter: Allotment, before: Allotment | None, spread: int) -> Item:
    """Write a counter that must stand as it did before; None: that must not exist."""
    item = {
        "id": {"S": counter.id},
        **_numbers({"capacity": counter.capacity, "held": counter.held, "sold": counter.sold}),
        **_numbers({"available": counter.available, "counters": spread}),
    }
    return {"Put": {"TableName": table, "Item": item, **_as_before(before)}}


def check(table: str, counter: Allotment) -> Item:
    """A counter must still stand so, though it is not changed."""
    return {"ConditionCheck": {"TableName": table, "Key": {"id": {"S": counter.id}}, **_as_before(counter)}}


def add(table: str, record_id: str, need: Need) -> Item:
    """Change a counter by as much, if it has what is needed; how it stands otherwise does not matter."""
    change = need.change
    moves = {"capacity": change.capacity, "held": change.held, "sold": change.sold}
    moves["available"] = change.capacity - change.held - change.sold
    wanted = ["attribute_exists(#id)", *need.conditions, "#capacity <= :most_capacity"]
    values = {**need.values, ":most_capacity": need.capacity_most, **{f":{name}": by for name, by in moves.items()}}
    return {
        "Update": {
            "TableName": table,
            "Key": {"id": {"S": record_id}},
            "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in moves),
            **_if(" AND ".join(wanted), _NAMES, values),
        }
    }


def raise_or_open(table: str, record_id: str, need: Need, ceiling: int) -> Item:
    """Change a counter by as much if its capacity is the ceiling and it has what is needed; open it if it is missing.

    Who asks must know that one that is opened has what is needed.
    """
    change = need.change
    sets = [
        "#capacity = :ceiling",
        "#counters = :one",
        *(f"#{name} = if_not_exists(#{name}, :zero) + :{name}" for name in ("held", "sold")),
        "#available = if_not_exists(#available, :ceiling) - :taken",
    ]
    as_it_is = " AND ".join(["#capacity = :ceiling", *need.conditions])
    values = {":ceiling": ceiling, ":one": 1, ":zero": 0, ":taken": change.held + change.sold}
    return {
        "Update": {
            "TableName": table,
            "Key": {"id": {"S": record_id}},
            "UpdateExpression": "SET " + ", ".join(sets),
            **_if(
                f"attribute_not_exists(#id) OR ({as_it_is})",
                {**_NAMES, "#counters": "counters"},
                {**values, ":held": change.held, ":sold": change.sold, **need.values},
            ),
        }
    }


def _as_before(before: Allotment | None) -> dict[str, Any]:
    if before is None:
        return _if("attribute_not_exists(#id)", {"#id": "id"}, {})
    names = ("capacity", "held", "sold")
    return _if(
        " AND ".join(f"#{name} = :{name}" for name in names),
        {f"#{name}": name for name in names},
        {f":{name}": getattr(before, name) for name in names},
    )


def _if(condition: str, names: dict[str, str], values: dict[str, int]) -> dict[str, Any]:
    clause: dict[str, Any] = {
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return {**clause, "ExpressionAttributeValues": _numbers(values)} if values else clause


def _numbers(values: dict[str, int]) -> dict[str, Any]:
    return {name: {"N": str(value)} for name, value in values.items()}
