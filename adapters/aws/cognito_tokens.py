"""Whether an ID token of Cognito's is genuine, for us and of now."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, field
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from application.ports.clock import Clock
from application.ports.credentials import IdentityUnavailable

LEEWAY_S: Final = 60
"""By how much Cognito's clock and ours may differ."""
KEYS_MAX: Final = 16
"""A pool has two. Whatever else a wrong address may answer, no more are kept."""
ASK_AGAIN_AFTER: Final = timedelta(seconds=30)
"""Keys are fetched for unknown names no more often: names are made up for nothing."""
ALGORITHM: Final = "RS256"
_TOKEN_CHARS_MAX: Final = 16_384

FetchKeys = Callable[[], Sequence[Mapping[str, Any]]]
"""The public keys as the pool shows them; IdentityUnavailable if it does not. It may block."""


class TokenRefused(Exception):
    """It is not genuine, not for us, or not of now. The words say which, and nothing of what is in it."""


@define(eq=False)
class IdTokens:
    """Reads the claims of genuine ID tokens. Keys are fetched once, and again when one carries a name that is new."""

    issuer: str
    client_id: str
    clock: Clock
    fetch_keys: FetchKeys = field(repr=False)
    _keys: dict[str, RSAKey] = field(init=False, factory=dict, repr=False)
    _fetched_at: datetime | None = field(init=False, default=None)
    _fetching: asyncio.Lock = field(init=False, factory=asyncio.Lock, repr=False)

    async def read(self, token: str) -> Mapping[str, Any]:
        """The claims; TokenRefused if anything about it does not hold."""
        if len(token) > _TOKEN_CHARS_MAX:
            raise TokenRefused("the token is too long")
        key = await self._key(_key_name(token))
        try:
            # The header's own word on the algorithm counts for nothing beyond this one.
            read = jwt.decode(token, key, algorithms=[ALGORITHM])
            self._claims_wanted().validate(read.claims)
        except (JoseError, ValueError) as error:
            raise TokenRefused(f"the token does not hold: {type(error).__name__}") from None
        return read.claims

    def _claims_wanted(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self.clock.now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            token_use={"essential": True, "value": "id"},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    async def _key(self, name: str) -> RSAKey:
        if name not in self._keys:
            async with self._fetching:
                if name not in self._keys and self._may_fetch():
                    await self._fetch()
        if name not in self._keys:
            raise TokenRefused("the token is signed with a key that the pool does not show")
        return self._keys[name]

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or self.clock.now() >= self._fetched_at + ASK_AGAIN_AFTER

    async def _fetch(self) -> None:
        shown = await asyncio.to_thread(self.fetch_keys)
        try:
            fit = [key for key in shown if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"][:KEYS_MAX]
            self._keys = {str(key["kid"]): RSAKey.import_key(_public(key)) for key in fit}
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IdentityUnavailable("the identity provider shows keys that cannot be read") from error
        self._fetched_at = self.clock.now()


def _public(key: Mapping[str, Any]) -> dict[str, str | list[str]]:
    return {name: str(key[name]) for name in ("kty", "kid", "n", "e")}


def _key_name(token: str) -> str:
    """The name of the key that the token says it is signed with, which proves nothing yet."""
    try:
        header = jws.extract_compact(token.encode()).protected
    except (JoseError, ValueError) as error:
        raise TokenRefused(f"this is no token: {type(error).__name__}") from None
    if header.get("alg") != ALGORITHM:
        raise TokenRefused(f"the token is not signed by {ALGORITHM}")
    return str(header.get("kid", ""))
