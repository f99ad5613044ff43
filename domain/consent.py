"""Consent: what a person agreed to, when and where. A change of mind is another one; none is ever changed."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from domain.checks import text
from domain.ids import AccountId
from domain.time import is_aware

TERMS_VERSION_MAX: Final = 40


class ConsentPlace(StrEnum):
    PAGE = "page"
    API = "api"
    CLI = "cli"


@frozen
class Consent:
    """The latest one of a person holds."""

    id: str
    account_id: AccountId
    at: datetime = field(validator=is_aware)
    terms_version: str = field(validator=text(TERMS_VERSION_MAX, least=1))
    """The terms as they were shown then."""
    marketing: bool
    """Whether we may write about anything but what was booked."""
    place: ConsentPlace
    version: int = 0
