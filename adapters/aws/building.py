"""What we use of AWS, made from the settings. Its client is loaded only by who chooses it."""

from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper
from application.ports.store import Store


def dynamodb(settings: Settings) -> Store:
    """The store on DynamoDB; WrongSetting if it cannot be used."""
    try:
        from adapters.aws.dynamo_opening import open_store  # noqa: PLC0415 - a small installation does without boto3
    except ModuleNotFoundError as error:
        raise WrongSetting(
            f"RELEX_STORE=dynamodb needs {error.name}: pip install --require-hashes -r requirements-aws.lock"
        ) from error
    return open_store(settings)


def cognito(settings: Settings, clock: Clock) -> CredentialKeeper:
    """Passwords at Cognito; WrongSetting if it cannot be used."""
    try:
        from adapters.aws.cognito_opening import open_keeper  # noqa: PLC0415 - a small installation does without joserfc
    except ModuleNotFoundError as error:
        raise WrongSetting(
            f"RELEX_IDENTITY=cognito needs {error.name}: pip install --require-hashes -r requirements-aws.lock"
        ) from error
    return open_keeper(settings, clock)
