"""How a command ends, for scripts: one number for each kind of error."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    NOT_ALLOWED = 5
    UNAVAILABLE = 6
    WRONG_SETTING = 7


MEANING: Final[Mapping[Exit, str]] = {
    Exit.OK: "done",
    Exit.UNEXPECTED: "an error of ours, a question answered with no, or something that was looked at is wrong",
    Exit.USAGE: "the command or a value in it is not right",
    Exit.NOT_FOUND: "what was named does not exist",
    Exit.REFUSED: "a rule of the business says no; also a refused scan",
    Exit.NOT_ALLOWED: "this person may not do that",
    Exit.UNAVAILABLE: "the store or a provider of payments, mail or identity does not answer: try again",
    Exit.WRONG_SETTING: "a setting, a file or the schema must be mended first; the message says how",
}


def table() -> str:
    """The exit codes as --help and the documentation show them."""
    return "\n".join(f"  {code.value}  {meaning}" for code, meaning in MEANING.items())


def exit_of(error: Exception, of_the_wiring: Mapping[type[Exception], Exit]) -> Exit:
    """The code for an error: that of its closest ancestor that has one; UNEXPECTED without any.

    `of_the_wiring` knows those errors that only adapters raise.
    """
    known = _of_the_application() | dict(of_the_wiring)
    for ancestor in type(error).__mro__:
        if ancestor in known:
            return known[ancestor]
    return Exit.UNEXPECTED


def _of_the_application() -> dict[type[Exception], Exit]:
    # Only a command that failed pays for these imports.
    from adapters.setting_checks import WrongSetting  # noqa: PLC0415 - only a failure pays for it
    from application.errors import NotFound, PaymentUnavailable, SignInRequired  # noqa: PLC0415 - only a failure pays for it
    from application.ports.credentials import IdentityUnavailable  # noqa: PLC0415 - only a failure pays for it
    from application.ports.ticket_codes import NoSuchKey  # noqa: PLC0415 - only a failure pays for it
    from domain.account import AccountDisabled, NotAllowed  # noqa: PLC0415 - only a failure pays for it
    from domain.errors import DomainError, InvalidValue  # noqa: PLC0415 - only a failure pays for it
    from domain.event import PublishingNeedsApproval  # noqa: PLC0415 - only a failure pays for it

    return {
        DomainError: Exit.REFUSED,
        InvalidValue: Exit.USAGE,
        NotFound: Exit.NOT_FOUND,
        NoSuchKey: Exit.NOT_FOUND,
        NotAllowed: Exit.NOT_ALLOWED,
        SignInRequired: Exit.NOT_ALLOWED,
        AccountDisabled: Exit.NOT_ALLOWED,
        PublishingNeedsApproval: Exit.NOT_ALLOWED,
        PaymentUnavailable: Exit.UNAVAILABLE,
        IdentityUnavailable: Exit.UNAVAILABLE,
        WrongSetting: Exit.WRONG_SETTING,
    }
