"""The user pool of Cognito, and the parameters by which the server finds it."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from adapters.aws.bringing_about import Aspect, bring_about
from adapters.aws.cognito_pool import APP, BY_ADDRESS, CODES, KEEPING, PoolIds, UserPool, protection
from adapters.aws.parameters import SECURE, folder_of
from adapters.aws.site.place import OURS, Place, kept
from adapters.aws.site.thing import Clients, NeedsPerson, Plain, Resource, in_words

POOL_SETTINGS: Final = ("cognito_pool_id", "cognito_client_id", "cognito_client_secret")
_SECRET: Final = POOL_SETTINGS[2]
_POOL, _CLIENT = "People", "PeopleClient"
RIGHTS: Final = (
    *("AdminInitiateAuth", "AdminRespondToAuthChallenge", "AdminGetUser", "AdminListGroupsForUser"),
    *("AdminCreateUser", "AdminSetUserPassword", "AdminEnableUser", "AdminDisableUser", "AdminDeleteUser"),
    *("AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminUserGlobalSignOut"),
    *("DescribeUserPool", "DescribeUserPoolClient"),
)
"""What the server asks of a pool."""


@frozen
class PeopleThing(Plain):
    """A Thing: the pool with its client and its groups, made together with its tag."""

    place: Place

    @property
    def pool(self) -> UserPool:
        tags = {OURS: str(self.place.environment)}
        return UserPool.of(str(self.place.environment), tags, is_kept=self.place.environment.is_kept)

    @property
    def title(self) -> str:
        return f"user pool {self.pool.name}"

    @property
    def region(self) -> str:
        return self.place.region

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        return self.pool.aspects(clients.of("cognito-idp"))

    def mark(self, clients: Clients) -> Aspect:
        client, pool, wanted = clients.of("cognito-idp"), self.pool, str(self.place.environment)

        def tags() -> dict[str, str]:
            return dict(pool.described(client).get("UserPoolTags", {}))

        return Aspect(
            f"{self.title}: tag",
            wanted,
            lambda: tags().get(OURS),
            lambda: pool.change(client, UserPoolTags=tags() | {OURS: wanted}),
        )

    def remove(self, clients: Clients) -> None:
        self.pool.remove(clients.of("cognito-idp"))

    def resources(self) -> Mapping[str, Resource]:
        pool, of_it = self.pool, {"UserPoolId": {"Ref": _POOL}}
        properties = {
            "UserPoolName": pool.name,
            "UserPoolTags": dict(pool.tags),
            "DeletionProtection": protection(is_kept=pool.is_kept),
            "MfaConfiguration": CODES["MfaConfiguration"],
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
            **BY_ADDRESS,
            **KEEPING,
        }
        app = {"ClientName": pool.client_name, "GenerateSecret": True, **APP, **of_it}
        groups = {
            in_words(f"people-{group.name}"): {
                "Type": "AWS::Cognito::UserPoolGroup",
                "Properties": {"GroupName": group.name, "Precedence": group.precedence, **of_it},
            }
            for group in pool.groups
        }
        return {
            _POOL: kept("AWS::Cognito::UserPool", properties, self.place),
            _CLIENT: kept("AWS::Cognito::UserPoolClient", app, self.place),
            **groups,
        }


@frozen
class PoolParameterThing(Plain):
    """A Thing: one setting that Cognito chose, where RELEX_SSM_ENV finds it. The secret is shown to nobody.

    It may say another pool, which somebody runs by their own rules: that is never overwritten.
    """

    of: PeopleThing
    setting: str

    @property
    def name(self) -> str:
        return f"{folder_of(str(self.of.place.environment))}{self.setting}"

    @property
    def title(self) -> str:
        return f"parameter {self.name}"

    @property
    def region(self) -> str:
        return self.of.place.region

    @property
    def _type(self) -> str:
        return SECURE if self.setting == _SECRET else "String"

    def aspects(self, clients: Clients) -> tuple[Aspect, ...]:
        client = clients.of("ssm")

        def make() -> None:
            tags = [{"Key": OURS, "Value": str(self.of.place.environment)}]
            client.put_parameter(Name=self.name, Type=self._type, Value=self._wanted(clients), Tags=tags)

        def leave() -> None:
            raise NeedsPerson(
                f"{self.title} is not of our pool. If it should be: aws ssm delete-parameter --name {self.name}, "
                "and provision again"
            )

        return (
            Aspect(self.title, wanted=True, read=lambda: self._found(client) is not None, write=make),
            Aspect(f"{self.title}: is of our pool", wanted=True, read=lambda: self._is_ours(clients), write=leave),
        )

    def _found(self, client: Any) -> Mapping[str, Any] | None:
        told = client.get_parameters(Names=[self.name], WithDecryption=True)["Parameters"]
        return next(iter(told), None)

    def _is_ours(self, clients: Clients) -> bool:
        found, ids = self._found(clients.of("ssm")), self.of.pool.ids(clients.of("cognito-idp"))
        if found is None or ids is None:
            return False
        return (found["Type"], found["Value"]) == (self._type, self._of(ids))

    def _wanted(self, clients: Clients) -> str:
        """Its pool and client are made before, if somebody was interrupted between."""
        client = clients.of("cognito-idp")
        if self.of.pool.ids(client) is None:
            bring_about(self.of.pool.aspects(client))
        ids = self.of.pool.ids(client)
        assert ids is not None
        return self._of(ids)

    def _of(self, ids: PoolIds) -> str:
        said: str = getattr(ids, self.setting.removeprefix("cognito_"))
        return said

    def mark(self, _clients: Clients) -> None:
        """What it says tells."""

    def remove(self, clients: Clients) -> None:
        if not self._is_ours(clients):
            raise NeedsPerson(f"it is not of our pool: aws ssm delete-parameter --name {self.name}")
        clients.of("ssm").delete_parameter(Name=self.name)

    def resources(self) -> Mapping[str, Resource]:
        """None for the secret: CloudFormation makes no SecureString."""
        if self.setting == _SECRET:
            return {}
        value = {"Ref": _CLIENT if self.setting == "cognito_client_id" else _POOL}
        properties = {
            "Name": self.name,
            "Type": self._type,
            "Value": value,
            "Tags": {OURS: str(self.of.place.environment)},
        }
        return {in_words(self.setting): {"Type": "AWS::SSM::Parameter", "Properties": properties}}
