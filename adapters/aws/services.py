"""What we use of AWS beside the store, made from the settings. What cannot work stops the start, and says the mend."""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.cloudwatch_counts import EVERY_S, CountPusher
from adapters.aws.key_parameters import KeyParameters
from adapters.aws.kms_key_wrapper import KmsKeyWrapper
from adapters.aws.parameter_folder import ParameterFolder
from adapters.aws.parameters import keys_of
from adapters.aws.s3_objects import S3Objects
from adapters.aws.ses_mailer import SesMailer
from adapters.aws.session import AwsLine, FaultKind, fault_of, open_client, wrong_setting
from adapters.aws.sns_texter import SnsTexter
from adapters.clock import SystemClock
from adapters.monitoring import metrics
from adapters.monitoring.stocktaking import take_stock
from adapters.secret_folder import KeyFolders
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from adapters.tickets.private_folder import PrivateFolder
from application.deeds import Deeds
from application.jobs import Job
from application.ports.key_wrapper import KeyWrapper
from application.ports.mailer import Mailer
from application.ports.object_store import ObjectStore
from application.ports.texts import Texter

_FOLDERS: Final = {
    "keys": "tickets",
    "keys/identity-files": "identity-files",
    "keys/identity-hashes": "identity-hashes",
}
"""How folders of the data folder are called there, if otherwise."""
_WRITE_TRIES: Final = 8
"""SSM takes three writes a second from everybody together, and a first start writes a dozen. Starts look by it too."""


def s3(settings: Settings) -> ObjectStore:
    """Files in a bucket that is there and that we may look into; WrongSetting otherwise."""
    if not settings.s3_bucket:
        raise WrongSetting("RELEX_S3_BUCKET is empty: name the bucket for files, or set RELEX_OBJECTS=local")
    client = open_client(settings, "s3")
    try:
        region = client.head_bucket(Bucket=settings.s3_bucket).get("BucketRegion", client.meta.region_name)
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting(f"RELEX_S3_BUCKET={settings.s3_bucket}", error) from None
    if region != client.meta.region_name:
        # What boto3 sends itself finds the way to another region. A link does not: the region is signed with it.
        client = open_client(settings, "s3", region=region)
    return S3Objects(AwsLine(client), settings.s3_bucket)


def ses(settings: Settings) -> Mailer:
    """Mail through SES from an address, or a domain, that it knows as ours; WrongSetting otherwise."""
    client = open_client(settings, "sesv2", tries=1)
    try:
        mailer = SesMailer(AwsLine(client), settings.mail_from, SystemClock(), settings.ses_configuration_set)
    except ValueError as error:
        raise WrongSetting(f"RELEX_MAIL_FROM: {error}") from error
    address = mailer.sender.addr_spec
    for identity in (address, mailer.sender.domain):
        try:
            client.get_email_identity(EmailIdentity=identity)
        except (ClientError, BotoCoreError) as error:
            if fault_of(error).kind is not FaultKind.MISSING:
                raise wrong_setting(f"RELEX_MAIL_FROM={address}", error) from None
        else:
            return mailer
    raise WrongSetting(
        f"RELEX_MAIL_FROM={address}: SES knows neither this address nor its domain in {client.meta.region_name}: "
        "verify one of them there, or set RELEX_MAILER=smtp"
    )


def kms(settings: Settings) -> KeyWrapper:
    """Keys in KMS under an alias that is there; WrongSetting otherwise."""
    client = open_client(settings, "kms")
    try:
        client.describe_key(KeyId=settings.kyc_kms_key)
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting(f"RELEX_KYC_KMS_KEY={settings.kyc_kms_key}", error) from None
    return KmsKeyWrapper(AwsLine(client), settings.kyc_kms_key)


def cloudwatch(settings: Settings, deeds: Deeds) -> Job:
    """The job that sends what this process counts; WrongSetting if CloudWatch does not take even nothing."""
    client = open_client(settings, "cloudwatch", tries=1)
    pusher = CountPusher(AwsLine(client), settings.aws_env, lambda: take_stock(deeds), metrics.own_samples, deeds.clock)
    try:
        client.put_metric_data(**pusher.sign_of_life())
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting("RELEX_CLOUDWATCH=true", error) from None
    return Job("push_counts", EVERY_S, pusher)


def keys(settings: Settings, *, only_look: bool = False) -> KeyFolders:
    """Our own keys in the Parameter Store; WrongSetting if we may not look there.

    Unless one only looks, what this machine's folders have is taken over where nothing is there yet.
    """
    client, writer = open_client(settings, "ssm"), open_client(settings, "ssm", tries=_WRITE_TRIES)
    every = KeyParameters(client, writer, keys_of(settings.aws_env))

    def folder(name: str) -> ParameterFolder:
        found = ParameterFolder(every, _FOLDERS.get(name, name))
        if (settings.data_dir / name).is_dir():
            found.take_over(PrivateFolder.open(settings.data_dir / name), only_look=only_look)
        return found

    return folder


def sns(settings: Settings) -> Texter:
    """Texts through SNS; WrongSetting if it does not let us look at what it would send."""
    client = open_client(settings, "sns", tries=1)
    try:
        client.get_sms_attributes(attributes=["MonthlySpendLimit"])
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting("RELEX_TEXTS=sns", error) from None
    return SnsTexter(AwsLine(client))
