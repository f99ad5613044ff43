"""Looks at an installation at AWS, makes it as described, and takes it away."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self, TypeVar

from attrs import evolve, frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.bringing_about import Aspect, bring_about, differing
from adapters.aws.dynamo_table_settings import TablesNotReady
from adapters.aws.session import FaultKind, fault_of, open_client
from adapters.aws.site.description import things
from adapters.aws.site.files import NotEmptied
from adapters.aws.site.place import OURS, Environment, Place, place_in_template
from adapters.aws.site.secrets import secrets_of
from adapters.aws.site.template import template
from adapters.aws.site.thing import Clients, NeedsPerson, Thing
from adapters.cli.cloud_site import Difference, Look, Removal, SiteRefused, Standing, nobody
from adapters.cli.operations import CloudUnavailable
from adapters.cli.progress import Advance
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings

T = TypeVar("T")
_TOLD_MAX: Final = 5


@frozen
class AwsSite:
    """A CloudSite."""

    place: Place
    things: tuple[Thing, ...]
    clients: Clients

    @classmethod
    def of(cls, settings: Settings, environment: str) -> Self:
        """WrongSetting if the settings are those of another installation; CloudUnavailable without credentials."""
        settings = for_environment(settings, environment)
        clients = Clients(settings, evolve(settings, aws_endpoint_url=settings.dynamo_endpoint_url))
        client = open_client(settings, "sts")
        with _in_words("who we are at AWS"):
            identity = client.get_caller_identity()
        place = Place(
            Environment(environment),
            client.meta.region_name,
            identity["Account"],
            identity["Arn"].split(":")[1],
            settings.base_url,
            settings.s3_bucket,
            secrets_of(settings),
        )
        return cls(place, things(place), clients)

    def look(self, tell: Advance) -> list[Look]:
        """See CloudSite."""
        return [self._look(thing) for thing in _told(self.things, tell)]

    def _look(self, thing: Thing) -> Look:
        with _in_words(thing.title):
            first, *others = thing.aspects(self.clients)
            found = first.read()
            if found in (None, False):
                return Look(thing.title, Standing.MISSING)
            mark = thing.mark(self.clients)
            if mark is not None and differing([mark]) and not thing.is_fresh(self.clients):
                return Look(thing.title, Standing.NOT_OURS, (Difference(mark.name, mark.read(), mark.wanted),))
            marks = [] if mark is None else [mark]
            wrong = tuple(
                Difference(aspect.name, was, aspect.wanted)
                for aspect in (first, *others, *marks)
                if (was := found if aspect is first else aspect.read()) != aspect.wanted
            )
            return Look(thing.title, Standing.DIFFERS if wrong else Standing.RIGHT, wrong)

    def provision(self, tell: Advance, *, adopt: bool = False) -> list[Look]:
        """See CloudSite."""
        total = 3 * len(self.things)
        looks = self.look(lambda done, _: tell(done, total))
        foreign = [look.subject for look in looks if look.standing is Standing.NOT_OURS]
        if foreign and not adopt:
            raise SiteRefused(
                f"{_some(foreign)}: there, and without the tag {OURS}={self.place.environment}: nothing was changed. "
                "If it is ours, --adopt marks it so"
            )
        every = tuple(zip(self.things, looks, strict=True))
        # First all that is missing: tables take their time, and take it side by side.
        made = [self._make(*each) for each in _told(every, lambda done, _: tell(len(every) + done, total))]
        both = tuple(zip(self.things, made, strict=True))
        return [self._mend(*each) for each in _told(both, lambda done, _: tell(2 * len(every) + done, total))]

    def _make(self, thing: Thing, look: Look) -> Look:
        return self._left_or(thing, look, lambda first: first.write()) if look.standing is Standing.MISSING else look

    def _left_or(self, thing: Thing, look: Look, do: Callable[[Aspect], None]) -> Look:
        with _in_words(thing.title):
            try:
                do(thing.aspects(self.clients)[0])
            except NeedsPerson as needed:
                return evolve(look, left=str(needed))
        return look

    def _mend(self, thing: Thing, look: Look) -> Look:
        if look.standing is Standing.RIGHT or look.left:
            return look

        def bring(_: Aspect) -> None:
            if look.standing is Standing.MISSING:
                thing.settle(self.clients)
            mark = thing.mark(self.clients)
            bring_about([*([] if mark is None else [mark]), *thing.aspects(self.clients)])

        return self._left_or(thing, look, bring)

    def removable(self, tell: Advance) -> list[Removal]:
        """See CloudSite."""
        return [removal for _, removal in self._removals(tell)]

    def _removals(self, tell: Advance) -> Iterator[tuple[Thing, Removal]]:
        if self.place.environment.is_kept:
            raise SiteRefused(f"{self.place.environment} is never destroyed by a command. Nothing was changed")
        for thing, look in zip(self.things, self.look(tell), strict=True):
            if look.standing is Standing.NOT_OURS:
                yield thing, Removal(thing.title, f"it has no tag {OURS}={self.place.environment}")
            elif look.standing is not Standing.MISSING:
                yield thing, Removal(thing.title)

    def destroy(self, tell: Advance) -> list[Removal]:
        """See CloudSite."""
        found = list(self._removals(nobody))
        # What speaks to something goes before it.
        return [self._remove(thing, removal) for thing, removal in _told(found[::-1], tell)]

    def _remove(self, thing: Thing, removal: Removal) -> Removal:
        if removal.left:
            return removal
        try:
            thing.remove(self.clients)
        except (ClientError, BotoCoreError) as error:
            return evolve(removal, left=str(fault_of(error)))
        except (NeedsPerson, NotEmptied) as error:
            return evolve(removal, left=str(error))
        return removal


def template_of(settings: Settings, environment: str, *, is_billing: bool) -> dict[str, Any]:
    """The description as CloudFormation takes it. AWS is not asked."""
    settings = for_environment(settings, environment)
    place = place_in_template(Environment(environment), settings.base_url, settings.s3_bucket)
    every = things(place)
    return template(
        place.environment, [thing for thing in every if (thing.region == place.billing_region) is is_billing]
    )


def for_environment(settings: Settings, environment: str) -> Settings:
    """The settings with this environment; WrongSetting if they are plainly those of another."""
    if settings.aws_env == environment:
        return settings
    if settings.s3_bucket or settings.ssm_env not in {"", environment}:
        raise WrongSetting(
            f"RELEX_AWS_ENV={settings.aws_env} and what belongs to it is set, and not {environment}: "
            f"set RELEX_AWS_ENV={environment}, with the bucket and the address of that installation"
        )
    return evolve(settings, aws_env=environment)


def _told(each: Sequence[T], tell: Advance) -> Iterator[T]:
    for number, one in enumerate(each, start=1):
        yield one
        tell(number, len(each))


@contextmanager
def _in_words(subject: str) -> Iterator[None]:
    """Errors of AWS in words that anybody may read."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        fault = fault_of(error)
        mend = ": see what docs/aws.md allows whoever provisions" if fault.kind is FaultKind.NOT_LET_IN else ""
        raise CloudUnavailable(f"{subject}: {fault}{mend}") from None
    except TablesNotReady as error:
        raise CloudUnavailable(f"{error}: ask again in a while") from None


def _some(names: Sequence[str]) -> str:
    more = len(names) - _TOLD_MAX
    return ", ".join(names[:_TOLD_MAX]) + (f" and {more} more" if more > 0 else "")
