"""What watches an installation: its alarms and who hears them, its page, and the logs of its processes."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.cloudwatch_alarms import Alarm
from adapters.aws.cloudwatch_dashboard import Dashboard
from adapters.aws.site.place import OURS, Place, kept
from adapters.aws.site.thing import Clients, Plain, Resource, in_words, is_absent, tag_of


@frozen
class TopicThing(Plain):
    """A Thing: the topic that alarms of one region speak to. Who listens subscribes to it."""

    place: Place
    region: str
    name: str

    @property
    def title(self) -> str:
        return f"topic {self.name}"

    @property
    def arn(self) -> str:
        return self.place.arn("sns", self.name, self.region)

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client = clients.of("sns", self.region)
        tags = [{"Key": OURS, "Value": str(self.place.environment)}]

        def read() -> bool:
            return not is_absent(
                lambda: client.get_topic_attributes(TopicArn=self.arn), "NotFound", "NotFoundException"
            )

        made = Aspect(self.title, wanted=True, read=read, write=lambda: client.create_topic(Name=self.name, Tags=tags))
        return (made,)

    def mark(self, clients: Clients) -> Aspect:
        client, wanted = clients.of("sns", self.region), str(self.place.environment)
        return Aspect(
            f"{self.title}: tag",
            wanted,
            lambda: tag_of(client.list_tags_for_resource(ResourceArn=self.arn)["Tags"], OURS),
            lambda: client.tag_resource(ResourceArn=self.arn, Tags=[{"Key": OURS, "Value": wanted}]),
        )

    def remove(self, clients: Clients) -> None:
        clients.of("sns", self.region).delete_topic(TopicArn=self.arn)

    def resources(self) -> Mapping[str, Resource]:
        tags = [{"Key": OURS, "Value": str(self.place.environment)}]
        properties = {"TopicName": self.name, "Tags": tags}
        return {in_words(f"topic-{_short(self.name)}"): {"Type": "AWS::SNS::Topic", "Properties": properties}}


@frozen
class AlarmThing(Plain):
    """A Thing: one alarm, and the topic it speaks to."""

    alarm: Alarm
    topic: TopicThing

    @property
    def title(self) -> str:
        return f"alarm {self.alarm.name}"

    @property
    def region(self) -> str:
        return self.topic.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        return (self.alarm.aspect(clients.of("cloudwatch", self.region), self.topic.arn),)

    def mark(self, _clients: Clients) -> None:
        """Its name tells."""

    def remove(self, clients: Clients) -> None:
        clients.of("cloudwatch", self.region).delete_alarms(AlarmNames=[self.alarm.name])

    def resources(self) -> Mapping[str, Resource]:
        [topic] = self.topic.resources()
        properties = self.alarm.as_asked() | {"AlarmActions": [{"Ref": topic}]}
        return {
            in_words(f"alarm-{_short(self.alarm.name)}"): {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
        }


@frozen
class DashboardThing(Plain):
    """A Thing: the page on which an installation is seen."""

    dashboard: Dashboard

    @property
    def title(self) -> str:
        return f"dashboard {self.dashboard.name}"

    @property
    def region(self) -> str:
        return self.dashboard.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        return (self.dashboard.aspect(clients.of("cloudwatch")),)

    def mark(self, _clients: Clients) -> None:
        """Its name tells."""

    def remove(self, clients: Clients) -> None:
        clients.of("cloudwatch").delete_dashboards(DashboardNames=[self.dashboard.name])

    def resources(self) -> Mapping[str, Resource]:
        properties = {"DashboardName": self.dashboard.name, "DashboardBody": self.dashboard.text()}
        return {"Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}


@frozen
class LogThing(Plain):
    """A Thing: where the lines of one sort of process go, and how long they are kept."""

    place: Place
    process: str

    @property
    def name(self) -> str:
        return f"/relexbooking/{self.place.environment}/{self.process}"

    @property
    def title(self) -> str:
        return f"log {self.name}"

    @property
    def region(self) -> str:
        return self.place.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client, days = clients.of("logs"), self.place.environment.log_days
        tags = {OURS: str(self.place.environment)}

        def make() -> None:
            client.create_log_group(logGroupName=self.name, tags=tags)

        def found() -> Mapping[str, Any] | None:
            groups = client.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
            return next((group for group in groups if group["logGroupName"] == self.name), None)

        return (
            Aspect(self.title, wanted=True, read=lambda: found() is not None, write=make),
            Aspect(
                f"{self.title}: days kept",
                days,
                lambda: (found() or {}).get("retentionInDays"),
                lambda: client.put_retention_policy(logGroupName=self.name, retentionInDays=days),
            ),
        )

    def mark(self, clients: Clients) -> Aspect:
        client, wanted = clients.of("logs"), str(self.place.environment)
        arn = self.place.arn("logs", f"log-group:{self.name}")
        return Aspect(
            f"{self.title}: tag",
            wanted,
            lambda: tag_of(client.list_tags_for_resource(resourceArn=arn)["tags"], OURS),
            lambda: client.tag_resource(resourceArn=arn, tags={OURS: wanted}),
        )

    def remove(self, clients: Clients) -> None:
        clients.of("logs").delete_log_group(logGroupName=self.name)

    def resources(self) -> Mapping[str, Resource]:
        tags = [{"Key": OURS, "Value": str(self.place.environment)}]
        properties = {"LogGroupName": self.name, "RetentionInDays": self.place.environment.log_days, "Tags": tags}
        return {f"Log{in_words(self.process)}": kept("AWS::Logs::LogGroup", properties, self.place)}


def _short(name: str) -> str:
    """A name without the product's and the environment's: a template is of one environment."""
    return name.split("-", 2)[2].replace("relexbooking-", "")
