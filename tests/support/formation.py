"""What moto's CloudFormation does not read of a template, done by the services' own words for it.

It stands for CloudFormation: so it is written from its reference, and uses none of our descriptions.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from adapters.aws.site.thing import Clients

UNKNOWN_TO_MOTO: Final = (
    "AWS::SSM::Parameter",
    "AWS::CloudWatch::Alarm",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
)


def finish(clients: "Clients", resources: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """Set what is missing. `words` says what CloudFormation puts in the place of names in braces."""
    made: dict[str, str] = {}
    topic = next(iter(clients.of("sns").list_topics()["Topics"]))["TopicArn"]
    for resource in resources.values():
        told = _filled(resource["Properties"], words)
        match resource["Type"]:
            case "AWS::DynamoDB::Table":
                _table(clients.of("dynamodb"), told)
            case "AWS::S3::Bucket":
                _bucket(clients.of("s3"), told)
            case "AWS::SNS::Topic":
                clients.of("sns").tag_resource(ResourceArn=topic, Tags=told["Tags"])
            case "AWS::CloudWatch::Alarm":
                clients.of("cloudwatch").put_metric_alarm(**told | {"AlarmActions": [topic]})
            case "AWS::Cognito::UserPool":
                made["People"] = _pool(clients.of("cognito-idp"), told)
            case "AWS::Cognito::UserPoolClient":
                client = clients.of("cognito-idp")
                app = client.create_user_pool_client(**told | {"UserPoolId": made["People"]})["UserPoolClient"]
                made["PeopleClient"] = app["ClientId"]
            case "AWS::Cognito::UserPoolGroup":
                clients.of("cognito-idp").create_group(**told | {"UserPoolId": made["People"]})
            case "AWS::SSM::Parameter":
                value = made[told["Value"]["Ref"]]
                clients.of("ssm").put_parameter(Name=told["Name"], Type=told["Type"], Value=value)


def _filled(told: Any, words: Mapping[str, str]) -> Any:
    match told:
        case {"Fn::Sub": str() as text}:
            for name, value in words.items():
                text = text.replace(f"${{AWS::{name}}}", value)
            return text
        case dict():
            return {name: _filled(value, words) for name, value in told.items()}
        case list():
            return [_filled(value, words) for value in told]
        case _:
            return told


def _pool(client: Any, told: Mapping[str, Any]) -> str:
    given = dict(told)
    name, apps, mfa = given.pop("UserPoolName"), given.pop("EnabledMfas"), given.pop("MfaConfiguration")
    made: str = client.create_user_pool(PoolName=name, **given)["UserPool"]["Id"]
    has_apps = {"Enabled": "SOFTWARE_TOKEN_MFA" in apps}
    client.set_user_pool_mfa_config(UserPoolId=made, MfaConfiguration=mfa, SoftwareTokenMfaConfiguration=has_apps)
    return made


def _table(client: Any, told: Mapping[str, Any]) -> None:
    name = told["TableName"]
    if "TimeToLiveSpecification" in told:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=told["TimeToLiveSpecification"])
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=told["PointInTimeRecoverySpecification"]
    )


def _bucket(client: Any, told: Mapping[str, Any]) -> None:
    name = told["BucketName"]
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration=told["VersioningConfiguration"])
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=told["PublicAccessBlockConfiguration"])
    rules = [_rule(rule) for rule in told["LifecycleConfiguration"]["Rules"]]
    client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    cors = [
        {name.replace("MaxAge", "MaxAgeSeconds"): value for name, value in rule.items()}
        for rule in told["CorsConfiguration"]["CorsRules"]
    ]
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": cors})


def _rule(told: Mapping[str, Any]) -> dict[str, Any]:
    prefix = told.get("Prefix", "")
    tags = told.get("TagFilters")
    rule: dict[str, Any] = {"ID": told["Id"], "Status": told["Status"]}
    rule["Filter"] = {"And": {"Prefix": prefix, "Tags": tags}} if tags else {"Prefix": prefix}
    if "Transitions" in told:
        rule["Transitions"] = [
            {"Days": step["TransitionInDays"], "StorageClass": step["StorageClass"]} for step in told["Transitions"]
        ]
    if "ExpiredObjectDeleteMarker" in told:
        rule["Expiration"] = {"ExpiredObjectDeleteMarker": told["ExpiredObjectDeleteMarker"]}
    if "ExpirationInDays" in told:
        rule["Expiration"] = {"Days": told["ExpirationInDays"]}
    same = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return rule | {name: told[name] for name in same if name in told}
