"""The second step of a sign-in, being asked again, and one's own second factors."""

from datetime import datetime
from typing import Any, ClassVar, Final, Self

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.api.accounts import SessionView, cookie_of, session_answer
from adapters.http.authentication import device_secret
from adapters.http.call import Call
from adapters.http.fields import PasskeyName, Password, SignInCode
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, View, moment
from application.factor_check import Proof
from application.limits import SIGN_IN
from application.use_cases.enrol_factors import Enrolled
from application.use_cases.step_up import FactorList, SignInState
from domain.errors import InvalidValue
from domain.second_factors import Passkey

_SIGNED: Final = {
    "id": "AY1nF3mQ",
    "rawId": "AY1nF3mQ",
    "type": "public-key",
    "response": {"clientDataJSON": "eyJ0eXBlIjoi…", "authenticatorData": "SZYN5YgO…", "signature": "MEUCIQD…"},
}
_MADE: Final = _SIGNED | {"response": {"clientDataJSON": "eyJ0eXBlIjoi…", "attestationObject": "o2NmbXRk…"}}
_STEP: Final = ("factor_refused", "sign_in_locked", "account_disabled", "stale_version", "identity_unavailable")
_CHANGE: Final = ("fresh_sign_in_required", "second_factor_required", "stale_version")


class FactorBody(Body, frozen=True):
    """One of the two: `code`, of an authenticator app or for recovery, or what a `passkey` signed."""

    EXAMPLE: ClassVar = {"code": "492 039"}

    code: SignInCode | None = None
    passkey: dict[str, Any] | None = None

    def proof(self) -> Proof:
        if (self.code is None) == (self.passkey is None):
            raise InvalidValue("send either a code or what a passkey signed")
        return Proof(self.code or "", self.passkey)


class ConfirmationBody(Body, frozen=True):
    """One of the three."""

    EXAMPLE: ClassVar = {"code": "492 039"}

    password: Password | None = None
    code: SignInCode | None = None
    passkey: dict[str, Any] | None = None


class SignedBody(Body, frozen=True):
    """What `navigator.credentials.get` gave, as JSON."""

    EXAMPLE: ClassVar = {"passkey": _SIGNED}

    passkey: dict[str, Any]


class CodeBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"code": "492 039"}

    code: SignInCode


class NewPasskeyBody(Body, frozen=True):
    """What `navigator.credentials.create` gave, as JSON, and what to call it."""

    EXAMPLE: ClassVar = {"name": "My phone", "passkey": _MADE}

    name: PasskeyName
    passkey: dict[str, Any]


class StepView(View, frozen=True):
    """How far a sign-in has come. `kinds` are those that can be given."""

    EXAMPLE: ClassVar = {"awaits_factor": True, "must_enrol": False, "kinds": ["totp", "recovery_code"]}

    awaits_factor: bool
    must_enrol: bool
    kinds: list[str]

    @classmethod
    def of(cls, state: SignInState) -> Self:
        return cls(state.awaits_factor, state.must_enrol, list(state.kinds))


