"""What a table is told beside its keys: to remove what has passed, and to be recoverable to any point in time."""

import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.dynamo_items import GONE
from application.kinds import KINDS

POLL_S: Final = 0.2
READY_S: Final = 300.0
_ENABLED: Final = "ENABLED"


class TablesNotReady(Exception):
    """A table that was made does not become usable."""


def code_of(error: ClientError) -> str:
    code: str = error.response["Error"]["Code"]
    return code


def removal_wanted(kind: str) -> dict[str, Any] | None:
    """By which attribute DynamoDB removes records of this kind; None for what it must not remove."""
    if kind not in KINDS or KINDS[kind].gone_after is None:
        return None
    return {"Enabled": True, "AttributeName": GONE}


def table_settings(
    client: Any, name: str, kind: str, pause: Callable[[float], None] = time.sleep
) -> tuple[Aspect, ...]:
    """What the table of this kind shall be told. It must be there when these are looked at."""
    wanted = removal_wanted(kind)
    recovery = _recovery(client, name, pause)
    return (recovery,) if wanted is None else (_removal(client, name, wanted), recovery)


def _removal(client: Any, name: str, wanted: dict[str, Any]) -> Aspect:
    def is_removing() -> bool:
        described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return described["TimeToLiveStatus"] in {_ENABLED, "ENABLING"}

    def write() -> None:
        try:
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
        except ClientError:
            # Another worker was faster; DynamoDB has no word of its own for that.
            if not is_removing():
                raise

    return Aspect(f"removal of what has passed from {name}", wanted=True, read=is_removing, write=write)


def _recovery(client: Any, name: str, pause: Callable[[float], None]) -> Aspect:
    def read() -> str:
        try:
            described = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        except ClientError as error:
            if code_of(error) != "UnknownOperationException":
                raise
            # DynamoDB Local has no backups.
            return _ENABLED
        status: str = described.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED")
        return status

    def write() -> None:
        asked = {"PointInTimeRecoveryEnabled": True}
        for _ in range(int(READY_S / POLL_S)):
            try:
                client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=asked)
            except ClientError as error:
                # For a while after a table is made, its backups are still being prepared.
                if code_of(error) != "ContinuousBackupsUnavailableException":
                    raise
                pause(POLL_S)
            else:
                return
        raise TablesNotReady(f"{name} was made, and its backups are not ready after {READY_S:.0f} s")

    return Aspect(f"recovery of {name} to any point in time", _ENABLED, read, write)
