"""Key-encryption keys in KMS, which never leave it. An alias names the one that wraps now."""

from collections.abc import Callable
from typing import Any, Final, NoReturn

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import AwsLine, FaultKind, fault_of
from application.ports.key_wrapper import SealBroken
from domain.identity_document import SealedKey

PURPOSE: Final = "relexbooking-identity-document"
WAIT_BEFORE_DELETION_DAYS: Final = 7
"""The least that KMS allows. It opens nothing meanwhile, and somebody with the right to can still take it back."""
BLOB_BYTES_MAX: Final = 6_144
_GONE_ALREADY: Final = frozenset({"KMSInvalidStateException", "NotFoundException"})
_SWITCHED_OFF: Final = "DisabledException"


@frozen
class KmsKeyWrapper:
    """A KeyWrapper: keys are called by their ARN, and each has an alias below the first, by which all are found.

    What is wrapped is bound to its purpose and name by the encryption context, which CloudTrail shows for each use.
    """

    line: AwsLine
    alias: str

    async def wrap(self, name: str, data_key: bytes) -> SealedKey:
        """See KeyWrapper."""

        def encrypt(client: Any) -> Any:
            return client.encrypt(KeyId=self.alias, Plaintext=data_key, EncryptionContext=_context(name))

        answer = await self._ask(encrypt)
        return SealedKey(answer["KeyId"], answer["CiphertextBlob"])

    async def unwrap(self, name: str, sealed: SealedKey) -> bytes:
        """See KeyWrapper."""
        if not sealed.key_id.startswith("arn:") or not 0 < len(sealed.blob) <= BLOB_BYTES_MAX:
            raise SealBroken(f"the key {sealed.key_id!r} is none of KMS, or nothing is wrapped by it")

        def decrypt(client: Any) -> Any:
            return client.decrypt(KeyId=sealed.key_id, CiphertextBlob=sealed.blob, EncryptionContext=_context(name))

        data_key: bytes = (await self._ask(decrypt))["Plaintext"]
        return data_key

    async def current_key_id(self) -> str:
        """See KeyWrapper."""
        return str(await self._ask(self._current))

    async def rotate(self) -> str:
        """See KeyWrapper. A crash in between leaves a key that nothing is wrapped by, and that `retire` finds."""

        def renew(client: Any) -> str:
            _name(client, self._alias_of(self._current(client)), self._current(client))
            made = client.create_key(Description=f"{PURPOSE}, named by {self.alias}")["KeyMetadata"]["Arn"]
            _name(client, self._alias_of(made), made)
            client.update_alias(AliasName=self.alias, TargetKeyId=made)
            return str(made)

        return str(await self._ask(renew))

    async def retire(self) -> tuple[str, ...]:
        """See KeyWrapper. They open nothing from now on, and are destroyed after the days that KMS demands."""

        def destroy(client: Any) -> tuple[str, ...]:
            current = self._current(client)
            found = {alias: arn for alias, arn in self._known(client) if arn != current}
            for alias, arn in found.items():
                _schedule_deletion(client, arn)
                # Last: what has its alias still is found again after a crash.
                client.delete_alias(AliasName=alias)
            return tuple(found.values())

        retired: tuple[str, ...] = await self._ask(destroy)
        return retired

    def _current(self, client: Any) -> str:
        return str(client.describe_key(KeyId=self.alias)["KeyMetadata"]["Arn"])

    def _known(self, client: Any) -> list[tuple[str, str]]:
        pages = client.get_paginator("list_aliases").paginate()
        names = [entry["AliasName"] for page in pages for entry in page["Aliases"]]
        ours = [name for name in names if name.startswith(f"{self.alias}/")]
        return [(name, client.describe_key(KeyId=name)["KeyMetadata"]["Arn"]) for name in sorted(ours)]

    def _alias_of(self, arn: str) -> str:
        return f"{self.alias}/{_bare(arn)}"

    async def _ask(self, call: Callable[[Any], Any]) -> Any:
        try:
            return await self.line.do(call)
        except (ClientError, BotoCoreError) as error:
            _tell(error)


def _tell(error: ClientError | BotoCoreError) -> NoReturn:
    fault = fault_of(error)
    if fault.kind is FaultKind.PASSING:
        raise TimeoutError(f"KMS: {fault}") from None
    if fault.kind is FaultKind.NOT_LET_IN or fault.code == _SWITCHED_OFF:
        raise PermissionError(f"KMS: {fault}: see the key's policy and RELEX_KYC_KMS_KEY") from None
    raise SealBroken(f"KMS: {fault}") from None


def _bare(arn: str) -> str:
    return arn.rpartition("/")[2]


def _context(name: str) -> dict[str, str]:
    return {"purpose": PURPOSE, "name": name}


def _name(client: Any, alias: str, arn: str) -> None:
    try:
        client.create_alias(AliasName=alias, TargetKeyId=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise


def _schedule_deletion(client: Any, arn: str) -> None:
    try:
        client.schedule_key_deletion(KeyId=_bare(arn), PendingWindowInDays=WAIT_BEFORE_DELETION_DAYS)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE_ALREADY:
            raise
