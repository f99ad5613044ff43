"""The tables, one for each kind of record."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.dynamo_table_settings import POLL_S, READY_S, TablesNotReady, removal_wanted, table_settings
from adapters.aws.dynamo_tables import Tables, is_ready
from adapters.aws.site.place import OURS, Place, kept
from adapters.aws.site.thing import Clients, NeedsPerson, Resource, is_absent, tag_of

_MISSING = "ResourceNotFoundException"


@frozen
class TableThing:
    """A Thing: the table of one kind."""

    place: Place
    kind: str
    pause: Callable[[float], None] = field(default=time.sleep, eq=False, repr=False)

    @property
    def name(self) -> str:
        return self.definition["TableName"]  # type: ignore[no-any-return]  # a definition is words for DynamoDB

    @property
    def title(self) -> str:
        return f"table {self.name}"

    @property
    def region(self) -> str:
        return self.place.region

    @property
    def definition(self) -> dict[str, Any]:
        return Tables(self.place.environment).definition(self.kind)

    @property
    def _is_kept(self) -> bool:
        return self.place.environment.is_kept

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client = clients.of("dynamodb")
        return (
            self._existence(client),
            self._keys(client),
            self._indexes(client),
            self._capacity(client),
            *table_settings(client, self.name, self.kind, self.pause),
            self._protection(client),
        )

    def _existence(self, client: Any) -> Aspect:
        def read() -> bool:
            return not is_absent(lambda: client.describe_table(TableName=self.name), _MISSING)

        def write() -> None:
            tags = [{"Key": OURS, "Value": str(self.place.environment)}]
            client.create_table(**self.definition, Tags=tags, DeletionProtectionEnabled=self._is_kept)

        return Aspect(self.title, wanted=True, read=read, write=write)

    def _described(self, client: Any) -> Mapping[str, Any]:
        described: Mapping[str, Any] = client.describe_table(TableName=self.name)["Table"]
        return described

    def _keys(self, client: Any) -> Aspect:
        def write() -> None:
            raise NeedsPerson(f"{self.title} has another key, which cannot be changed: export it, and make it anew")

        wanted = self.definition["KeySchema"]
        return Aspect(f"{self.title}: key", wanted, lambda: self._described(client)["KeySchema"], write)

    def _indexes(self, client: Any) -> Aspect:
        wanted = {index["IndexName"]: index["KeySchema"] for index in self._wanted_indexes}

        def read() -> dict[str, Any]:
            found = self._described(client).get("GlobalSecondaryIndexes", ())
            return {index["IndexName"]: index["KeySchema"] for index in found if index["IndexName"] in wanted}

        def write() -> None:
            there = read()
            for index in self._wanted_indexes:
                name = index["IndexName"]
                if name in there and there[name] != wanted[name]:
                    raise NeedsPerson(
                        f"{self.title}: remove the index {name}, whose keys are others, and provision again"
                    )
                if name not in there:
                    # One at a time is all that DynamoDB takes.
                    client.update_table(
                        TableName=self.name,
                        AttributeDefinitions=self.definition["AttributeDefinitions"],
                        GlobalSecondaryIndexUpdates=[{"Create": index}],
                    )
                    self._wait(client)

        return Aspect(f"{self.title}: indexes", wanted, read, write)

    @property
    def _wanted_indexes(self) -> list[dict[str, Any]]:
        return list(self.definition.get("GlobalSecondaryIndexes", ()))

    def _capacity(self, client: Any) -> Aspect:
        wanted = self.definition["BillingMode"]

        def read() -> str:
            told: str = self._described(client).get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
            return told

        def write() -> None:
            client.update_table(TableName=self.name, BillingMode=wanted)
            self._wait(client)

        return Aspect(f"{self.title}: capacity", wanted, read, write)

    def _protection(self, client: Any) -> Aspect:
        return Aspect(
            f"{self.title}: protection from deletion",
            self._is_kept,
            lambda: bool(self._described(client).get("DeletionProtectionEnabled")),
            lambda: client.update_table(TableName=self.name, DeletionProtectionEnabled=self._is_kept),
        )

    def mark(self, clients: Clients) -> Aspect:
        """Made with the table. Of one that the server made by itself it is set by hand, or by --adopt."""
        client, wanted = clients.of("dynamodb"), str(self.place.environment)

        def arn() -> str:
            return self._described(client)["TableArn"]  # type: ignore[no-any-return]  # words of DynamoDB

        return Aspect(
            f"{self.title}: tag",
            wanted,
            lambda: tag_of(client.list_tags_of_resource(ResourceArn=arn())["Tags"], OURS),
            lambda: client.tag_resource(ResourceArn=arn(), Tags=[{"Key": OURS, "Value": wanted}]),
        )

    def is_fresh(self, _clients: Clients) -> bool:
        return False

    def settle(self, clients: Clients) -> None:
        self._wait(clients.of("dynamodb"))

    def _wait(self, client: Any) -> None:
        for _ in range(int(READY_S / POLL_S)):
            if is_ready(self._described(client)):
                return
            self.pause(POLL_S)
        raise TablesNotReady(f"{self.name} was made and is not usable after {READY_S:.0f} s")

    def remove(self, clients: Clients) -> None:
        clients.of("dynamodb").delete_table(TableName=self.name)

    def resources(self) -> Mapping[str, Resource]:
        properties: dict[str, Any] = self.definition | {
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": self._is_kept,
            "Tags": [{"Key": OURS, "Value": str(self.place.environment)}],
        }
        removal = removal_wanted(self.kind)
        if removal is not None:
            properties["TimeToLiveSpecification"] = removal
        return {f"Table{self.name.rsplit('-', 1)[1]}": kept("AWS::DynamoDB::Table", properties, self.place)}