class PasskeyOptionsView(View, frozen=True):
    """For `navigator.credentials`, in the JSON form of WebAuthn. The challenge is good for one answer."""

    EXAMPLE: ClassVar = {"options": {"challenge": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE", "timeout": 300000}}

    options: dict[str, Any]


class PasskeyView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "id": "pky_01arz3ndektsv4rrffq69g5fav",
        "name": "My phone",
        "added_at": "2026-11-22T12:00:00Z",
        "last_used_at": None,
    }

    id: str
    name: str
    added_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(passkey.id, passkey.name, moment(passkey.added_at), moment(passkey.last_used_at))


class FactorsView(View, frozen=True):
    """`required`: the role asks for a second factor, so that the last one stays."""

    EXAMPLE: ClassVar = {
        "required": True,
        "totp_since": "2026-11-22T12:00:00Z",
        "passkeys": [PasskeyView.EXAMPLE],
        "recovery_codes_left": 10,
    }

    required: bool
    totp_since: datetime | None
    passkeys: list[PasskeyView]
    recovery_codes_left: int

    @classmethod
    def of(cls, found: FactorList) -> Self:
        factors = found.factors
        since = moment(factors.totp.confirmed_at) if factors.totp else None
        return cls(found.required, since, [PasskeyView.of(p) for p in factors.passkeys], len(factors.recovery_codes))


class NewTotpView(View, frozen=True):
    """Shown until the app has proved itself: `address` as a QR code, or `secret` to type."""

    EXAMPLE: ClassVar = {
        "address": "otpauth://totp/RelexBooking:asha@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=…",
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    }

    address: str
    secret: str


class EnrolledView(View, frozen=True):
    """`session` goes on in the place of the one that asked. `recovery_codes` are told this once, where new ones were
    made.
    """

    EXAMPLE: ClassVar = {
        "session": SessionView.EXAMPLE,
        "recovery_codes": ["x7k2m9-4tqh0c-w8d3v5-ez1nby"],
    }

    session: SessionView
    recovery_codes: list[str]


def _enrolled(request: Call, enrolled: Enrolled) -> Response[EnrolledView]:
    view = EnrolledView(SessionView.of(enrolled.signed_in, request.deeds.clock.now()), list(enrolled.recovery_codes))
    return Response(view, cookies=[cookie_of(request, enrolled.signed_in)])


class SignInStepController(Controller):
    path = "/sessions"
    tags = ("Accounts",)

    @get("/current/step", **route(Policy.PASSWORD_GIVEN, "How far the sign-in is"))
    async def state(self, request: Call) -> StepView:
        """What is still to be given."""
        return StepView.of(await request.deeds.step_up.state(request.actor))

    @post("/current/factor", status_code=200, **route(Policy.PASSWORD_GIVEN, "Give a second factor", *_STEP))
    async def give(self, request: Call, data: JSONBody[FactorBody]) -> Response[SessionView]:
        """The session goes on under a new token; the old one is dead."""
        return session_answer(request, await request.deeds.step_up.with_factor(request.actor, data.proof()))

    @post(
        "/current/passkey-challenge",
        status_code=200,
        **route(Policy.PASSWORD_GIVEN, "Ask for a passkey", "not_allowed_now"),
    )
    async def challenge(self, request: Call) -> PasskeyOptionsView:
        """For the second step, or to confirm."""
        return PasskeyOptionsView(dict(await request.deeds.ask_passkey.to_prove(request.actor)))

    @post(
        "/current/confirmation",
        status_code=200,
        **route(Policy.SIGNED_IN, "Confirm that it is you", "sign_in_failed", "invalid_value", *_STEP),
    )
    async def confirm(self, request: Call, data: JSONBody[ConfirmationBody]) -> Response[SessionView]:
        """Give the password or a second factor again. For a quarter of an hour the new token may do what needs it."""
        step_up, actor = request.deeds.step_up, request.actor
        if data.password is not None:
            if data.code is not None or data.passkey is not None:
                raise InvalidValue("send one of the three")
            confirmed = await step_up.with_password(actor, data.password, device_secret(request))
            return session_answer(request, confirmed)
        proof = FactorBody(data.code, data.passkey).proof()
        return session_answer(request, await step_up.with_factor(actor, proof))

    @post("/passkey-challenge", status_code=200, **route(Policy.ANYONE, "Begin to sign in by passkey", limit=SIGN_IN))
    async def begin(self, request: Call) -> PasskeyOptionsView:
        """For whichever passkey somebody has here."""
        return PasskeyOptionsView(dict(await request.deeds.ask_passkey.to_sign_in()))

    @post(
        "/passkey",
        status_code=201,
        **route(
            Policy.ANYONE,
            "Sign in by passkey",
            *("sign_in_failed", "factor_refused"),
            *("account_disabled", "email_not_confirmed", "stale_version"),
            limit=SIGN_IN,
        ),
    )
    async def sign_in(self, request: Call, data: JSONBody[SignedBody]) -> Response[SessionView]:
        """Without a password: the passkey verifies its user."""
        return session_answer(request, await request.deeds.sign_in_by_passkey(data.passkey, request.origin))


class FactorController(Controller):
    path = "/me/factors"
    tags = ("Accounts",)

    @get("/", **route(Policy.PASSWORD_GIVEN, "Your second factors", "second_factor_required"))
    async def show(self, request: Call) -> FactorsView:
        """What you have beside the password."""
        return FactorsView.of(await request.deeds.own_factors(request.actor))

    @post(
        "/app",
        status_code=200,
        **route(Policy.PASSWORD_GIVEN, "Set up an authenticator app", "factor_exists", *_CHANGE),
    )
    async def begin_totp(self, request: Call) -> NewTotpView:
        """It counts once its first code was confirmed."""
        new = await request.deeds.enrol_factors.begin_totp(request.actor)
        return NewTotpView(new.address, new.spelt)

    @post(
        "/app/confirmation",
        status_code=200,
        **route(Policy.PASSWORD_GIVEN, "Confirm an app", "factor_refused", "not_allowed_now", *_CHANGE),
    )
    async def confirm_totp(self, request: Call, data: JSONBody[CodeBody]) -> Response[EnrolledView]:
        """With the code that it shows now. Every other session ends."""
        return _enrolled(request, await request.deeds.enrol_factors.confirm_totp(request.actor, data.code))

    @post("/passkeys/challenge", status_code=200, **route(Policy.PASSWORD_GIVEN, "Begin to add a passkey"))
    async def begin_passkey(self, request: Call) -> PasskeyOptionsView:
        """For `navigator.credentials.create`."""
        return PasskeyOptionsView(dict(await request.deeds.ask_passkey.to_register(request.actor)))

    @post(
        "/passkeys",
        status_code=201,
        **route(Policy.PASSWORD_GIVEN, "Add a passkey", "factor_refused", "factor_exists", "invalid_value", *_CHANGE),
    )
    async def add_passkey(self, request: Call, data: JSONBody[NewPasskeyBody]) -> Response[EnrolledView]:
        """Every other session ends."""
        return _enrolled(request, await request.deeds.enrol_factors.add_passkey(request.actor, data.name, data.passkey))

    @delete(
        "/{factor_id:str}",
        status_code=200,
        **route(
            Policy.SIGNED_IN, "Remove a factor", "not_found", "last_factor_needed", "stale_version", needs_fresh=True
        ),
    )
    async def remove(self, request: Call, factor_id: FromPath[str]) -> Response[SessionView]:
        """`totp`, or the id of a passkey. Every other session ends."""
        return session_answer(request, await request.deeds.enrol_factors.remove(request.actor, factor_id))

    @post(
        "/recovery-codes",
        status_code=200,
        **route(Policy.SIGNED_IN, "New recovery codes", "not_allowed_now", "stale_version", needs_fresh=True),
    )
    async def renew(self, request: Call) -> Response[EnrolledView]:
        """Ten of them; those from before are dead."""
        return _enrolled(request, await request.deeds.enrol_factors.renew_recovery_codes(request.actor))


class FactorAdminController(Controller):
    path = "/accounts/{account_id:str}/factors"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "Somebody's second factors", "not_found"))
    async def show(self, request: Call, account_id: FromPath[str]) -> FactorsView:
        """Which there are. Nothing in it can be signed in with."""
        return FactorsView.of(await request.deeds.administer_factors.show(request.actor, account_id))

    @delete(
        "/",
        status_code=200,
        **route(Policy.ADMIN, "Remove somebody's second factors", "not_found", "stale_version", needs_fresh=True),
    )
    async def remove(self, request: Call, account_id: FromPath[str]) -> FactorsView:
        """For somebody who lost them. Every session of theirs ends, and they are told by mail."""
        return FactorsView.of(await request.deeds.administer_factors.remove(request.actor, account_id))
