"""Which tokens are believed, with keys made here: nobody is asked over a socket."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import pytest
from attrs import evolve
from joserfc import jwt
from joserfc.jwk import RSAKey

from adapters.aws import cognito_tokens
from adapters.aws.cognito_tokens import ASK_AGAIN_AFTER, KEYS_MAX, LEEWAY_S, IdTokens, TokenRefused
from application.ports.credentials import IdentityUnavailable
from tests.support.fake_clock import NOON, FakeClock

ISSUER: Final = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool"
CLIENT: Final = "the-client"
KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
NOW: Final = int(NOON.timestamp())
CLAIMS: Final[Mapping[str, Any]] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "token_use": "id",
    "sub": "a-person",
    "iat": NOW,
    "exp": NOW + 300,
}


class Shown:
    """The keys that a pool shows, and how often somebody looked."""

    def __init__(self, *keys: RSAKey) -> None:
        self.keys: list[dict[str, Any]] = [dict(key.as_dict(private=False)) for key in keys]
        self.looks = 0

    def __call__(self) -> list[dict[str, Any]]:
        self.looks += 1
        return self.keys


def reader(shown: Callable[[], Any] | None = None, clock: FakeClock | None = None) -> IdTokens:
    return IdTokens(ISSUER, CLIENT, clock or FakeClock(), shown or Shown(KEY))


def signed(claims: Mapping[str, Any] | None = None, key: RSAKey = KEY, **header: str) -> str:
    said = {"alg": "RS256", "kid": key.kid or "", **header}
    return jwt.encode(said, dict(claims or CLAIMS), key, algorithms=["RS256", "RS384", "PS256"])


def unsigned(header: Mapping[str, str], signature: str = "") -> str:
    parts = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, dict(CLAIMS)))
    return f"{'.'.join(parts)}.{signature}"


def with_the_public_key_as_a_secret() -> str:
    """The old trick: the verifier's public key, which everybody has, used as the secret of HS256."""
    said = unsigned({"alg": "HS256", "kid": "one"}).rstrip(".")
    signature = hmac.digest(KEY.as_pem(private=False), said.encode(), sha256)
    return f"{said}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def meddled() -> str:
    header, _, signature = signed().split(".")
    forged = urlsafe_b64encode(json.dumps({**CLAIMS, "sub": "somebody-else"}).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def without(name: str) -> dict[str, Any]:
    return {claim: value for claim, value in CLAIMS.items() if claim != name}


REFUSED: Final[Mapping[str, str]] = {
    "signed by somebody else under our key's name": signed(key=OTHER_KEY, kid="one"),
    "signed with a key that is not shown": signed(key=OTHER_KEY),
    "changed after signing": meddled(),
    "signed by nobody": unsigned({"alg": "none", "kid": "one"}),
    "signed by nobody, in capitals": unsigned({"alg": "None", "kid": "one"}),
    "saying RS256 without a signature": unsigned({"alg": "RS256", "kid": "one"}),
    "signed with the public key as a secret": with_the_public_key_as_a_secret(),
    "signed by another algorithm of the same key": signed(alg="RS384"),
    "signed by PS256": signed(alg="PS256"),
    "over": signed({**CLAIMS, "iat": NOW - 600, "exp": NOW - LEEWAY_S - 1}),
    "of the future": signed({**CLAIMS, "iat": NOW + LEEWAY_S + 1}),
    "for another client": signed({**CLAIMS, "aud": "another-client"}),
    "of another pool": signed({**CLAIMS, "iss": ISSUER + "2"}),
    "of a pool whose name begins like ours": signed({**CLAIMS, "iss": ISSUER[:-1]}),
    "an access token": signed({**CLAIMS, "token_use": "access"}),
    **{f"without {name}": signed(without(name)) for name in CLAIMS},
    "no token": "nothing of the kind",
    "empty": "",
    "huge": signed({**CLAIMS, "name": "x" * 20_000}),
}


async def test_a_genuine_token_tells_who_it_is() -> None:
    assert (await reader().read(signed()))["sub"] == "a-person"


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
async def test_a_token_that_does_not_hold_is_refused_in_words_that_hold_nothing_of_it(token: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        await reader().read(token)

    assert "a-person" not in str(refused.value)
    assert "eyJ" not in str(refused.value)


@pytest.mark.parametrize(
    ("switched_off", "token"),
    [
        ("aud", REFUSED["for another client"]),
        ("iss", REFUSED["of another pool"]),
        ("token_use", REFUSED["an access token"]),
    ],
)
async def test_without_one_of_the_checks_such_a_token_would_be_believed(
    switched_off: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = IdTokens._claims_wanted

    def all_but_one(tokens: IdTokens) -> Any:
        registry = wanted(tokens)
        del registry.options[switched_off]
        return registry

    monkeypatch.setattr(IdTokens, "_claims_wanted", all_but_one)

    assert (await reader().read(token))["sub"] == "a-person"


async def test_if_other_algorithms_counted_one_of_them_would_be_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cognito_tokens, "ALGORITHM", "PS256")

    assert (await reader().read(REFUSED["signed by PS256"]))["sub"] == "a-person"


async def test_clocks_may_differ_by_a_minute() -> None:
    late = {**CLAIMS, "iat": NOW - 600, "exp": NOW - LEEWAY_S + 1}
    early = {**CLAIMS, "iat": NOW + LEEWAY_S}

    for claims in (late, early):
        assert (await reader().read(signed(claims)))["sub"] == "a-person"
    assert LEEWAY_S <= 60


async def test_keys_are_fetched_once_and_again_when_a_new_one_appears() -> None:
    clock, shown = FakeClock(), Shown(KEY)
    tokens = reader(shown, clock)
    for _ in range(3):
        await tokens.read(signed())
    assert shown.looks == 1

    shown.keys = Shown(KEY, OTHER_KEY).keys
    clock.advance(ASK_AGAIN_AFTER)
    still_good = {**CLAIMS, "exp": NOW + 900}
    assert (await tokens.read(signed(still_good, OTHER_KEY)))["sub"] == "a-person"
    assert shown.looks == 2


async def test_made_up_key_names_make_nobody_fetch_again_and_again() -> None:
    shown = Shown(KEY)
    tokens = reader(shown)

    for number in range(50):
        with pytest.raises(TokenRefused):
            await tokens.read(signed(kid=f"made-up-{number}"))

    assert shown.looks == 1


async def test_no_more_keys_are_kept_than_a_pool_can_have() -> None:
    public = dict(KEY.as_dict(private=False))
    tokens = reader(lambda: [{**public, "kid": f"key-{number}"} for number in range(KEYS_MAX * 4)])

    assert (await tokens.read(signed(kid="key-0")))["sub"] == "a-person"

    assert len(tokens._keys) == KEYS_MAX


@pytest.mark.parametrize("odd", [[{"kty": "RSA"}], [{"kty": "RSA", "kid": "one", "n": "!", "e": "!"}], [3], None])
async def test_keys_that_cannot_be_read_are_an_outage_and_no_refusal(odd: Any) -> None:
    with pytest.raises(IdentityUnavailable):
        await reader(lambda: odd).read(signed())


async def test_after_an_outage_keys_are_asked_for_at_once() -> None:
    shown = Shown(KEY)
    good, shown.keys = shown.keys, [{"kty": "RSA"}]
    tokens = reader(shown)
    with pytest.raises(IdentityUnavailable):
        await tokens.read(signed())

    shown.keys = good

    assert await tokens.read(signed())


def test_what_is_shown_of_the_reader_holds_no_key() -> None:
    assert "keys" not in repr(evolve(reader(), issuer="https://example.com"))
