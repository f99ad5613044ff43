"""An installation at moto's AWS, for tests of what is made there."""

import json
from typing import TYPE_CHECKING, Final

import pytest
from attrs import evolve

from adapters.settings import Settings

BUCKET: Final = "relexbooking-storage-dev-123456789012"
"""Ours in the account that moto gives everybody."""

if TYPE_CHECKING:
    from adapters.aws.site.making import AwsSite
    from adapters.cli.cloud_site import Look


@pytest.fixture
def site_settings(aws: Settings) -> Settings:
    return evolve(aws, dynamo_endpoint_url=aws.aws_endpoint_url, base_url="https://tickets.example.com")


@pytest.fixture
def site(site_settings: Settings) -> "AwsSite":
    """All of a development installation, of which nothing is there yet."""
    from adapters.aws.site.making import AwsSite

    return AwsSite.of(site_settings, "dev")


def part_of(site: "AwsSite", *names: str) -> "AwsSite":
    """Only these things of it, for tests that make them again and again."""
    chosen = tuple(thing for thing in site.things if thing.title.endswith(names))
    assert len(chosen) >= len(names)
    return evolve(site, things=chosen)


def wrong(site: "AwsSite") -> dict[str, str]:
    """What does not stand as it should, and how."""
    from adapters.cli.cloud_site import nobody

    return {look.subject: str(look.standing) for look in site.look(nobody) if look.standing != "as it should be"}


def told(looks: "list[Look]") -> set[str]:
    """The names of what differed."""
    return {difference.name for look in looks for difference in look.differences}


def document_of(site: "AwsSite") -> str:
    """What the policy for the server says."""
    from adapters.aws.site.rights import document

    return json.dumps(document(site.place))
