"""The user pool as it shall be: people come in by their address, and our roles are its groups."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from botocore.exceptions import ClientError

from adapters.aws.bringing_about import Aspect
from adapters.aws.cognito_words import GROUP_OF
from application.password_policy import PASSWORD_MIN_OF_TWO

AUTH_FLOWS: Final = ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
"""Only we may bring passwords, with our rights at AWS; a pool without the second does without tokens for longer."""
_PAGE: Final = 60
_TOKEN_MINUTES: Final = 5
"""A token is read once, at once."""
_QUESTION_MINUTES: Final = 15
"""How long somebody has for a code or a new password: as long as half a sign-in lives here."""


@frozen
class Group:
    name: str
    precedence: int


GROUPS: Final = tuple(Group(name, place) for place, name in enumerate(GROUP_OF.values(), start=1))


@frozen
class PoolIds:
    """What RELEX_COGNITO_POOL_ID, _CLIENT_ID and _CLIENT_SECRET are to be."""

    pool_id: str
    client_id: str
    client_secret: str = field(repr=False)


@frozen
class UserPool:
    """A pool, its one app client and its groups, of one installation. Both are found by their names."""

    name: str
    client_name: str
    groups: tuple[Group, ...] = GROUPS
    tags: Mapping[str, str] = field(factory=dict)
    """What it carries beside the tags of others."""

    @classmethod
    def of(cls, environment: str) -> "UserPool":
        return cls(f"relexbooking-{environment}", f"relexbooking-{environment}-server")

    def aspects(self, client: Any) -> tuple[Aspect, ...]:
        """All that is wanted of it, the pool itself first."""
        groups = tuple(_group(client, self, group) for group in self.groups)
        return (_existence(client, self), _keeping(client, self), _codes(client, self), _app(client, self), *groups)

    def ids(self, client: Any) -> PoolIds | None:
        """None while there is none of that name, or it has no client of that name."""
        pool_id = pool_id_of(client, self)
        app = None if pool_id is None else _app_of(client, self, pool_id)
        if pool_id is None or app is None:
            return None
        return PoolIds(pool_id, app["ClientId"], app.get("ClientSecret", ""))


BY_ADDRESS: Final = {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
"""Cannot be changed once a pool is made."""
KEEPING: Final[Mapping[str, Any]] = {
    "AutoVerifiedAttributes": ["email"],
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    # Our own rules are stricter and say why. Cognito only sees to it that there is a password.
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": PASSWORD_MIN_OF_TWO,
            "RequireUppercase": False,
            "RequireLowercase": False,
            "RequireNumbers": False,
            "RequireSymbols": False,
            "TemporaryPasswordValidityDays": 1,
        }
    },
}
APP: Final[Mapping[str, Any]] = {
    "ExplicitAuthFlows": list(AUTH_FLOWS),
    "PreventUserExistenceErrors": "ENABLED",
    "IdTokenValidity": _TOKEN_MINUTES,
    "AccessTokenValidity": _TOKEN_MINUTES,
    "TokenValidityUnits": {"IdToken": "minutes", "AccessToken": "minutes", "RefreshToken": "hours"},
    "RefreshTokenValidity": 1,
    "AuthSessionValidity": _QUESTION_MINUTES,
    "EnableTokenRevocation": True,
}


def _existence(client: Any, pool: UserPool) -> Aspect:
    return Aspect(
        f"user pool {pool.name}",
        wanted=True,
        read=lambda: pool_id_of(client, pool) is not None,
        write=lambda: client.create_user_pool(
            PoolName=pool.name, UserPoolTags=dict(pool.tags), **BY_ADDRESS, **KEEPING
        ),
    )


def _keeping(client: Any, pool: UserPool) -> Aspect:
    def read() -> Any:
        pool_id = pool_id_of(client, pool)
        if pool_id is None:
            return None
        found = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        rules = found.get("Policies", {}).get("PasswordPolicy", {})
        wanted_rules = KEEPING["Policies"]["PasswordPolicy"]
        return {name: found.get(name) for name in KEEPING} | {
            "Policies": {"PasswordPolicy": {name: rules.get(name) for name in wanted_rules}}
        }

    return Aspect(f"user pool {pool.name}: passwords and mail", KEEPING, read, lambda: say_again(client, pool))


def tags_of(client: Any, pool: UserPool) -> dict[str, str]:
    """Those of a pool that is there."""
    return dict(client.describe_user_pool(UserPoolId=pool_id_of(client, pool))["UserPool"].get("UserPoolTags", {}))


def say_again(client: Any, pool: UserPool) -> None:
    """All of a pool in one call, which forgets whatever is not said: its rules, its tags and those of others."""
    tags = tags_of(client, pool) | dict(pool.tags)
    client.update_user_pool(UserPoolId=pool_id_of(client, pool), UserPoolTags=tags, **_mfa_of(client, pool), **KEEPING)


def _mfa_of(client: Any, pool: UserPool) -> dict[str, Any]:
    found = client.get_user_pool_mfa_config(UserPoolId=pool_id_of(client, pool))
    return {"MfaConfiguration": found.get("MfaConfiguration", "OFF")}


def _codes(client: Any, pool: UserPool) -> Aspect:
    wanted = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}

    def read() -> Any:
        pool_id = pool_id_of(client, pool)
        found = {} if pool_id is None else client.get_user_pool_mfa_config(UserPoolId=pool_id)
        return {name: found.get(name) for name in wanted}

    return Aspect(
        f"user pool {pool.name}: authenticator apps",
        wanted,
        read,
        lambda: client.set_user_pool_mfa_config(UserPoolId=pool_id_of(client, pool), **wanted),
    )


def _app(client: Any, pool: UserPool) -> Aspect:
    def found() -> Any:
        pool_id = pool_id_of(client, pool)
        return None if pool_id is None else _app_of(client, pool, pool_id)

    def read() -> Any:
        app = found()
        return None if app is None else {name: app.get(name) for name in APP}

    def write() -> None:
        pool_id, app = pool_id_of(client, pool), found()
        if app is None:
            client.create_user_pool_client(UserPoolId=pool_id, ClientName=pool.client_name, GenerateSecret=True, **APP)
        else:
            client.update_user_pool_client(
                UserPoolId=pool_id, ClientId=app["ClientId"], ClientName=pool.client_name, **APP
            )

    return Aspect(f"user pool {pool.name}: client {pool.client_name}", dict(APP), read, write)


def _group(client: Any, pool: UserPool, group: Group) -> Aspect:
    def read() -> int | None:
        pool_id = pool_id_of(client, pool)
        if pool_id is None:
            return None
        try:
            found = client.get_group(UserPoolId=pool_id, GroupName=group.name)["Group"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
        return int(found.get("Precedence", 0))

    def write() -> None:
        said = {"UserPoolId": pool_id_of(client, pool), "GroupName": group.name, "Precedence": group.precedence}
        if read() is None:
            client.create_group(**said)
        else:
            client.update_group(**said)

    return Aspect(f"user pool {pool.name}: group {group.name}", group.precedence, read, write)


def pool_id_of(client: Any, pool: UserPool) -> str | None:
    pages = client.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": _PAGE})
    return next((str(each["Id"]) for page in pages for each in page["UserPools"] if each["Name"] == pool.name), None)


def _app_of(client: Any, pool: UserPool, pool_id: str) -> Any:
    pages = client.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=pool_id, PaginationConfig={"PageSize": _PAGE}
    )
    named = (each for page in pages for each in page["UserPoolClients"] if each["ClientName"] == pool.client_name)
    app = next(named, None)
    if app is None:
        return None
    return client.describe_user_pool_client(UserPoolId=pool_id, ClientId=app["ClientId"])["UserPoolClient"]
