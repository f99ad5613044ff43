"""Making AWS be as described: what differs is changed, what agrees is left alone, and both are told."""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen


@frozen
class Aspect:
    """One thing at AWS that can be looked at and set, and how it shall be."""

    name: str
    wanted: Any
    read: Callable[[], Any]
    """As it is, in the form of `wanted`; None if it is not there."""
    write: Callable[[], Any]
    """Set it as wanted. Doing it again changes nothing."""


def differing(aspects: Iterable[Aspect]) -> tuple[Aspect, ...]:
    """Those that are not as wanted."""
    return tuple(aspect for aspect in aspects if aspect.read() != aspect.wanted)


def bring_about(aspects: Iterable[Aspect]) -> tuple[str, ...]:
    """Set what differs, in order; the names of what was changed. Asked again, it changes nothing."""
    changed = []
    for aspect in aspects:
        if differing((aspect,)):
            aspect.write()
            changed.append(aspect.name)
    return tuple(changed)
