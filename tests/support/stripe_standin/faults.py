"""The stand-in's bad days."""

from collections.abc import Collection
from enum import StrEnum

from attrs import define

from tests.support.patience import HANGS_S


class Fault(StrEnum):
    """What befalls a request. `after`: it was done all the same."""

    TIME_OUT_BEFORE = "time_out_before"
    TIME_OUT_AFTER = "time_out_after"
    ERROR_BEFORE = "error_before"
    ERROR_SAVED_BEFORE = "error_saved_before"
    """A failure inside, before anything was done; it is kept under the key, and repeated."""
    ERROR_AFTER = "error_after"
    """The same after it was done."""
    THROTTLE = "throttle"
    GARBAGE_AFTER = "garbage_after"


@define(eq=False)
class Faults:
    """Strikes the next request of the methods, once."""

    next: Fault | None = None
    methods: Collection[str] = ("GET", "POST")
    hold_s: float = HANGS_S

    def take(self, method: str) -> Fault | None:
        if self.next is None or method not in self.methods:
            return None
        fault, self.next = self.next, None
        return fault
