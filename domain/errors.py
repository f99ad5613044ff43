"""Broken rules. Each has a stable `code` for programs and a message for people; none knows HTTP."""

from typing import ClassVar


class DomainError(Exception):
    """A rule of the business says no."""

    code: ClassVar[str] = "refused"


class InvalidValue(DomainError):
    """A value that can never be right, whatever the state of the world."""

    code = "invalid_value"


class NotAllowedNow(DomainError):
    """The deed is known, but not in this state."""

    code = "not_allowed_now"
