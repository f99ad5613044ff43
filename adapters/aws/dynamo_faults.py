"""What AWS complains of, in the few words that a store needs: its own can carry key ids, tokens and addresses."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from adapters.aws.session import fault_of
from application.ports.store import StoreUnavailable


@frozen
class Passing(Exception):
    """Others are in the way, or nobody knows what became of the request: send it again."""

    words: str
    is_lost: bool = False
    """Whether no answer came at all."""

    def __str__(self) -> str:
        return self.words


@frozen
class Cancelled(Exception):
    """A condition of a transaction does not hold. Nothing of it is stored."""

    reasons: Sequence[Mapping[str, Any]]
    """One for each action, in its place, each with the item as it stood if its condition does not hold."""


CONDITION: Final = "ConditionalCheckFailed"
_HELD_UP: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_PASSING: Final = frozenset(
    {
        *("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "Throttling"),
        *("TransactionConflictException", "TransactionInProgressException"),
        *("InternalServerError", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException"),
    }
)
_NOT_LET_IN: Final = frozenset(
    {
        *("AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException"),
        *("ExpiredTokenException", "IncompleteSignatureException", "MissingAuthenticationTokenException"),
        *("MissingAuthenticationToken", "NotAuthorized", "OptInRequired"),
    }
)
_SERVERS_FAULT: Final = 500


def fault(error: Exception) -> Exception:
    """What botocore raises, as Passing, Cancelled or StoreUnavailable; or itself, if the program is to blame."""
    if isinstance(error, ClientError):
        return _fault_of_service(error, error.response)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return StoreUnavailable(
            f"{fault_of(error)}: give this process an IAM role, or set AWS_ACCESS_KEY_ID and its secret"
        )
    if isinstance(error, BotoCoreError):
        # Whatever else botocore raises of its own comes from the line: no connection, or no answer in time.
        return error if isinstance(error, ParamValidationError) else Passing(str(fault_of(error)), is_lost=True)
    return error


def _fault_of_service(error: Exception, response: Mapping[str, Any]) -> Exception:
    code = response.get("Error", {}).get("Code", "")
    if code == "TransactionCanceledException":
        return _fault_of_transaction(error, response.get("CancellationReasons", ()))
    if code in _PASSING or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVERS_FAULT:
        return Passing(str(fault_of(error)))
    if code == "ResourceNotFoundException":
        return StoreUnavailable(f"{fault_of(error)}: see RELEX_AWS_REGION and RELEX_AWS_ENV, by which tables are named")
    if code in _NOT_LET_IN:
        return StoreUnavailable(
            f"AWS does not let us in: {fault_of(error)}: see AWS_ACCESS_KEY_ID, or the role's policy"
        )
    return error


def _fault_of_transaction(error: Exception, reasons: Sequence[Mapping[str, Any]]) -> Exception:
    codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
    if codes & _HELD_UP:
        # What else is said beside a conflict was not looked at under the same lock.
        return Passing(f"AWS says {', '.join(sorted(codes))}")
    return Cancelled(reasons) if codes == {CONDITION} else error
