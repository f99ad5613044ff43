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
    tags: Mapping[str, str] = {}
    """What is written on it when it is made."""
    is_kept: bool = False
    """Whether Cognito refuses to delete it."""

    @classmethod
    def of(cls, environment: str, tags: Mapping[str, str] | None = None, *, is_kept: bool = False) -> "UserPool":
        names = f"relexbooking-{environment}", f"relexbooking-{environment}-server"
        return cls(*names, tags=tags or {}, is_kept=is_kept)

    def aspects(self, client: Any) -> tuple[Aspect, ...]:
        """All that is wanted of it, the pool itself first."""
        groups = tuple(_group(client, self, group) for group in self.groups)
        settings = (_keeping(client, self), _codes(client, self), _protection(client, self))
        return (_existence(client, self), *settings, _app(client, self), *groups)

    def described(self, client: Any) -> Mapping[str, Any]:
        """As Cognito tells of it; nothing while it is not there."""
        pool_id = _pool_id(client, self)
        found: Mapping[str, Any] = {} if pool_id is None else client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return found

    def change(self, client: Any, **said: Any) -> None:
        """Change this of it. Cognito forgets whatever is not said again, so all that it takes is."""
        found = self.described(client)
        kept = {name: found[name] for name in _SAID_AGAIN if found.get(name)}
        kept["AdminCreateUserConfig"] = {
            # Its third, how long an invitation is good, is a word from before the password policy, which says it now.
            name: value
            for name, value in found.get("AdminCreateUserConfig", {}).items()
            if name != "UnusedAccountValidityDays"
        }
        client.update_user_pool(UserPoolId=_pool_id(client, self), **_mfa_of(client, self), **kept | said)

    def remove(self, client: Any) -> None:
        """Take it away with everybody in it."""
        client.delete_user_pool(UserPoolId=_pool_id(client, self))

    def ids(self, client: Any) -> PoolIds | None:
        """None while there is none of that name, or it has no client of that name."""
        pool_id = _pool_id(client, self)
        app = None if pool_id is None else _app_of(client, self, pool_id)
        if pool_id is None or app is None:
            return None
        return PoolIds(pool_id, app["ClientId"], app.get("ClientSecret", ""))


BY_ADDRESS: Final = {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
"""Cannot be changed once a pool is made."""
_SAID_AGAIN: Final = (
    "Policies AutoVerifiedAttributes AccountRecoverySetting DeletionProtection UserPoolTags EmailConfiguration "
    "SmsConfiguration LambdaConfig VerificationMessageTemplate UserAttributeUpdateSettings DeviceConfiguration "
    "UserPoolAddOns UserPoolTier"
).split()
CODES: Final[Mapping[str, Any]] = {
    "MfaConfiguration": "OPTIONAL",
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
}
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
        read=lambda: _pool_id(client, pool) is not None,
        write=lambda: client.create_user_pool(
            PoolName=pool.name,
            UserPoolTags=dict(pool.tags),
            DeletionProtection=protection(is_kept=pool.is_kept),
            **BY_ADDRESS,
            **KEEPING,
        ),
    )


def _keeping(client: Any, pool: UserPool) -> Aspect:
    def read() -> Any:
        found = pool.described(client)
        if not found:
            return None
        rules = found.get("Policies", {}).get("PasswordPolicy", {})
        wanted_rules = KEEPING["Policies"]["PasswordPolicy"]
        return {name: found.get(name) for name in KEEPING} | {
            "Policies": {"PasswordPolicy": {name: rules.get(name) for name in wanted_rules}}
        }

    return Aspect(f"user pool {pool.name}: passwords and mail", KEEPING, read, lambda: pool.change(client, **KEEPING))


def protection(*, is_kept: bool) -> str:
    """What Cognito calls it."""
    return "ACTIVE" if is_kept else "INACTIVE"


def _protection(client: Any, pool: UserPool) -> Aspect:
    wanted = protection(is_kept=pool.is_kept)
    return Aspect(
        f"user pool {pool.name}: protection from deletion",
        wanted,
        lambda: pool.described(client).get("DeletionProtection"),
        lambda: pool.change(client, DeletionProtection=wanted),
    )


def _mfa_of(client: Any, pool: UserPool) -> dict[str, Any]:
    found = client.get_user_pool_mfa_config(UserPoolId=_pool_id(client, pool))
    return {"MfaConfiguration": found.get("MfaConfiguration", "OFF")}


def _codes(client: Any, pool: UserPool) -> Aspect:
    wanted = dict(CODES)

    def read() -> Any:
        pool_id = _pool_id(client, pool)
        found = {} if pool_id is None else client.get_user_pool_mfa_config(UserPoolId=pool_id)
        return {name: found.get(name) for name in wanted}

    return Aspect(
        f"user pool {pool.name}: authenticator apps",
        wanted,
        read,
        lambda: client.set_user_pool_mfa_config(UserPoolId=_pool_id(client, pool), **wanted),
    )


def _app(client: Any, pool: UserPool) -> Aspect:
    def found() -> Any:
        pool_id = _pool_id(client, pool)
        return None if pool_id is None else _app_of(client, pool, pool_id)

    def read() -> Any:
        app = found()
        return None if app is None else {name: app.get(name) for name in APP}

    def write() -> None:
        pool_id, app = _pool_id(client, pool), found()
        if app is None:
            client.create_user_pool_client(UserPoolId=pool_id, ClientName=pool.client_name, GenerateSecret=True, **APP)
        else:
            client.update_user_pool_client(
                UserPoolId=pool_id, ClientId=app["ClientId"], ClientName=pool.client_name, **APP
            )

    return Aspect(f"user pool {pool.name}: client {pool.client_name}", dict(APP), read, write)


def _group(client: Any, pool: UserPool, group: Group) -> Aspect:
    def read() -> int | None:
        pool_id = _pool_id(client, pool)
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
        said = {"UserPoolId": _pool_id(client, pool), "GroupName": group.name, "Precedence": group.precedence}
        if read() is None:
            client.create_group(**said)
        else:
            client.update_group(**said)

    return Aspect(f"user pool {pool.name}: group {group.name}", group.precedence, read, write)


def _pool_id(client: Any, pool: UserPool) -> str | None:
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
