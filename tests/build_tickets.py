"""Ticket codes, keys and forgers for tests."""

import pkgutil
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final, get_type_hints

from attrs import evolve, frozen

import adapters.tickets
from adapters.tickets import memory_key_ring, sealer
from adapters.tickets.key_ring import StoredKeyRing
from adapters.tickets.key_source import TicketKeys
from application.ports.ticket_codes import KeyInfo, KeyPurpose, KeyState, TicketSealer
from domain.ids import AccountId, BookingId, EventId, TicketId, make_id
from domain.ticket_code import CodeKind, TicketCode
from tests.support.seeded_randomness import SeededRandomness

AT: Final = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
LATER: Final = AT + timedelta(days=1)


@frozen
class FixedKeys:
    """A key source that never changes."""

    fixed: TicketKeys

    def keys(self) -> TicketKeys:
        return self.fixed

    def look_again(self) -> bool:
        return False


def numbered_id(prefix: str, number: int) -> str:
    return make_id(prefix, random.Random(f"{prefix} {number}").randbytes(16))  # noqa: S311 - not a secret


EVENT: Final = EventId(numbered_id("evt", 1))
OTHER_EVENT: Final = EventId(numbered_id("evt", 2))


def ticket_code(number: int = 1, **changes: Any) -> TicketCode:
    """A ticket for EVENT."""
    code = TicketCode(
        kind=CodeKind.TICKET,
        event_id=EVENT,
        subject=TicketId(numbered_id("tkt", number)),
        admits=1,
        generation=1,
        valid_from=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        valid_until=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        booking_id=BookingId(numbered_id("bkg", number)),
        account_id=AccountId(numbered_id("acc", number)),
    )
    return evolve(code, **changes)


def group_code(number: int = 1, admits: int = 7) -> TicketCode:
    """A code for several tickets of one booking."""
    booking_id = BookingId(numbered_id("bkg", number))
    return ticket_code(number, kind=CodeKind.GROUP, subject=booking_id, admits=admits)


def ring_and_sealer(seed: int = 1) -> tuple[StoredKeyRing, TicketSealer]:
    """A sealer over a ring in memory."""
    randomness = SeededRandomness(seed)
    ring = memory_key_ring.build(randomness, AT)
    return ring, sealer.build(ring, randomness)


def states(infos: Sequence[KeyInfo], purpose: KeyPurpose) -> Mapping[int, KeyState]:
    return {info.id: info.state for info in infos if info.purpose is purpose}


def shipped(port: type) -> set[str]:
    """The modules of adapters.tickets whose `build` makes one of these."""
    modules = [
        import_module(f"adapters.tickets.{info.name}") for info in pkgutil.iter_modules(adapters.tickets.__path__)
    ]
    makers = {module.__name__.rpartition(".")[2]: module.build for module in modules if hasattr(module, "build")}
    return {name for name, build in makers.items() if _makes(build, port)}


def _makes(build: object, port: type) -> bool:
    made: type = get_type_hints(build)["return"]
    return made is port or port in made.__mro__
