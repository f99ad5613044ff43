"""Where an installation stands at AWS, and what is different in each environment."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from adapters.aws.cloudwatch_alarms import BILLING_REGION

OURS: Final = "relexbooking-environment"
"""The tag by which we know again what is ours. Nothing without it is changed or deleted."""


class Environment(StrEnum):
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"

    @property
    def is_kept(self) -> bool:
        """Whether nothing of it may be deleted by a command or by a stack that is taken away."""
        return self is Environment.PROD

    @property
    def log_days(self) -> int:
        """How long what processes write is kept."""
        return {Environment.DEV: 7, Environment.STAGING: 30}.get(self, 365)

    @property
    def budget_usd(self) -> float:
        """What the account may cost in a month before somebody hears of it."""
        return {Environment.DEV: 20.0, Environment.STAGING: 50.0}.get(self, 100.0)


@frozen
class Place:
    """One installation: everything in which the description of one differs from that of another."""

    environment: Environment
    region: str
    account: str
    partition: str
    origin: str
    """Of our pages."""
    given_bucket: str = ""
    """The bucket that the settings name; empty: one called by the rule."""
    secrets: tuple[str, ...] = ()
    """The parameters that must be there, by name. What they say is nobody's concern here."""

    def called(self, name: str) -> str:
        return f"relexbooking-{self.environment}-{name}"

    @property
    def bucket(self) -> str:
        """Names of buckets are taken by the whole world, so the account is a part of ours."""
        return self.given_bucket or f"relexbooking-storage-{self.environment}-{self.account}"

    @property
    def billing_region(self) -> str:
        return BILLING_REGION

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        return f"arn:{self.partition}:{service}:{self.region if region is None else region}:{self.account}:{resource}"


def place_in_template(environment: Environment, origin: str, bucket: str = "") -> Place:
    """The same with CloudFormation's own words for what only the account knows in which a stack is made."""
    return Place(environment, "${AWS::Region}", "${AWS::AccountId}", "${AWS::Partition}", origin, bucket)


def kept(kind: str, properties: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """A resource that holds people's data: in production it outlives its stack."""
    policy = "Retain" if place.environment.is_kept else "Delete"
    return {"Type": kind, "DeletionPolicy": policy, "UpdateReplacePolicy": policy, "Properties": properties}
