"""How it is said what a record is found by: attributes, indexes and kinds of record."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from application.ports.store import Record

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS: Final = 1_000_000


def microseconds(at: datetime) -> int:
    """An instant as whole microseconds since 1970, the form in which stores sort it."""
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * _MICROSECONDS + passed.microseconds


def bound(at: datetime | None) -> int | None:
    """An instant at which a listing begins or ends; None where it has no such end."""
    return None if at is None else microseconds(at)


@frozen
class Attribute:
    """Something that a listing asks for: a text or a whole number, or None where the record has no such thing."""

    name: str
    type: type[str] | type[int]
    of: Callable[[Any], str | int | None]
    is_common: bool = False
    """Whether so many records have the same that a store on many machines had better spread them."""


@frozen
class Index:
    """Records of one partition value, in the order of a numeric sort attribute and then of the id.

    A record whose partition or sort attribute is None is not in the index.
    """

    name: str
    partition: str
    sort: str


@frozen
class Kind:
    """One sort of record."""

    name: str
    type: type[Any]
    attributes: tuple[Attribute, ...] = ()
    indexes: tuple[Index, ...] = ()
    only_grows: bool = False
    """Whether what was stored stays as it is, for good: no store changes or deletes one."""
    is_watched: bool = False
    """Whether very many sets at once expect a record unchanged: a store on many machines had better let them look at
    copies of its version."""
    gone_after: str | None = None
    """The instant, an attribute, after which a record says no more than none: a store may remove it by itself."""

    def index(self, name: str) -> Index:
        return next(index for index in self.indexes if index.name == name)

    def attributes_of(self, record: Record) -> dict[str, str | int | None]:
        """What this record is found by."""
        return {attribute.name: attribute.of(record) for attribute in self.attributes}


def text(name: str, of: Callable[[Any], str | None] | None = None, *, is_common: bool = False) -> Attribute:
    """A text to be found by: the record's own of that name, unless `of` tells."""
    return Attribute(name, str, of or (lambda record: getattr(record, name)), is_common)


def time(name: str, of: Callable[[Any], datetime | None] | None = None) -> Attribute:
    """An instant to be found by, in microseconds."""
    get = of or (lambda record: getattr(record, name))

    def value(record: Any) -> int | None:
        return bound(get(record))

    return Attribute(name, int, value)


def number(name: str) -> Attribute:
    """A whole number of the record's own."""
    return Attribute(name, int, lambda record: getattr(record, name))


def always(name: str) -> Attribute:
    """For lists of everything, in one partition."""
    return Attribute(name, str, lambda _: "all", is_common=True)


def searchable(words: Iterable[str]) -> str:
    """Text in the one form in which it is searched."""
    return " ".join(words).casefold()
