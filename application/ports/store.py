"""The port to whatever keeps our records. It promises what the weakest store can keep, and no more."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from attrs import field, frozen

from application.errors import StoreUnavailable
from application.paging import Page
from domain.allotment import Allotment, AllotmentChange
from domain.ids import AllotmentId

__all__ = [
    "PAGE_MAX",
    "WRITES_MAX",
    "ChangeSet",
    "Committed",
    "Duplicate",
    "Expect",
    "Key",
    "Listing",
    "OnlyGrows",
    "Outcome",
    "Page",
    "Record",
    "Refused",
    "Stale",
    "Store",
    "StoreUnavailable",
]

WRITES_MAX = 90
"""The most writes in one ChangeSet: what a DynamoDB transaction carries, with room for the store's own."""
PAGE_MAX = 100


class Record(Protocol):
    """Anything that is stored: an identifier, and how often it was stored (0: never)."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...


class Key(NamedTuple):
    """The name of one record, or of one allotment under kind "allotment"."""

    kind: str
    id: str


@frozen
class Expect:
    """A record that must still have the version that was read, though it is not changed."""

    kind: str
    id: str
    version: int


@frozen
class ChangeSet:
    """What happens together or not at all."""

    inserts: tuple[Record, ...] = ()
    """Must not exist yet."""
    saves: tuple[Record, ...] = ()
    """Must still have the version that each carries; they are stored with the next one."""
    deletes: tuple[Record, ...] = ()
    """Must still have the version that each carries."""
    expects: tuple[Expect, ...] = ()
    allotments: tuple[Allotment, ...] = ()
    """Opened here; must not exist yet."""
    changes: tuple[AllotmentChange, ...] = ()
    """At most one for each allotment."""

    @property
    def size(self) -> int:
        parts = (self.inserts, self.saves, self.deletes, self.expects, self.allotments, self.changes)
        return sum(map(len, parts))


class OnlyGrows(Exception):
    """A mistake of ours: a set would change or delete a record of a kind to which records are only ever added."""


@frozen
class Committed:
    """All of it is stored, and stays so through a crash."""


@frozen
class Refused:
    """Nothing of it is stored: the places of an allotment do not suffice."""

    allotment: Allotment
    """As it stood when it refused."""


@frozen
class Stale:
    """Nothing of it is stored: a record changed since it was read, or is gone."""

    key: Key


@frozen
class Duplicate:
    """Nothing of it is stored: a record that was to be inserted exists."""

    key: Key


Outcome = Committed | Refused | Stale | Duplicate


@frozen
class Listing:
    """A question to an index: the records of one partition, in the order of the index, a page at a time.

    `least` and `below` bound the sort attribute, the second exclusively.
    `equal` and `containing` sieve further by attributes of the kind; `containing` looks for a word in a text.
    """

    kind: str
    index: str
    partition: str
    least: int | None = None
    below: int | None = None
    descending: bool = False
    equal: Mapping[str, str | int] = field(factory=dict)
    containing: Mapping[str, tuple[str, ...]] = field(factory=dict)
    limit: int = PAGE_MAX
    after: str | None = None
    """The `next_cursor` of the page before."""

    def __attrs_post_init__(self) -> None:
        assert 1 <= self.limit <= PAGE_MAX, "a page has 1 to 100 records"


class Store(Protocol):
    """Keeps records and allotments.

    Reads see every commit that was acknowledged before they began, except listings, which may lag.
    StoreUnavailable from any call means that the store did not answer.
    """

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        """The records of these keys, without those that do not exist."""

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        """The allotments of these ids, without those that do not exist."""

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        """Try each set, each all or nothing, with one outcome for each in its place.

        Sets of one batch may share a transaction. When places run short, those that come first in the batch win.
        A set that would be refused for several reasons answers Duplicate before Stale before Refused.
        OnlyGrows, and nothing of the set is stored, if it saves or deletes what must stay as it is: see `kinds`.
        """

    async def list(self, listing: Listing) -> Page[Record]:
        """One page. It may lag behind commits; what decides is read again with `get`."""

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        """Those of these records that lists find by something else than the record says: one may miss them.

        A store that keeps nothing beside its records has none, and no commit ever makes one. It is for records that
        somebody wrote past the store.
        """

    async def ping(self) -> None:
        """Return if the store answers."""

    async def close(self) -> None:
        """Give back what was opened. Commits under way end first."""
