"""The user pool, for installations whose people come in through Cognito."""

from collections.abc import Mapping
from typing import Final

from attrs import evolve, frozen

from adapters.aws.bringing_about import Aspect
from adapters.aws.cognito_pool import APP, BY_ADDRESS, KEEPING, UserPool, pool_id_of, say_again, tags_of
from adapters.aws.site.place import OURS, Place, kept
from adapters.aws.site.thing import Clients, Plain, Resource, in_words, tag_of

_POOL: Final = {"Ref": "People"}
RIGHTS: Final = (
    *("AdminInitiateAuth", "AdminRespondToAuthChallenge", "AdminGetUser", "AdminListGroupsForUser"),
    *("AdminCreateUser", "AdminSetUserPassword", "AdminEnableUser", "AdminDisableUser", "AdminDeleteUser"),
    *("AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminUserGlobalSignOut"),
    *("DescribeUserPool", "DescribeUserPoolClient"),
)
"""What the server asks of a pool."""


@frozen
class PeopleThing(Plain):
    """A Thing: the pool with its client and groups, and with everybody in it."""

    place: Place

    @property
    def pool(self) -> UserPool:
        environment = str(self.place.environment)
        return evolve(UserPool.of(environment), tags={OURS: environment})

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
        return Aspect(
            f"{self.title}: tag", wanted, lambda: tag_of(tags_of(client, pool), OURS), lambda: say_again(client, pool)
        )

    def remove(self, clients: Clients) -> None:
        client = clients.of("cognito-idp")
        client.delete_user_pool(UserPoolId=pool_id_of(client, self.pool))

    def resources(self) -> Mapping[str, Resource]:
        pool = {
            "UserPoolName": self.pool.name,
            **BY_ADDRESS,
            **KEEPING,
            "MfaConfiguration": "OPTIONAL",
            "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
            "UserPoolTags": dict(self.pool.tags),
        }
        app = {"UserPoolId": _POOL, "ClientName": self.pool.client_name, "GenerateSecret": True, **APP}
        groups = {
            in_words(f"people-{group.name}"): {
                "Type": "AWS::Cognito::UserPoolGroup",
                "Properties": {"UserPoolId": _POOL, "GroupName": group.name, "Precedence": group.precedence},
            }
            for group in self.pool.groups
        }
        return {
            "People": kept("AWS::Cognito::UserPool", pool, self.place),
            "PeopleClient": {"Type": "AWS::Cognito::UserPoolClient", "Properties": app},
            **groups,
        }
