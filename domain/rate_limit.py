"""How often is too often: the generic cell rate algorithm, as a pure rule."""

from datetime import datetime, timedelta
from typing import Self

from attrs import field, frozen

from domain.checks import whole
from domain.errors import DomainError, InvalidValue

_ONE: timedelta = timedelta(seconds=1)


class LimitReached(DomainError):
    """That was too often: wait."""

    code = "too_many_requests"

    def __init__(self, words: str, wait: timedelta) -> None:
        super().__init__(words)
        self.wait = wait
        """How long until it passes, if nothing else comes meanwhile."""

    @property
    def wait_s(self) -> int:
        """In whole seconds, after which it does pass."""
        return max(1, -(-self.wait // _ONE))

    @classmethod
    def after(cls, wait: timedelta) -> Self:
        error = cls("", wait)
        error.args = (f"that was too often: try again in {error.wait_s} s",)
        return error


@frozen
class Rate:
    """So many in a span, all at once if need be, and then one for each equal part of the span.

    This is the virtual scheduling form of the generic cell rate algorithm of ITU-T Recommendation I.371 (annex A), with
    the increment T = span / count and the tolerance (count - 1) * T. All that is kept of a key is one instant, the
    theoretical arrival time of the next: from then on it is as if nothing had ever come.
    """

    count: int = field(validator=whole(1, 1_000_000))
    span: timedelta

    def __attrs_post_init__(self) -> None:
        if self.interval <= timedelta(0):
            raise InvalidValue("a rate has a span of time")

    @property
    def interval(self) -> timedelta:
        """After which one more may come."""
        return self.span / self.count

    def take(self, expected: datetime | None, at: datetime) -> datetime:
        """The theoretical arrival time of the next after one that comes now; LimitReached if this one is too early."""
        interval = self.interval
        # A clock that was put back must not lock anybody out for as long as it was wrong.
        due = at if expected is None else min(max(expected, at), at + interval * self.count)
        wait = due - interval * (self.count - 1) - at
        if wait > timedelta(0):
            raise LimitReached.after(wait)
        return due + interval
