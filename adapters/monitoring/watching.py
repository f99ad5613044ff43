"""Who watches a process from outside, made from the settings."""

from collections.abc import Sequence
from pkgutil import resolve_name

from adapters.settings import Settings
from application.deeds import Deeds
from application.jobs import Job, Jobs


def watching(settings: Settings, deeds: Deeds) -> Sequence[Jobs]:
    """What each process does so that others can watch it."""
    if not settings.cloudwatch:
        return ()
    push: Job = resolve_name("adapters.aws.services:cloudwatch")(settings, deeds)
    return (Jobs(deeds.clock, (push,)),)
