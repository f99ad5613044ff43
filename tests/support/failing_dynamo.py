"""A client of DynamoDB that fails as told: before a request goes out, or after it arrived."""

from collections.abc import Callable
from typing import Any

from attrs import Factory, define
from botocore.exceptions import ClientError, ReadTimeoutError

WRITE = "transact_write_items"


def refusal(code: str, *reasons: str, status: int = 400) -> ClientError:
    """What AWS answers instead of serving; with reasons, about each action of a transaction."""
    told = {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
    error = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError({**error, **told}, "TransactWriteItems")


def no_answer() -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url="http://dynamodb")


@define
class FailingClient:
    """Passes on what it is asked, but for the next requests of one operation, each of which fails in a way of its own.

    `before` fail without being sent; of those in `after` only the answer is lost.
    """

    client: Any
    operation: str = WRITE
    before: list[Exception] = Factory(list)
    after: list[Exception] = Factory(list)
    sent: list[dict[str, Any]] = Factory(list)
    """What was asked of that operation, whether it failed or not."""
    asked: list[str] = Factory(list)
    """Every operation that was asked for."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(self.client, name)
        self.asked.append(name)
        return self._meddled(real) if name == self.operation else real

    def _meddled(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(**request: Any) -> Any:
            self.sent.append(request)
            if self.before:
                raise self.before.pop(0)
            answer = real(**request)
            if self.after:
                raise self.after.pop(0)
            return answer

        return ask
