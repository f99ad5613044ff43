"""What we store, to and from JSON: the one converter of all stores."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from attrs import evolve, fields, has
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.msgspec import make_converter
from cattrs.strategies import configure_tagged_union

from application.kinds import KINDS
from application.ports.store import Record
from domain import facts

_NOT_IN_THE_BODY: Final = ("version", "facts")
"""The version has a place of its own beside the body, and facts go to the outbox."""


DECODED_KEPT: Final = 2_048
"""How many decoded records are kept at hand, of a few kilobytes each."""


class StoredDataBroken(Exception):
    """A stored record does not read as what it should be: another version of the program wrote it, or a hand did."""


def _fact_types() -> tuple[type[facts.Fact], ...]:
    return tuple(facts.Fact.__subclasses__())


def _to_instant(value: Any, _: object) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _build() -> Converter:
    converter = make_converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(datetime, lambda at: at.isoformat())
    converter.register_structure_hook(datetime, _to_instant)
    converter.register_unstructure_hook(bytes, lambda data: b64encode(data).decode())
    converter.register_structure_hook(bytes, lambda text, _: b64decode(text))

    def omitted(cls: type[Any]) -> dict[str, Any]:
        names = {attribute.name for attribute in fields(cls)}
        return {name: override(omit=True) for name in _NOT_IN_THE_BODY if name in names}

    converter.register_unstructure_hook_factory(
        has, lambda cls: make_dict_unstructure_fn(cls, converter, **omitted(cls))
    )
    converter.register_structure_hook_factory(
        has, lambda cls: make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **omitted(cls))
    )
    union: Any = _fact_types()[0]
    for fact_type in _fact_types()[1:]:
        union = union | fact_type
    configure_tagged_union(union, converter)
    converter.register_unstructure_hook(facts.Fact, lambda fact: converter.unstructure(fact, unstructure_as=union))
    converter.register_structure_hook(facts.Fact, lambda data, _: converter.structure(data, union))
    return converter


_CONVERTER: Final = _build()


def encode(record: Record) -> str:
    """The body of a record, without its version."""
    encoded: bytes = _CONVERTER.dumps(record)  # type: ignore[attr-defined]  # preconf's own method
    return encoded.decode()


def digest(record: Record) -> str:
    """The SHA-256 of a record's body: the same for the same content, whichever store keeps it."""
    return sha256(encode(record).encode()).hexdigest()


@lru_cache(DECODED_KEPT)
def decode(kind: str, body: str, version: int) -> Record:
    """The record of a body; StoredDataBroken if it is not one.

    Records never change, so the same body may give the same record twice: a hot event is read for every booking.
    """
    try:
        record: Any = _CONVERTER.loads(body, KINDS[kind].type)  # type: ignore[attr-defined]  # preconf's own method
        return evolve(record, version=version)  # type: ignore[no-any-return]  # of the kind's own type
    except Exception as error:
        raise StoredDataBroken(f"a stored {kind} cannot be read: {error}") from error
