"""One thing at AWS: how it is looked at, made and taken away, and what CloudFormation is told of it."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field, frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.session import open_client
from adapters.settings import Settings

Resource = Mapping[str, Any]
"""As it stands in a template."""


class NeedsPerson(Exception):
    """A difference that no command can mend. The message says what to do."""


@define
class Clients:
    """Clients of services in regions, each made once."""

    settings: Settings
    dynamo_settings: Settings
    """DynamoDB has an endpoint of its own."""
    _open: dict[tuple[str, str], Any] = field(factory=dict, repr=False)

    def of(self, service: str, region: str = "") -> Any:
        key = (service, region)
        if key not in self._open:
            settings = self.dynamo_settings if service == "dynamodb" else self.settings
            self._open[key] = open_client(settings, service, region=region)
        return self._open[key]

    def close(self) -> None:
        for client in self._open.values():
            client.close()


class Thing(Protocol):
    """A table, a bucket, an alarm and the like. Errors of botocore's are for the caller to read."""

    @property
    def title(self) -> str:
        """What kind of thing, and its name."""

    @property
    def region(self) -> str: ...

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        """That it is there comes first: of the others nothing may be asked before. None or False: it is not."""

    def mark(self, clients: Clients) -> Aspect | None:
        """Its tag, by which it is ours; None for what cannot carry one and is ours by its name."""

    def is_fresh(self, clients: Clients) -> bool:
        """Whether it is as nobody has used it: then a kill may have come between making and marking it."""

    def settle(self, clients: Clients) -> None:
        """Return when what was just made can be used."""

    def remove(self, clients: Clients) -> None:
        """Take it away with all that is in it. It is there, and it is ours."""

    def resources(self) -> Mapping[str, Resource]:
        """By the names that they have in a template; nothing for what a template cannot make."""


@frozen
class Plain:
    """What is there at once, is made together with its tag, and cannot be told from new."""

    def is_fresh(self, _clients: Clients) -> bool:
        return False

    def settle(self, _clients: Clients) -> None:
        return


def is_absent(look: Any, *codes: str) -> bool:
    """Whether AWS says by one of these codes that what is looked at is not there."""
    try:
        look()
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
        return True
    return False


def tag_of(tags: Any, name: str, *, key: str = "Key", value: str = "Value") -> str | None:
    """What a tag says, in any of the forms in which AWS lists them."""
    if isinstance(tags, Mapping):
        told: str | None = tags.get(name)
        return told
    return next((tag[value] for tag in tags if tag[key] == name), None)


def in_words(name: str) -> str:
    """A name as templates take one: letters and digits alone."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("/", "-").replace("_", "-").split("-"))
