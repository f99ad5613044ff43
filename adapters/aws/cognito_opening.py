"""The keeper on Cognito, made from the settings. What cannot work stops the start, and says the mend."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.cognito_keeper import CognitoKeeper
from adapters.aws.cognito_line import CognitoLine
from adapters.aws.cognito_pool import AUTH_FLOWS
from adapters.aws.cognito_tokens import FetchKeys, IdTokens
from adapters.aws.session import ANSWER_TIMEOUT_S, AwsLine, open_client, wrong_setting
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper, IdentityUnavailable

_MAKE_IT: Final = "`relexbooking aws provision` makes one as it must be"
_KEYS_BYTES_MAX: Final = 65_536


def open_keeper(settings: Settings, clock: Clock) -> CredentialKeeper:
    """A pool and a client that are there and fit; WrongSetting otherwise. Nothing there is changed."""
    for name in ("cognito_pool_id", "cognito_client_id"):
        if not getattr(settings, name):
            raise WrongSetting(f"RELEX_{name.upper()} is empty: name it, or set RELEX_IDENTITY=builtin; {_MAKE_IT}")
    # A call that may have been heard is not sent twice: codes and questions are good for one answer.
    client = open_client(settings, "cognito-idp", tries=1)
    pool = _asked(
        f"RELEX_COGNITO_POOL_ID={settings.cognito_pool_id}",
        lambda: client.describe_user_pool(UserPoolId=settings.cognito_pool_id)["UserPool"],
    )
    if "email" not in pool.get("UsernameAttributes", []):
        raise WrongSetting(
            f"RELEX_COGNITO_POOL_ID={settings.cognito_pool_id}: people must sign in there with their e-mail address, "
            f"which cannot be changed in a pool: take another; {_MAKE_IT}"
        )
    _check_client(settings, client)
    issuer = f"https://cognito-idp.{client.meta.region_name}.amazonaws.com/{settings.cognito_pool_id}"
    address = f"{(settings.aws_endpoint_url or issuer.rsplit('/', 1)[0]).rstrip('/')}/{settings.cognito_pool_id}"
    fetch = keys_at(f"{address}/.well-known/jwks.json")
    try:
        fetch()
    except IdentityUnavailable:
        raise WrongSetting(
            f"RELEX_COGNITO_POOL_ID={settings.cognito_pool_id}: its keys cannot be fetched from {address}: see that "
            "this machine reaches it"
        ) from None
    tokens = IdTokens(issuer, settings.cognito_client_id, clock, fetch)
    line = CognitoLine(
        AwsLine(client), settings.cognito_pool_id, settings.cognito_client_id, settings.cognito_client_secret
    )
    return CognitoKeeper(line, tokens)


def _asked(setting: str, call: Any) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = call()
    except (ClientError, BotoCoreError) as error:
        raise wrong_setting(setting, error) from None
    return answer


def _check_client(settings: Settings, client: Any) -> None:
    setting = f"RELEX_COGNITO_CLIENT_ID={settings.cognito_client_id}"
    said = {"UserPoolId": settings.cognito_pool_id, "ClientId": settings.cognito_client_id}
    app = _asked(setting, lambda: client.describe_user_pool_client(**said)["UserPoolClient"])
    if AUTH_FLOWS[0] not in app.get("ExplicitAuthFlows", []):
        raise WrongSetting(f"{setting}: switch {AUTH_FLOWS[0]} on for it; {_MAKE_IT}")
    if app.get("ClientSecret", "") != settings.cognito_client_secret:
        raise WrongSetting("RELEX_COGNITO_CLIENT_SECRET is not the one of that client: copy it anew, or leave it empty")


def keys_at(url: str) -> FetchKeys:
    """Fetches the public keys of a pool."""

    def fetch() -> Sequence[Mapping[str, Any]]:
        try:
            answer = httpx.get(url, timeout=ANSWER_TIMEOUT_S, follow_redirects=False).raise_for_status()
            keys = answer.json()["keys"] if len(answer.content) <= _KEYS_BYTES_MAX else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            keys = None
        if not isinstance(keys, list):
            raise IdentityUnavailable("the identity provider does not show its keys: try again in a moment")
        return keys

    return fetch
