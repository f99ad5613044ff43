"""The same description as a template of CloudFormation."""

from collections.abc import Iterable
from typing import Any, Final

from adapters.aws.site.place import Environment
from adapters.aws.site.thing import Thing

_OF_THE_ACCOUNT: Final = "${AWS::"


def template(environment: Environment, things: Iterable[Thing]) -> dict[str, Any]:
    """What CloudFormation is given to make these things."""
    resources: dict[str, Any] = {}
    for thing in things:
        for name, resource in thing.resources().items():
            assert name not in resources, f"two things are called {name} in the template"
            resources[name] = _told(resource)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"RelexBooking, {environment}: made by `relexbooking aws template`. Change it there.",
        "Resources": resources,
    }


def _told(words: Any) -> Any:
    """What only the account knows is left for CloudFormation to fill in."""
    match words:
        case str() if _OF_THE_ACCOUNT in words:
            return {"Fn::Sub": words}
        case str():
            return str(words)
        case dict():
            return {name: _told(value) for name, value in words.items()}
        case list() | tuple():
            return [_told(value) for value in words]
        case _:
            return words
