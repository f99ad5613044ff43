"""What the processes of an installation may do at AWS, and nothing beside it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.cloudwatch_counts import NAMESPACE
from adapters.aws.dynamo_tables import Tables
from adapters.aws.parameters import folder_of
from adapters.aws.site.people import RIGHTS
from adapters.aws.site.place import OURS, Place
from adapters.aws.site.thing import Clients, Plain, Resource, is_absent
from application.kinds import KINDS

_VERSIONS_MAX: Final = 5
"""So many versions of one policy IAM keeps."""
_RECORDS: Final = "GetItem BatchGetItem Query PutItem UpdateItem DeleteItem ConditionCheckItem".split()
_CHANGES: Final = "UpdateItem DeleteItem".split()
_EVERYWHERE: Final = "*"


def document(place: Place) -> dict[str, Any]:
    """The policy for the role of the server and the worker."""
    return {"Version": "2012-10-17", "Statement": [*_records(place), *_files(place), *_people(place), *_rest(place)]}


def _records(place: Place) -> list[dict[str, Any]]:
    tables = Tables(place.environment)
    ours = place.arn("dynamodb", f"table/{place.called('')}*")
    growing = [place.arn("dynamodb", f"table/{tables.name(kind.name)}") for kind in KINDS.values() if kind.only_grows]
    return [
        _allow("Records", [f"dynamodb:{action}" for action in _RECORDS], [ours, f"{ours}/index/*"]),
        # The start looks whether all tables are there, which can be asked of no single one.
        _allow("FindTables", ["dynamodb:ListTables"], [_EVERYWHERE]),
        _allow("WhatOnlyGrows", [f"dynamodb:{action}" for action in _CHANGES], growing) | {"Effect": "Deny"},
    ]


def _files(place: Place) -> list[dict[str, Any]]:
    bucket = f"arn:{place.partition}:s3:::{place.bucket}"
    return [
        # Without it S3 says of a missing file that it is forbidden.
        _allow("Folder", ["s3:ListBucket", "s3:ListBucketVersions"], [bucket]),
        _allow("Files", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging"], [f"{bucket}/*"]),
    ]


def _people(place: Place) -> list[dict[str, Any]]:
    # AWS makes up the names of pools: ours is known by its tag.
    ours = {"StringEquals": {f"aws:ResourceTag/{OURS}": str(place.environment)}}
    actions = [f"cognito-idp:{action}" for action in RIGHTS]
    return [_allow("People", actions, [place.arn("cognito-idp", "userpool/*")]) | {"Condition": ours}]


def _rest(place: Place) -> list[dict[str, Any]]:
    folder = folder_of(str(place.environment)).rstrip("/")
    key_of_documents = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{place.called('kyc')}"}}
    by_parameters = {"StringEquals": {"kms:ViaService": f"ssm.{place.region}.amazonaws.com"}}
    of_ours = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    keys = [place.arn("kms", "key/*")]
    parameters = [place.arn("ssm", f"parameter{folder}"), place.arn("ssm", f"parameter{folder}/*")]
    senders = [place.arn("ses", "identity/*"), place.arn("ses", "configuration-set/*")]
    logs = [place.arn("logs", f"log-group:/relexbooking/{place.environment}/*")]
    return [
        _allow("Mail", ["ses:SendEmail", "ses:SendRawEmail", "ses:GetEmailIdentity"], senders),
        # A telephone has no name at AWS: what is no topic is one.
        {"Sid": "Texts", "Effect": "Allow", "Action": ["sns:Publish"], "NotResource": ["arn:*:sns:*:*:*"]},
        _allow("TextLimits", ["sns:GetSMSAttributes"], [_EVERYWHERE]),
        _allow("Settings", ["ssm:GetParametersByPath"], parameters),
        _allow("Keys", ["ssm:PutParameter", "ssm:DeleteParameters"], [place.arn("ssm", f"parameter{folder}/keys/*")]),
        _allow("OpenSettings", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], keys)
        | {"Condition": by_parameters},
        _allow("IdentityDocuments", ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"], keys)
        | {"Condition": key_of_documents},
        _allow("Metrics", ["cloudwatch:PutMetricData"], [_EVERYWHERE]) | {"Condition": of_ours},
        _allow("Logs", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], logs),
    ]


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


@frozen
class PolicyThing(Plain):
    """A Thing: the policy, for whoever makes a role to attach it to."""

    place: Place

    @property
    def name(self) -> str:
        return self.place.called("server")

    @property
    def title(self) -> str:
        return f"policy {self.name}"

    @property
    def region(self) -> str:
        return self.place.region

    @property
    def arn(self) -> str:
        return self.place.arn("iam", f"policy/{self.name}", region="")

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client, wanted = clients.of("iam"), document(self.place)
        words = json.dumps(wanted)

        def read() -> Any:
            version = client.get_policy(PolicyArn=self.arn)["Policy"]["DefaultVersionId"]
            found = client.get_policy_version(PolicyArn=self.arn, VersionId=version)["PolicyVersion"]["Document"]
            return json.loads(found) if isinstance(found, str) else found

        def write() -> None:
            self._make_room(client)
            client.create_policy_version(PolicyArn=self.arn, PolicyDocument=words, SetAsDefault=True)

        return (
            Aspect(
                self.title,
                wanted=True,
                read=lambda: not is_absent(lambda: client.get_policy(PolicyArn=self.arn), "NoSuchEntity"),
                write=lambda: client.create_policy(PolicyName=self.name, PolicyDocument=words),
            ),
            Aspect(f"{self.title}: what it allows", wanted, read, write),
        )

    def _make_room(self, client: Any) -> None:
        versions = client.list_policy_versions(PolicyArn=self.arn)["Versions"]
        if len(versions) >= _VERSIONS_MAX:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda version: version["CreateDate"])
            client.delete_policy_version(PolicyArn=self.arn, VersionId=oldest["VersionId"])

    def mark(self, _clients: Clients) -> None:
        """Its name tells: CloudFormation gives a policy no tag."""

    def remove(self, clients: Clients) -> None:
        client = clients.of("iam")
        for version in client.list_policy_versions(PolicyArn=self.arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=self.arn, VersionId=version["VersionId"])
        client.delete_policy(PolicyArn=self.arn)

    def resources(self) -> Mapping[str, Resource]:
        properties = {"ManagedPolicyName": self.name, "PolicyDocument": document(self.place)}
        return {"ServerPolicy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}
