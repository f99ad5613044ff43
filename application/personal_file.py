"""The form of an export: records as plain JSON values, in which nobody else is named."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import fields, has

from application.kinds import KINDS
from application.personal_data import PERSONAL_DATA
from domain.identity_document import IdentityDocument
from domain.ids import AccountId
from domain.money import Money
from domain.second_factors import SecondFactors

FORMAT: Final = "relexbooking.personal-data"
FORM: Final = 1
"""Rises when a reader of an earlier form would misread the file."""
ELSE: Final = "(somebody else)"
OPERATOR: Final = "(an operator)"

Document = dict[str, Any]

_ID: Final = re.compile(r"\b([a-z]{3})_[0-9a-z]{26}\b")
_PERSON: Final = "acc"
_AT_DESK: Final = re.compile(r"cli:\S+")
_NOT_TOLD: Final = frozenset({"version", "facts"})


def plain(value: Any) -> Any:
    """What JSON takes. Bytes are none of a person's business, and no field with such may be told."""
    match value:
        case Money():
            return {"amount": value.decimal(), "amount_minor": value.amount_minor, "currency": value.currency}
        case datetime():
            return value.isoformat()
        case str():
            return str(value)
        case None | bool() | int():
            return value
        case tuple() | frozenset():
            items = [plain(item) for item in value]
            return sorted(items) if isinstance(value, frozenset) else items
    assert has(type(value)), f"{type(value).__name__} has no plain form"
    return {field.name: plain(getattr(value, field.name)) for field in fields(type(value))}


def told(kind: str, record: Any) -> Document:
    """What an export tells of one record."""
    shape = _SHAPES.get(kind)
    return shape(record) if shape else {name: plain(getattr(record, name)) for name in PERSONAL_DATA[kind].told}


def _factors(record: SecondFactors) -> Document:
    """That they are there, and never what can be signed in with."""
    passkeys = [
        {"name": known.name, "added_at": plain(known.added_at), "last_used_at": plain(known.last_used_at)}
        for known in record.passkeys
    ]
    app = plain(record.totp.confirmed_at) if record.totp else None
    return {"app_since": app, "passkeys": passkeys, "recovery_codes_left": len(record.recovery_codes)}


def _document(record: IdentityDocument) -> Document:
    return {
        "id": record.id,
        "request_id": record.request_id,
        "type": str(record.type),
        "number": record.masked,
        "sides": [str(file.side) for file in record.files],
        "added_at": plain(record.added_at),
    }


_SHAPES: Final[Mapping[str, Callable[[Any], Document]]] = {"second_factors": _factors, "kyc_document": _document}


def kinds_told() -> list[str]:
    """In the order in which they are stored."""
    return [kind for kind in KINDS if PERSONAL_DATA[kind].told]


def without_others(account_id: AccountId, document: Document, traces: Iterable[str] = ("audit",)) -> Document:
    """The same, in which only the person has a number.

    In the traces of deeds, things of others lose theirs too: a booking that the person looked at as an organizer is
    somebody's.
    """
    parts = frozenset(traces)
    own = {
        found[0]
        for name, part in document.items()
        if name not in parts
        for text in _texts(part)
        for found in _ID.finditer(text)
        if found[1] != _PERSON
    } | {account_id}
    own |= {record["id"] for name in parts for record in document.get(name, ())}
    return {
        name: _masked(part, lambda number: number in own)
        if name in parts
        else _masked(part, lambda number: number == account_id or not number.startswith(_PERSON))
        for name, part in document.items()
    }


def _texts(value: Any) -> Iterable[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _masked(value: Any, is_own: Callable[[str], bool]) -> Any:
    match value:
        case str():
            at_desk = _AT_DESK.sub(OPERATOR, value)
            return _ID.sub(lambda found: found[0] if is_own(found[0]) else ELSE, at_desk)
        case dict():
            return {name: _masked(item, is_own) for name, item in value.items()}
        case list():
            return [_masked(item, is_own) for item in value]
        case _:
            return value
