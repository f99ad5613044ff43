"""Parameters that people bring: we know their names, and never ask for what they say."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.parameters import SECURE, folder_of
from adapters.aws.site.place import Place
from adapters.aws.site.thing import Clients, NeedsPerson, Plain, Resource
from adapters.settings import Settings

_OF_GATEWAYS: Final = {
    "stripe": ("stripe_api_key", "stripe_webhook_secrets"),
    "razorpay": ("razorpay_key_secret", "razorpay_webhook_secrets"),
}


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """What these settings cannot do without, and do not say themselves."""
    needed = [name for gateway in settings.payments for name in _OF_GATEWAYS.get(gateway, ())]
    if settings.mailer == "smtp" and settings.smtp_user:
        needed.append("smtp_password")
    return tuple(name for name in needed if not getattr(settings, name))


@frozen
class SecretThing(Plain):
    """A Thing that nobody but a person can bring: one secret in the Parameter Store."""

    place: Place
    setting: str

    @property
    def name(self) -> str:
        return f"{folder_of(str(self.place.environment))}{self.setting}"

    @property
    def title(self) -> str:
        return f"parameter {self.name}"

    @property
    def region(self) -> str:
        return self.place.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client = clients.of("ssm")
        asked = [{"Key": "Name", "Option": "Equals", "Values": [self.name]}]

        def read() -> Any:
            found = client.describe_parameters(ParameterFilters=asked)["Parameters"]
            return found[0]["Type"] if found else None

        def write() -> None:
            raise NeedsPerson(f"aws ssm put-parameter --overwrite --type {SECURE} --name {self.name} --value …")

        return (Aspect(self.title, SECURE, read, write),)

    def mark(self, _clients: Clients) -> None:
        """Its name tells."""

    def remove(self, _clients: Clients) -> None:
        raise NeedsPerson(f"aws ssm delete-parameter --name {self.name}")

    def resources(self) -> Mapping[str, Resource]:
        """None: CloudFormation makes no SecureString, and a template must not hold what it says."""
        return {}
