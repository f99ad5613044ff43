"""Calls to one app client of one user pool."""

import base64
import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from attrs import define, field
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.cognito_words import NO_SUCH_USER, code_of, refusal
from adapters.aws.session import AwsLine


@define(eq=False)
class CognitoLine:
    """Says with each call which pool, which client, and by the client's secret that it is us."""

    line: AwsLine
    pool_id: str
    client_id: str
    _client_secret: str = field(repr=False)

    def proof(self, login: str) -> str:
        """Cognito's secret hash; empty for a client that has no secret."""
        if not self._client_secret:
            return ""
        key, said = self._client_secret.encode(), (login + self.client_id).encode()
        return base64.b64encode(hmac.digest(key, said, sha256)).decode()

    async def ask(self, call: Callable[[Any], Mapping[str, Any]]) -> Mapping[str, Any]:
        """What Cognito answers. ClientError and BotoCoreError are for the caller."""
        return await self.line.do(call)

    async def tell(self, call: Callable[[Any], Mapping[str, Any]]) -> Mapping[str, Any]:
        """The same, where each complaint is a refusal of ours."""
        try:
            return await self.ask(call)
        except (ClientError, BotoCoreError) as error:
            raise refusal(error) from None

    async def of_client(self, name: str, login: str, **said: Any) -> Mapping[str, Any]:
        """A deed that people do themselves, through our client."""
        proof = {"SecretHash": self.proof(login)} if self._client_secret else {}
        return await self.tell(lambda aws: getattr(aws, name)(ClientId=self.client_id, Username=login, **proof, **said))

    async def of_admin(self, name: str, login: str, **said: Any) -> Mapping[str, Any]:
        """A deed on one user of the pool."""
        return await self.tell(lambda aws: self.on_user(aws, name, login, **said))

    def on_user(self, aws: Any, name: str, login: str, **said: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(aws, name)(UserPoolId=self.pool_id, Username=login, **said)
        return answer

    async def user(self, login: str) -> Mapping[str, Any] | None:
        """The user as they are; None if there is none."""
        try:
            return await self.ask(lambda aws: self.on_user(aws, "admin_get_user", login))
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == NO_SUCH_USER:
                return None
            raise refusal(error) from None

    async def groups(self, login: str) -> frozenset[str]:
        """The names of all groups of a user."""
        found: list[str] = []
        said: dict[str, str] = {}
        while True:
            page = await self.of_admin("admin_list_groups_for_user", login, **said)
            found += [str(group["GroupName"]) for group in page.get("Groups", ())]
            if not page.get("NextToken"):
                return frozenset(found)
            said = {"NextToken": page["NextToken"]}
