"""A user pool at moto's server, made by our own description, and what only its console could do."""

import time
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, frozen

from adapters.clock import SystemClock
from adapters.settings import Settings
from application.ports.credentials import CredentialKeeper

if TYPE_CHECKING:
    from adapters.aws.cognito_pool import PoolIds


@frozen
class Cognito:
    """moto checks a code of an app only where it is told to, takes any code of a sign-up, and knows no resending."""

    settings: Settings
    client: Any
    ids: "PoolIds"

    def keeper(self, *, with_secret: bool = True) -> CredentialKeeper:
        from adapters.aws.cognito_opening import open_keeper

        return open_keeper(self.settings if with_secret else self._without_secret(), SystemClock())

    def _without_secret(self) -> Settings:
        app = self._new_client("open")
        return evolve(self.settings, cognito_client_id=app["ClientId"], cognito_client_secret="")

    def _new_client(self, name: str) -> Any:
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        said = {"UserPoolId": self.ids.pool_id, "ClientName": name, "ExplicitAuthFlows": flows}
        return self.client.create_user_pool_client(**said)["UserPoolClient"]

    def set_up_app(self, email: str, password: str) -> None:
        """What a person does with an authenticator app and an access token of theirs."""
        app = self._new_client("theirs")
        answer = self.client.admin_initiate_auth(
            UserPoolId=self.ids.pool_id,
            ClientId=app["ClientId"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        token = answer["AuthenticationResult"]["AccessToken"]
        self.client.associate_software_token(AccessToken=token)
        self.client.verify_software_token(AccessToken=token, UserCode=self.code())
        self.client.set_user_mfa_preference(
            AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
        )

    def code(self) -> str:
        """What every app shows: moto has one secret for all."""
        from moto.cognitoidp.models import COGNITO_TOTP_MFA_SECRET
        from moto.cognitoidp.utils import cognito_totp

        return str(cognito_totp(COGNITO_TOTP_MFA_SECRET).generate(int(time.time())).decode())

    def wrong_code(self) -> str:
        return f"{(int(self.code()) + 1) % 1_000_000:06d}"

    def mailed_code(self, email: str) -> str:
        """The code of the last reset mail, which moto tells nobody but itself."""
        from moto.cognitoidp.models import cognitoidp_backends

        pool = cognitoidp_backends["123456789012"][self.client.meta.region_name].user_pools[self.ids.pool_id]
        return str(pool._get_user(email).confirmation_code)

    def put_into(self, email: str, *groups: str) -> None:
        known = {group["GroupName"] for group in self.client.list_groups(UserPoolId=self.ids.pool_id)["Groups"]}
        for group in groups:
            if group not in known:
                self.client.create_group(UserPoolId=self.ids.pool_id, GroupName=group)
            self.client.admin_add_user_to_group(UserPoolId=self.ids.pool_id, Username=email, GroupName=group)

    def groups(self, email: str) -> frozenset[str]:
        found = self.client.admin_list_groups_for_user(UserPoolId=self.ids.pool_id, Username=email)
        return frozenset(group["GroupName"] for group in found["Groups"])

    def is_enabled(self, email: str) -> bool:
        return bool(self.client.admin_get_user(UserPoolId=self.ids.pool_id, Username=email)["Enabled"])


@pytest.fixture
def cognito(aws: Settings, monkeypatch: pytest.MonkeyPatch) -> Cognito:
    """Imported only here: the tests of everything else need none of it."""
    from adapters.aws.bringing_about import bring_about
    from adapters.aws.cognito_pool import UserPool
    from adapters.aws.session import open_client

    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")
    pool, client = UserPool.of("tests"), open_client(aws, "cognito-idp")
    bring_about(pool.aspects(client))
    ids = pool.ids(client)
    assert ids is not None
    settings = evolve(
        aws,
        identity="cognito",
        cognito_pool_id=ids.pool_id,
        cognito_client_id=ids.client_id,
        cognito_client_secret=ids.client_secret,
    )
    return Cognito(settings, client, ids)
