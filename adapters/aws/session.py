"""How this installation reaches AWS: one way to make a client, few threads to call it, and words without secrets."""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Any, Final, TypeVar

import boto3
import botocore.session
from attrs import define, field, frozen
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    InvalidRegionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.loaders import create_loader

from adapters.setting_checks import WrongSetting
from adapters.settings import Settings

CONNECT_TIMEOUT_S: Final = 3.0
ANSWER_TIMEOUT_S: Final = 10.0
THREADS_MAX: Final = 8
"""How many requests to one service a process has under way at most; the rest wait."""
TRIES: Final = 3
"""How often botocore sends a request that may be repeated without harm, while no answer comes."""

SIGNATURES: Final = {"s3": "s3v4"}
"""Where botocore would still sign links otherwise: by an older way in older regions, which leaves out what we fix."""
ADDRESSES: Final = {"addressing_style": "virtual"}
"""Links that name the region. That of the first one is answered with a redirection, which no browser follows here.

Not at an endpoint of one's own: few of those have a name for each bucket.
"""

T = TypeVar("T")


class FaultKind(Enum):
    PASSING = auto()
    """No answer, too many requests, or a fault of theirs. Nobody knows what became of the request."""
    NOT_LET_IN = auto()
    """No credentials, wrong ones, or a policy that does not allow this."""
    MISSING = auto()
    """What was named is not there."""
    REFUSED = auto()
    """Any other clear no."""


@frozen
class Fault:
    """What AWS complains of, in words that anybody may read: those of AWS itself can carry key ids and signatures."""

    kind: FaultKind
    code: str

    def __str__(self) -> str:
        return f"AWS says {self.code}"


_SERVERS_FAULT: Final = 500
_NOT_LET_IN_STATUS: Final = frozenset({401, 403})
_PASSING: Final = frozenset(
    "Throttling ThrottlingException TooManyRequestsException RequestLimitExceeded SlowDown RequestTimeout "
    "LimitExceededException PriorRequestNotComplete".split()
)
_NOT_LET_IN: Final = frozenset(
    "AccessDenied AccessDeniedException UnrecognizedClientException InvalidClientTokenId SignatureDoesNotMatch "
    "InvalidSignatureException IncompleteSignature IncompleteSignatureException ExpiredToken ExpiredTokenException "
    "InvalidAccessKeyId MissingAuthenticationToken MissingAuthenticationTokenException OptInRequired".split()
)
_MISSING: Final = frozenset("404 NoSuchKey NoSuchBucket NotFound NotFoundException ResourceNotFoundException".split())


def fault_of(error: ClientError | BotoCoreError) -> Fault:
    """Which kind of fault this is. What only a mistake of ours can bring is raised again."""
    if isinstance(error, ParamValidationError):
        raise error
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Fault(FaultKind.NOT_LET_IN, type(error).__name__)
    if isinstance(error, BotoCoreError):
        return Fault(FaultKind.PASSING, type(error).__name__)
    code = str(error.response.get("Error", {}).get("Code", "nothing"))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _PASSING or status >= _SERVERS_FAULT:
        return Fault(FaultKind.PASSING, code)
    if code in _NOT_LET_IN or status in _NOT_LET_IN_STATUS:
        return Fault(FaultKind.NOT_LET_IN, code)
    return Fault(FaultKind.MISSING if code in _MISSING else FaultKind.REFUSED, code)


@functools.cache
def _descriptions() -> Any:
    """What botocore knows of all services: large files, which it would read anew for each session."""
    return create_loader()


def open_client(settings: Settings, service: str, *, tries: int = TRIES, region: str = "") -> Any:
    """A client that threads may share; WrongSetting if no region is named. One try: nothing is sent twice."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=ANSWER_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": tries},
        max_pool_connections=THREADS_MAX,
        tcp_keepalive=True,
        signature_version=SIGNATURES.get(service),
        s3=None if settings.aws_endpoint_url else ADDRESSES,
    )
    core = botocore.session.get_session()
    core.register_component("data_loader", _descriptions())
    # Which services there are is written in types that only some installations have.
    try:
        session: Any = boto3.Session(botocore_session=core, region_name=region or settings.aws_region or None)
        if session.region_name is None:
            raise WrongSetting("RELEX_AWS_REGION is empty: name the region, such as eu-central-1")
        return session.client(service, endpoint_url=settings.aws_endpoint_url or None, config=config)
    except BotoCoreError as error:
        raise unopened(error, settings) from None


def unopened(error: BotoCoreError, settings: Settings) -> WrongSetting:
    """Why not even a client can be made: nothing was sent."""
    if isinstance(error, InvalidRegionError):
        return WrongSetting(f"RELEX_AWS_REGION={settings.aws_region}: no region has such a name")
    if isinstance(error, ProfileNotFound):
        return WrongSetting("AWS_PROFILE: AWS's own configuration has no such profile: name another, or none")
    return wrong_setting("credentials of AWS", error)


_MENDS: Final = {
    FaultKind.PASSING: "see that this machine reaches AWS, and RELEX_AWS_REGION and RELEX_AWS_ENDPOINT_URL",
    FaultKind.NOT_LET_IN: "give this process an IAM role, or AWS_ACCESS_KEY_ID and its secret, with the actions that "
    "docs/aws.md names",
    FaultKind.MISSING: "see that it is there, in the account of these credentials and in RELEX_AWS_REGION",
    FaultKind.REFUSED: "see that it is right",
}


def wrong_setting(setting: str, error: ClientError | BotoCoreError) -> WrongSetting:
    """Why AWS cannot be used as that setting says, and the mend."""
    fault = fault_of(error)
    return WrongSetting(f"{setting}: {fault}: {_MENDS[fault.kind]}")


@define(eq=False)
class AwsLine:
    """Calls to one service, in few threads. ClientError and BotoCoreError are for the adapter to read by `fault_of`."""

    client: Any = field(repr=False)
    threads_max: int = THREADS_MAX
    _pool: ThreadPoolExecutor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.threads_max, thread_name_prefix="aws")

    async def do(self, work: Callable[[Any], T]) -> T:
        """What `work` answers when it is given the client, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, self.client)
