"""The one description of what an installation needs at AWS, from which all else follows."""

from typing import Final

from attrs import evolve

from adapters.aws.cloudwatch_alarms import alarms, billing_alarm
from adapters.aws.cloudwatch_dashboard import Dashboard
from adapters.aws.dynamo_tables import Tables
from adapters.aws.site.files import FilesThing
from adapters.aws.site.people import POOL_SETTINGS, PeopleThing, PoolParameterThing
from adapters.aws.site.place import Place
from adapters.aws.site.rights import PolicyThing
from adapters.aws.site.secrets import SecretThing
from adapters.aws.site.tables import TableThing
from adapters.aws.site.thing import Thing
from adapters.aws.site.watching import AlarmThing, DashboardThing, LogThing, TopicThing
from application.kinds import ALLOTMENT, KINDS

PROCESSES: Final = ("server", "worker", "lambda")
WATCHED: Final = ("account", "session", "event", "booking", "ticket", "payment", "outbox", ALLOTMENT)
"""What buyers wait for. Each alarm costs ten cents a month, so the others go without one."""


def things(place: Place) -> tuple[Thing, ...]:
    """All of it, in the order in which it is made."""
    tables = tuple(Tables(place.environment).name(kind) for kind in WATCHED)
    topic = TopicThing(place, place.region, place.called("alarms"))
    people = PeopleThing(place)
    return (
        *(TableThing(place, kind) for kind in (*KINDS, ALLOTMENT)),
        FilesThing(place),
        people,
        *(PoolParameterThing(people, setting) for setting in POOL_SETTINGS),
        PolicyThing(place),
        *(LogThing(place, process) for process in PROCESSES),
        topic,
        *(AlarmThing(alarm, topic) for alarm in alarms(place.environment, place.bucket, tables)),
        DashboardThing(Dashboard(place.environment, place.region, place.bucket, tables)),
        *billing(place),
        *(SecretThing(place, name) for name in place.secrets),
    )


def billing(place: Place) -> tuple[Thing, ...]:
    """What tells of costs: in the one region that knows them, with a topic of its own there."""
    topic = TopicThing(place, place.billing_region, place.called("billing"))
    alarm = evolve(billing_alarm(place.environment.budget_usd), name=place.called("billing"))
    return (topic, AlarmThing(alarm, topic))
