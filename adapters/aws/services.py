"""What we use of AWS beside the store, made from the settings. What cannot work stops the start, and says the mend."""

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.s3_objects import S3Objects
from adapters.aws.session import AwsLine, open_client, wrong_setting
from adapters.settings import Settings, WrongSetting
from application.ports.object_store import ObjectStore


def s3(settings: Settings) -> ObjectStore:
    """Files in a bucket that is there and that we may look into; WrongSetting otherwise."""
    if not settings.s3_bucket:
        raise WrongSetting("RELEX_S3_BUCKET is empty: name the bucket for files, or set RELEX_OBJECTS=local")
    client = open_client(settings, "s3")
    try:
        client.head_bucket(Bucket=settings.s3_bucket)
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting(f"RELEX_S3_BUCKET={settings.s3_bucket}", error) from None
    return S3Objects(AwsLine(client), settings.s3_bucket)
