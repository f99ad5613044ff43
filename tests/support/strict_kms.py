"""What KMS refuses and moto does not."""

from typing import Any

from attrs import frozen
from botocore.exceptions import ClientError


@frozen
class StrictKms:
    """A client that opens nothing by a key whose deletion is scheduled, and says of a wrong key what KMS says."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def decrypt(self, **request: Any) -> Any:
        state = self.client.describe_key(KeyId=request["KeyId"])["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            raise _refusal("KMSInvalidStateException")
        try:
            return self.client.decrypt(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDeniedException":
                raise _refusal("IncorrectKeyException") from error
            raise


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Decrypt")
