"""What is right in a setting, and the words for what is not: the setting, what it is, and how to write it."""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from application.limits import rates_of
from domain.account import Role
from domain.consent import TERMS_VERSION_MAX
from domain.errors import InvalidValue
from domain.money import Money
from domain.time import is_zone


class WrongSetting(Exception):
    """A setting that cannot be right. The message names it and says the mend."""


PREFIX: Final = "RELEX_"
_PORT_MAX: Final = 65_535
_SHARDS_MAX: Final = 16
"""A booking near the end touches every counter, and a transaction has room for no more."""


def variable_of(name: str) -> str:
    """The variable that sets the setting of that name."""
    return f"{PREFIX}{name.upper()}"


def is_url(_instance: object, attribute: object, value: str) -> None:
    """The address of a site, without a path."""
    name = getattr(attribute, "name", "")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
        raise WrongSetting(f"{variable_of(name)}={value!r}: write it as https://tickets.example.com")


def is_one_of(*known: str) -> Callable[[object, object, str], None]:
    """One of those words."""

    def check(_instance: object, attribute: object, value: str) -> None:
        if value not in known:
            raise WrongSetting(
                f"{variable_of(getattr(attribute, 'name', ''))}={value!r}: it is one of {', '.join(known)}"
            )

    return check


def is_url_or_empty(instance: object, attribute: object, value: str) -> None:
    """The same, or nothing."""
    if value:
        is_url(instance, attribute, value)


def is_environment(_instance: object, attribute: object, value: str) -> None:
    """A name that is part of other names at AWS."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", value):
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value!r}: write it as dev, staging or prod")


def is_environment_or_empty(instance: object, attribute: object, value: str) -> None:
    """The same, or nothing."""
    if value:
        is_environment(instance, attribute, value)


def is_alias_or_empty(_instance: object, attribute: object, value: str) -> None:
    """An alias of a key at AWS that is not AWS's own, or nothing."""
    if value and not re.fullmatch(r"alias/(?!aws/)[A-Za-z0-9_-]{1,100}", value):
        name = variable_of(getattr(attribute, "name", ""))
        raise WrongSetting(f"{name}={value!r}: write the alias of a key, as alias/relexbooking-prod-kyc")


def is_shards(_instance: object, attribute: object, value: int) -> None:
    """As many counters as a transaction has room for."""
    if not 1 <= value <= _SHARDS_MAX:
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value}: 1 to {_SHARDS_MAX} are possible")


def is_port(_instance: object, attribute: object, value: int) -> None:
    """A port."""
    if not 1 <= value <= _PORT_MAX:
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value}: a port is 1 to 65535")


def is_short(_instance: object, attribute: object, value: str) -> None:
    """A few letters."""
    if not 1 <= len(value) <= TERMS_VERSION_MAX or not value.isprintable():
        name = variable_of(getattr(attribute, "name", ""))
        raise WrongSetting(f"{name}={value!r}: write 1 to {TERMS_VERSION_MAX} letters, such as 2026-11")


def is_positive(_instance: object, attribute: object, value: int) -> None:
    """At least one."""
    if value < 1:
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value}: it must be at least 1")


def is_not_negative(_instance: object, attribute: object, value: int) -> None:
    """None, or more."""
    if value < 0:
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value}: it must be 0 or more")


def amount_of(words: str) -> Money:
    """The sum in words such as `500.00 EUR`; InvalidValue if it is none."""
    amount, _, currency = words.strip().partition(" ")
    return Money.parse(amount, currency)


def are_amounts(_instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Sums, each in its currency."""
    for words in value:
        try:
            amount_of(words)
        except InvalidValue as error:
            name = variable_of(getattr(attribute, "name", ""))
            raise WrongSetting(f'{name}={words!r}: {error}. Write it as "500.00 EUR"') from None


def are_networks(_instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Networks in the notation of CIDR."""
    for word in value:
        try:
            ip_network(word.strip())
        except ValueError as error:
            name = variable_of(getattr(attribute, "name", ""))
            raise WrongSetting(f"{name}={word!r}: {error}. Write it as 10.0.0.0/8 or 2001:db8::/32") from None


def are_limits(_instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Limits that there are, each with a rate."""
    for word in value:
        try:
            rates_of([word])
        except InvalidValue as error:
            raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={word!r}: {error}") from None


def are_roles(_instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Roles, or `none` alone."""
    known = ["none", *Role]
    if not value or not set(value) <= set(known) or ("none" in value and len(value) > 1):
        name = variable_of(getattr(attribute, "name", ""))
        raise WrongSetting(f"{name}={','.join(value)!r}: write roles such as admin,superadmin, or none alone")


def is_business_zone(instance: object, attribute: object, value: str) -> None:
    """A time zone by its IANA name."""
    try:
        is_zone(instance, attribute, value)
    except InvalidValue as error:
        raise WrongSetting(f"{variable_of(getattr(attribute, 'name', ''))}={value!r}: {error}") from None


def one_by_one(value: str | Iterable[str]) -> tuple[str, ...]:
    """Secrets as they stand in a variable, with commas, or in the file, as a list. Their fields convert themselves."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())
