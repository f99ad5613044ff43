"""What a booking takes on DynamoDB, and what one event can take in a second. A test counts it anew."""

from typing import Final

from attrs import frozen

from adapters.aws.dynamo_guards import GUARDS

PARTITION_WRITES_S: Final = 1_000
"""So many write units a second one partition takes, so also one item."""
ACTIONS_MAX: Final = 100
"""The most items of one transaction."""
NEW_TABLE_WRITES_S: Final = 4_000
"""What a table takes from its first day; twice its highest peak after that, up to the quota of the account."""
TABLE_WRITES_S: Final = 40_000
"""The quota of one table, which AWS raises when asked."""


@frozen
class Step:
    """What one part of a booking is charged for, each set in a transaction of its own."""

    told: str
    transactions: int
    items: int
    writes: int
    reads: int


STEPS: Final = (
    Step("hold two places", 1, 3, 12, 0),
    Step("start a payment", 2, 4, 21, 3),
    Step("hear that it was paid", 1, 2, 11, 0),
    Step("confirm, book the money, make two tickets, send mail", 7, 18, 77, 36),
)
BOOKING: Final = Step(
    "a booking in all", *(sum(getattr(step, n) for step in STEPS) for n in ("transactions", "items", "writes", "reads"))
)
STORED_BYTES: Final = 9_007
"""What such a booking leaves in the tables."""
LOOK_READS: Final = 4
"""Read units of one look for work, which each process takes every second while there is none."""
COUNTER_WRITES: Final = 2
GUARD_WRITES: Final = 2
"""That the event is unchanged is a condition, charged as a write of one of its guards."""
BOOKING_WRITES: Final = STEPS[0].writes - COUNTER_WRITES - GUARD_WRITES
"""The booking with its places in the indexes."""
BOOKING_ITEM_WRITES: Final = 4
"""The same without its indexes, which are tables of their own."""


@frozen
class Ceiling:
    """The most bookings of one event in a second, and what stops more."""

    bookings_s: int
    stopped_by: str


def together(counters: int) -> int:
    """How many bookings of one event fit into one transaction: each is an item, and guard and counters are shared."""
    return ACTIONS_MAX - 1 - counters


def ceiling(counters: int = 1, in_one: int = 1, table_writes_s: int = TABLE_WRITES_S) -> Ceiling:
    """With places spread over so many counters, and so many bookings in one transaction."""
    rates = {
        "the counters": counters * PARTITION_WRITES_S // COUNTER_WRITES * in_one,
        "the event": GUARDS * PARTITION_WRITES_S // GUARD_WRITES * in_one,
        "the table of bookings": table_writes_s // BOOKING_ITEM_WRITES,
    }
    stopped_by = min(rates, key=lambda name: rates[name])
    return Ceiling(rates[stopped_by], stopped_by)
