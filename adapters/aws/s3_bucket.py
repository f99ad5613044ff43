"""The bucket for files as it shall be: private, encrypted, with versions and with rules for what is old."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from attrs import frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.s3_objects import ASIDE, ENCRYPTION, SENT_ALONG, Tag
from application.document_custody import DOCUMENTS
from application.use_cases.profile_pictures import PROFILES
from application.waiting_files import FORGOTTEN_AFTER, WAITING

EARLIER_VERSIONS_DAYS: Final = 90
PERSONAL_VERSIONS_DAYS: Final = 1
"""Of what we deleted because its time is over, or because the person has gone, nothing shall stay behind."""
ASIDE_DAYS: Final = 180
STRAY_UPLOAD_DAYS: Final = 7
UNUSED_DAYS: Final = FORGOTTEN_AFTER // timedelta(days=1)
COLD: Final = "GLACIER_IR"
"""The archive class that answers at once: the page of an archived event still shows its pictures."""
EVERYTHING: Final = ""
IMAGES: Final = "public/events/"
NOTHING_PUBLIC: Final = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
CORS_METHODS: Final = ("GET", "HEAD", "PUT")
CORS_HEADERS: Final = tuple(SENT_ALONG.values())
CORS_AGE_S: Final = 3_600
_NO_REGION_NAMED: Final = "us-east-1"


@frozen
class Rule:
    """What becomes of objects with time, of all below a prefix or of those among them that carry a tag."""

    id: str
    prefix: str
    tag: Tag | None = None
    cold_after_days: int | None = None
    gone_after_days: int | None = None
    earlier_versions_days: int | None = None
    stray_uploads_days: int | None = None

    def as_asked(self) -> dict[str, Any]:
        """In the words of S3."""
        rule: dict[str, Any] = {"ID": self.id, "Status": "Enabled", "Filter": self._filter()}
        if self.cold_after_days is not None:
            rule["Transitions"] = [{"Days": self.cold_after_days, "StorageClass": COLD}]
        if self.earlier_versions_days is not None:
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": self.earlier_versions_days}
        if self.gone_after_days is not None:
            rule["Expiration"] = {"Days": self.gone_after_days}
        elif self.earlier_versions_days is not None:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": True}
        if self.stray_uploads_days is not None:
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": self.stray_uploads_days}
        return rule

    def _filter(self) -> dict[str, Any]:
        if self.tag is None:
            return {"Prefix": self.prefix}
        return {"And": {"Prefix": self.prefix, "Tags": [{"Key": self.tag.name, "Value": self.tag.value}]}}


RULES: Final = (
    Rule("set-aside-images-to-glacier", IMAGES, tag=ASIDE, cold_after_days=ASIDE_DAYS),
    Rule(
        "forget-earlier-versions",
        EVERYTHING,
        earlier_versions_days=EARLIER_VERSIONS_DAYS,
        stray_uploads_days=STRAY_UPLOAD_DAYS,
    ),
    Rule("forget-identity-documents", DOCUMENTS, earlier_versions_days=PERSONAL_VERSIONS_DAYS),
    Rule("forget-profile-pictures", PROFILES, earlier_versions_days=PERSONAL_VERSIONS_DAYS),
    Rule("forget-unused-uploads", WAITING, gone_after_days=UNUSED_DAYS, earlier_versions_days=UNUSED_DAYS),
)
"""None takes away what somebody may still ask for. Of identity documents only we know when their time is over, for it
begins with the end of an account and not with the upload."""


@frozen
class Bucket:
    """A bucket of one installation."""

    name: str
    region: str
    origin: str
    """Of our pages, whose scripts alone may read, and send what a link is for, through a browser."""
    rules: tuple[Rule, ...] = RULES

    def aspects(self, client: Any) -> tuple[Aspect, ...]:
        """All that is wanted of it, the bucket itself first."""
        return (_existence(client, self), *_keeping(client, self), _lifecycle(client, self), _cors(client, self))


def _existence(client: Any, bucket: Bucket) -> Aspect:
    def read() -> bool:
        try:
            client.head_bucket(Bucket=bucket.name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
            return False
        return True

    def write() -> None:
        # The oldest region must not be named.
        if bucket.region == _NO_REGION_NAMED:
            client.create_bucket(Bucket=bucket.name)
        else:
            place = {"LocationConstraint": bucket.region}
            client.create_bucket(Bucket=bucket.name, CreateBucketConfiguration=place)

    return Aspect(f"bucket {bucket.name}", wanted=True, read=read, write=write)


def _keeping(client: Any, bucket: Bucket) -> tuple[Aspect, ...]:
    name = bucket.name
    shut = NOTHING_PUBLIC
    sealed = [ENCRYPTION]

    def algorithms() -> list[str]:
        found = _unless_absent(lambda: client.get_bucket_encryption(Bucket=name)) or {}
        rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        return [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules]

    by_default = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": ENCRYPTION}}]}
    return (
        Aspect(
            f"bucket {name}: nothing public",
            shut,
            lambda: (_unless_absent(lambda: client.get_public_access_block(Bucket=name)) or {}).get(
                "PublicAccessBlockConfiguration"
            ),
            lambda: client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=shut),
        ),
        Aspect(
            f"bucket {name}: encryption",
            sealed,
            algorithms,
            lambda: client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=by_default),
        ),
        Aspect(
            f"bucket {name}: versions",
            "Enabled",
            lambda: client.get_bucket_versioning(Bucket=name).get("Status"),
            lambda: client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"}),
        ),
    )


def _lifecycle(client: Any, bucket: Bucket) -> Aspect:
    wanted = {rule.id: rule.as_asked() for rule in bucket.rules}

    def read() -> Mapping[str, Any] | None:
        found = _unless_absent(lambda: client.get_bucket_lifecycle_configuration(Bucket=bucket.name))
        return None if found is None else {rule["ID"]: rule for rule in found["Rules"]}

    def write() -> None:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket.name, LifecycleConfiguration={"Rules": list(wanted.values())}
        )

    return Aspect(f"bucket {bucket.name}: rules for what is old", wanted, read, write)


def _cors(client: Any, bucket: Bucket) -> Aspect:
    wanted = [
        {
            "AllowedOrigins": [bucket.origin],
            "AllowedMethods": list(CORS_METHODS),
            "AllowedHeaders": list(CORS_HEADERS),
            "MaxAgeSeconds": CORS_AGE_S,
        }
    ]

    def read() -> Any:
        found = _unless_absent(lambda: client.get_bucket_cors(Bucket=bucket.name))
        return None if found is None else found["CORSRules"]

    return Aspect(
        f"bucket {bucket.name}: CORS",
        wanted,
        read,
        lambda: client.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": wanted}),
    )


_ABSENT: Final = frozenset(
    {
        *("NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration", "NoSuchPublicAccessBlockConfiguration"),
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


def _unless_absent(read: Any) -> Any:
    """What was read; None if nobody has set it."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return None
