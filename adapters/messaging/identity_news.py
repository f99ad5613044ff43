"""What becomes of an identity check, in words: a subject, and how the letter goes on after the name."""

from datetime import datetime
from typing import Final

from domain.account import Account, KycStatus

_IDENTITY_CHECK: Final = {
    KycStatus.APPROVED: ("You can publish events now", "your identity was checked: you can publish events now."),
    KycStatus.REJECTED: (
        "Your request to publish events was declined",
        "we could not approve your request to publish events. Your request says why; you may send a new one.",
    ),
    KycStatus.NEEDS_INFO: (
        "We need more for your request to publish events",
        "we cannot decide on your request yet. It says what is missing: add it there, and tell us.",
    ),
    KycStatus.EXPIRED: (
        "Your approval to publish events has ended",
        "the check of your identity has ended with time. Your events go on; to publish more, send a new request.",
    ),
    KycStatus.REVOKED: (
        "Your approval to publish events was withdrawn",
        "an administrator has withdrawn the approval of your identity. Your request says why.",
    ),
}
_OTHERWISE: Final = ("News of your request to publish events", "there is news of your request.")


def news_of(account: Account, status: KycStatus) -> tuple[str, str]:
    """What somebody decided, or time did."""
    if status is KycStatus.REJECTED and account.kyc is KycStatus.APPROVED:
        until = "" if account.kyc_expires_at is None else f" until {_day(account.kyc_expires_at)}"
        words = f"we could not approve your new request, which says why. Your approval holds{until} all the same."
        return "Your approval to publish events was not renewed", f"{words} You may send another request."
    return _IDENTITY_CHECK.get(status, _OTHERWISE)


def ends_soon(at: datetime) -> tuple[str, str]:
    """An approval is about to end."""
    return (
        "Your approval to publish events ends soon",
        f"your identity was checked a while ago, and that ends on {_day(at)}. Send a new request.",
    )


def _day(at: datetime) -> str:
    return f"{at:%d %B %Y} (UTC)"
