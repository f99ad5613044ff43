"""Objects in one private bucket. Nobody but us reads it: what is public is served by our own routes."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.session import AwsLine, Fault, FaultKind, fault_of
from application.ports.object_store import (
    FOUND_MAX,
    ObjectMissing,
    ObjectStoreUnavailable,
    StoredObject,
    check_fits,
    check_folder,
    media_type_of,
)
from application.ports.storage_meter import Kept, area_of
from application.ports.upload_links import ExpectedFile, UploadLink

ENCRYPTION: Final = "AES256"


@frozen
class Tag:
    name: str
    value: str


ASIDE: Final = Tag("relexbooking-aside", "yes")
"""On pictures of archived events."""
SENT_ALONG: Final = {
    "ContentType": "content-type",
    "ChecksumSHA256": "x-amz-checksum-sha256",
    "ServerSideEncryption": "x-amz-server-side-encryption",
}
"""What whoever uploads must say again, by boto3's names for it. The length every client says by itself."""
_NO_BUCKET: Final = "NoSuchBucket"


@frozen
class S3Objects:
    """Keeps each object under its key. S3 shows an object whole or not at all, and the last one put at once.

    What is replaced or deleted stays as an earlier version for as long as the bucket's rules say.
    """

    line: AwsLine
    bucket: str
    page_size: int = 1_000
    """How many objects one answer lists at most."""

    async def put(self, key: str, content: StoredObject) -> None:
        """See ObjectStore. S3 checks the bytes by their checksum before it stores them."""
        check_fits(key, content)
        await self._ask(
            key,
            lambda client: client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content.data,
                ContentType=content.media_type,
                ServerSideEncryption=ENCRYPTION,
            ),
        )

    async def get(self, key: str) -> StoredObject:
        """See ObjectStore."""
        media_type = media_type_of(key)
        # The body is read in the same thread: it comes over the line long after the head has.
        data: bytes = await self._ask(key, lambda client: client.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        return StoredObject(data, media_type)

    async def delete(self, key: str) -> None:
        """See ObjectStore."""
        media_type_of(key)
        await self._ask(key, lambda client: client.delete_object(Bucket=self.bucket, Key=key))

    async def upload_link(self, expected: ExpectedFile, life: timedelta) -> UploadLink:
        """See UploadLinks. All that is said of the file is signed with the link, so S3 takes nothing else by it.

        Nothing is asked of S3. Where our own credentials end sooner, as those of a role do, the link ends with them.
        """
        asked = {
            "ContentType": media_type_of(expected.key),
            "ContentLength": expected.size,
            "ChecksumSHA256": b64encode(expected.sha256).decode(),
            "ServerSideEncryption": ENCRYPTION,
        }
        target = {"Bucket": self.bucket, "Key": expected.key}
        # In a thread: credentials of a role are fetched over the line now and then.
        url: str = await self._ask(
            expected.key,
            lambda client: client.generate_presigned_url(
                "put_object", Params=target | asked, ExpiresIn=int(life.total_seconds())
            ),
        )
        return UploadLink(url, {header: str(asked[name]) for name, header in SENT_ALONG.items()})

    async def put_before(self, folder: str, at: datetime) -> Sequence[str]:
        """See ObjectStore."""
        check_folder(folder)

        def find(client: Any) -> list[str]:
            return list(islice(_put_before(client, self.bucket, folder, at), FOUND_MAX))

        found: list[str] = await self._ask("", find)
        return found

    async def kept(self) -> Mapping[str, Kept]:
        """See StorageMeter."""
        found: defaultdict[str, Kept] = defaultdict(Kept)
        after: dict[str, str] = {}
        while True:
            page = await self._ask("", partial(_versions, bucket=self.bucket, page_size=self.page_size, after=after))
            for version in page.get("Versions", ()):
                size = version["Size"]
                found[area_of(version["Key"])] += Kept(1, size) if version["IsLatest"] else Kept(earlier_bytes=size)
            if not page.get("IsTruncated"):
                return found
            after = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    async def set_aside(self, key: str) -> None:
        """See ObjectShelf. The mark is what a rule of the bucket goes by."""
        media_type_of(key)
        tags = {"TagSet": [{"Key": ASIDE.name, "Value": ASIDE.value}]}
        with suppress(ObjectMissing):
            await self._ask(key, lambda client: client.put_object_tagging(Bucket=self.bucket, Key=key, Tagging=tags))

    async def _ask(self, key: str, call: Any) -> Any:
        try:
            return await self.line.do(call)
        except (ClientError, BotoCoreError) as error:
            fault = fault_of(error)
            if _is_of_object(fault):
                raise ObjectMissing(key) from None
            # Not chained: AWS's own words may carry what signs our requests.
            raise ObjectStoreUnavailable(f"RELEX_S3_BUCKET={self.bucket}: {fault}") from None


def _is_of_object(fault: Fault) -> bool:
    """Whether it is the object that is missing, and not its bucket."""
    return fault.kind is FaultKind.MISSING and fault.code != _NO_BUCKET


def _put_before(client: Any, bucket: str, folder: str, at: datetime) -> Iterator[str]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for found in page.get("Contents", ()):
            if found["LastModified"] < at:
                yield found["Key"]


def _versions(client: Any, *, bucket: str, page_size: int, after: Mapping[str, str]) -> Any:
    return client.list_object_versions(Bucket=bucket, MaxKeys=page_size, **after)
