"""The bucket for files."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.s3_bucket import COLD, CORS_AGE_S, CORS_HEADERS, CORS_METHODS, NOTHING_PUBLIC, Bucket, Rule
from adapters.aws.s3_objects import ENCRYPTION
from adapters.aws.site.place import OURS, Place, kept
from adapters.aws.site.thing import Clients, Resource, tag_of

_AT_ONCE = 1_000
"""So many objects S3 deletes in one request at most."""


class NotEmptied(Exception):
    """S3 did not delete all that is in a bucket."""


@frozen
class FilesThing:
    """A Thing: the bucket, with all that is in it."""

    place: Place

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.place.bucket, self.place.region, self.place.origin)

    @property
    def title(self) -> str:
        return f"bucket {self.bucket.name}"

    @property
    def region(self) -> str:
        return self.place.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        return self.bucket.aspects(clients.of("s3"))

    def mark(self, clients: Clients) -> Aspect:
        client, name, wanted = clients.of("s3"), self.bucket.name, str(self.place.environment)

        def tags() -> list[dict[str, str]]:
            try:
                return list(client.get_bucket_tagging(Bucket=name)["TagSet"])
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchTagSet":
                    raise
                return []

        def write() -> None:
            others = [tag for tag in tags() if tag["Key"] != OURS]
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [*others, {"Key": OURS, "Value": wanted}]})

        return Aspect(f"{self.title}: tag", wanted, lambda: tag_of(tags(), OURS), write)

    def is_fresh(self, clients: Clients) -> bool:
        """S3 takes no tag with the bucket itself. One with nothing in it, not even an earlier version, may be ours."""
        return not any(self._versions(clients.of("s3"), page=1))

    def settle(self, clients: Clients) -> None:
        mark = self.mark(clients)
        if mark.read() != mark.wanted:
            mark.write()

    def remove(self, clients: Clients) -> None:
        client = clients.of("s3")
        for objects in self._versions(client, page=_AT_ONCE):
            told = client.delete_objects(Bucket=self.bucket.name, Delete={"Objects": objects, "Quiet": True})
            if told.get("Errors"):
                raise NotEmptied(
                    f"{self.title}: S3 says {told['Errors'][0].get('Code')} of {len(told['Errors'])} files"
                )
        client.delete_bucket(Bucket=self.bucket.name)

    def _versions(self, client: Any, page: int) -> Iterator[list[dict[str, str]]]:
        pages = client.get_paginator("list_object_versions")
        for told in pages.paginate(Bucket=self.bucket.name, PaginationConfig={"PageSize": page}):
            found = [*told.get("Versions", ()), *told.get("DeleteMarkers", ())]
            if found:
                yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]

    def resources(self) -> Mapping[str, Resource]:
        bucket = self.bucket
        by_default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": ENCRYPTION}}
        cors = {
            "AllowedOrigins": [bucket.origin],
            "AllowedMethods": list(CORS_METHODS),
            "AllowedHeaders": list(CORS_HEADERS),
            "MaxAge": CORS_AGE_S,
        }
        properties = {
            "BucketName": bucket.name,
            "PublicAccessBlockConfiguration": NOTHING_PUBLIC,
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [by_default]},
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {"Rules": [_in_template(rule) for rule in bucket.rules]},
            "CorsConfiguration": {"CorsRules": [cors]},
            "Tags": [{"Key": OURS, "Value": str(self.place.environment)}],
        }
        return {"Files": kept("AWS::S3::Bucket", properties, self.place)}


def _in_template(rule: Rule) -> dict[str, Any]:
    """CloudFormation has words of its own for what S3 calls otherwise."""
    told: dict[str, Any] = {"Id": rule.id, "Status": "Enabled"}
    if rule.prefix:
        told["Prefix"] = rule.prefix
    if rule.tag is not None:
        told["TagFilters"] = [{"Key": rule.tag.name, "Value": rule.tag.value}]
    if rule.cold_after_days is not None:
        told["Transitions"] = [{"StorageClass": COLD, "TransitionInDays": rule.cold_after_days}]
    if rule.earlier_versions_days is not None:
        told["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule.earlier_versions_days}
    if rule.gone_after_days is not None:
        told["ExpirationInDays"] = rule.gone_after_days
    elif rule.earlier_versions_days is not None:
        told["ExpiredObjectDeleteMarker"] = True
    if rule.stray_uploads_days is not None:
        told["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.stray_uploads_days}
    return told
