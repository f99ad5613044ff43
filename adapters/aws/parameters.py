"""Settings that stand in the Parameter Store, above all secrets: /relexbooking/prod/stripe_api_key and the like."""

from typing import Any, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError
from typed_settings.types import LoadedSettings, LoaderMeta, OptionList, SettingsClass

from adapters.aws.session import open_client, wrong_setting
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_known

SECURE: Final = "SecureString"
PAGES_MAX: Final = 50
"""Ten parameters each: far more than there are settings."""
_READ_BEFORE: Final = frozenset({"ssm_env", "aws_region", "aws_endpoint_url"})
"""By these the store is found, so they cannot stand in it."""


def folder_of(environment: str) -> str:
    """Where the settings of one installation stand."""
    return f"/relexbooking/{environment}/"


def keys_of(environment: str) -> str:
    """Where our own keys stand beside them, if they are in the Parameter Store too: no settings."""
    return f"{folder_of(environment)}keys/"


@frozen
class ParameterLoader:
    """Reads every parameter of one installation, each named as its setting in lower case.

    WrongSetting for a name that is no setting, for a secret that is not encrypted there, and if nothing can be read.
    No value is ever in its words.
    """

    known: Settings
    """What the environment and the file say: where AWS is, and which installation this is."""

    def __call__(self, _settings_cls: SettingsClass, options: OptionList) -> LoadedSettings:
        """See typed_settings.loaders.Loader."""
        secrets = {option.path for option in options if option.is_secret}
        values = {}
        for parameter in self._parameters():
            name = parameter["Name"].removeprefix(folder_of(self.known.ssm_env))
            check_known(f"the parameter {parameter['Name']}", name, [option.path for option in options])
            if name in _READ_BEFORE:
                raise WrongSetting(
                    f"the parameter {parameter['Name']} is needed to find the Parameter Store: set it in a variable"
                )
            if name in secrets and parameter["Type"] != SECURE:
                raise WrongSetting(
                    f"the parameter {parameter['Name']} holds a secret in clear: store it as {SECURE}, and replace it"
                )
            values[name] = parameter["Value"]
        return LoadedSettings(values, LoaderMeta(self))

    def _parameters(self) -> list[Any]:
        where = f"RELEX_SSM_ENV={self.known.ssm_env}"
        client = open_client(self.known, "ssm")
        found: list[Any] = []
        asked = {"Path": folder_of(self.known.ssm_env), "Recursive": True, "WithDecryption": True}
        try:
            for number, page in enumerate(client.get_paginator("get_parameters_by_path").paginate(**asked)):
                if number == PAGES_MAX:
                    raise WrongSetting(
                        f"{where}: there are more parameters below it than settings: is it the right one?"
                    )
                found += [one for one in page["Parameters"] if not one["Name"].startswith(keys_of(self.known.ssm_env))]
        except (ClientError, BotoCoreError) as error:
            raise wrong_setting(where, error) from None
        finally:
            client.close()
        if not found:
            raise WrongSetting(
                f"{where}: there is no parameter below {folder_of(self.known.ssm_env)} in {client.meta.region_name}: "
                "name another installation, another RELEX_AWS_REGION, or take RELEX_SSM_ENV away"
            )
        return found
