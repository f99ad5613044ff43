"""Signing up, signing in, and one's own profile."""

from datetime import datetime
from typing import ClassVar, Self

from litestar import Controller, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from adapters.http.authentication import device_cookie, device_secret, session_cookie, session_secret
from adapters.http.call import Call
from adapters.http.fields import Email, Password, Phone, Secret, ShortText
from adapters.http.picture_body import picture_path
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, View, moment
from application.limits import ASK_FOR_MAIL, SIGN_IN, SIGN_UP, USE_LINK
from application.opening import SignedIn
from application.use_cases.codes_by_mail import ResetByCodeCommand
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.account import Account

_MAIL_IS_COMING = "if the address can be written to, a mail is on its way"


class SignUpBody(Body, frozen=True):
    """A role is not asked for: everybody begins as a user. Who signs up agrees to the terms."""

    EXAMPLE: ClassVar = {"email": "asha@example.com", "name": "Asha Rao", "password": "correct horse battery staple"}

    email: Email
    name: ShortText
    password: Password
    marketing: bool = False
    """Whether we may write about anything but what is booked."""


class TokenBody(Body, frozen=True):
    """What the link in the mail carries. Where the mail has a code and no link, say the `email` too."""

    EXAMPLE: ClassVar = {"token": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE"}

    token: Secret
    email: Email | None = None


class EmailBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"email": "asha@example.com"}

    email: Email


class NewPasswordBody(Body, frozen=True):
    """Where the mail has a code and no link, say the `email` too."""

    EXAMPLE: ClassVar = {
        "token": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE",
        "password": "another horse, another staple",
    }

    token: Secret
    password: Password
    email: Email | None = None


class SignInBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"email": "asha@example.com", "password": "correct horse battery staple"}

    email: Email
    password: Password


class ProfileBody(Body, frozen=True):
    """What is left out stays as it is."""

    EXAMPLE: ClassVar = {"name": "Asha R. Rao", "phone": "+91 98765 43210"}

    name: ShortText | None = None
    phone: Phone | None = None


class ProfileView(View, frozen=True):
    """Oneself. `kyc` says how the identity check stands."""

    EXAMPLE: ClassVar = {
        "id": "acc_01arz3ndektsv4rrffq69g5fav",
        "email": "asha@example.com",
        "name": "Asha Rao",
        "phone": "",
        "picture": None,
        "roles": ["organizer", "user"],
        "kyc": "approved",
        "may_publish": True,
        "created_at": "2026-11-22T12:00:00Z",
    }

    id: str
    email: str
    name: str
    phone: str
    picture: str | None
    roles: list[str]
    kyc: str
    may_publish: bool
    created_at: datetime | None

    @classmethod
    def of(cls, account: Account, at: datetime) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            phone=account.phone,
            picture=picture_path(account),
            roles=sorted(account.roles),
            kyc=account.kyc,
            may_publish=account.may_publish(at),
            created_at=moment(account.created_at),
        )


class SessionView(View, frozen=True):
    """`token` is told this once: send it as `Authorization: Bearer …`. Browsers also get it as a cookie.

    While it `awaits_factor` it opens nothing but the second step: see `GET /sessions/current/step`. Who
    `must_change_password` chooses one before anything else: `POST /me/password`.
    """

    EXAMPLE: ClassVar = {
        "token": "m3Jv1yYgq0WbC4uKfH2nTz8sXaPdL6eRiO9tGkVwQxE",
        "expires_at": "2026-12-22T12:00:00Z",
        "awaits_factor": False,
        "must_change_password": False,
        "account": ProfileView.EXAMPLE,
    }

    token: str
    expires_at: datetime | None
    awaits_factor: bool
    must_change_password: bool
    account: ProfileView | None

    @classmethod
    def of(cls, signed_in: SignedIn, at: datetime) -> Self:
        # Half a sign-in tells nothing of the person.
        must_change = signed_in.account.must_change_password
        account = None if signed_in.awaits_factor or must_change else ProfileView.of(signed_in.account, at)
        return cls(signed_in.secret, moment(signed_in.expires_at), signed_in.awaits_factor, must_change, account)


def session_answer(request: Call, signed_in: SignedIn) -> Response[SessionView]:
    """The session, for programs as a token and for browsers as a cookie."""
    return Response(SessionView.of(signed_in, request.deeds.clock.now()), cookies=cookies_of(request, signed_in))


def cookies_of(request: Call, signed_in: SignedIn) -> list[Cookie]:
    """That of the session and, after a password, the one by which this browser is known the next time."""
    cookies = [cookie_of(request, signed_in)]
    if signed_in.device is None:
        return cookies
    return [*cookies, device_cookie(request.base_url_of_ours, signed_in.device, request.deeds.clock.now())]


def cookie_of(request: Call, signed_in: SignedIn) -> Cookie:
    seconds = int((signed_in.expires_at - request.deeds.clock.now()).total_seconds())
    return session_cookie(request.base_url_of_ours, signed_in.secret, seconds)


class AccountController(Controller):
    tags = ("Accounts",)

    @post(
        "/accounts",
        status_code=202,
        **route(Policy.ANYONE, "Sign up", "password_refused", "invalid_value", "identity_unavailable", limit=SIGN_UP),
    )
    async def sign_up(self, request: Call, data: JSONBody[SignUpBody]) -> DoneView:
        """Send a link that proves the address. The answer is the same whether the address was known."""
        await request.deeds.sign_up(SignUpCommand(data.email, data.name, data.password, data.marketing))
        return DoneView(_MAIL_IS_COMING)

    @post(
        "/confirmations",
        status_code=200,
        **route(
            Policy.ANYONE,
            "Confirm an address",
            *("token_invalid", "invalid_value", "identity_unavailable", "sign_in_locked"),
            limit=USE_LINK,
        ),
    )
    async def confirm(self, request: Call, data: JSONBody[TokenBody]) -> ProfileView:
        """Use the link of the mail, once."""
        if data.email is None:
            confirmed = await request.deeds.confirm_email(data.token)
        else:
            confirmed = await request.deeds.confirm_by_code(data.email, data.token)
        return ProfileView.of(confirmed, request.deeds.clock.now())

    @post(
        "/confirmations/resend",
        status_code=202,
        **route(Policy.ANYONE, "Send the link again", "invalid_value", limit=ASK_FOR_MAIL),
    )
    async def resend(self, request: Call, data: JSONBody[EmailBody]) -> DoneView:
        """A fresh link; the answer is the same whether the address is known."""
        await request.deeds.resend_confirmation(data.email)
        return DoneView(_MAIL_IS_COMING)

    @get("/me", **route(Policy.SIGNED_IN, "Your profile"))
    async def me(self, request: Call) -> ProfileView:
        """Who you are here."""
        return ProfileView.of(request.actor.signed_in(), request.deeds.clock.now())

    @patch("/me", **route(Policy.SIGNED_IN, "Change your profile", "invalid_value", "stale_version"))
    async def edit(self, request: Call, data: JSONBody[ProfileBody]) -> ProfileView:
        """Name and telephone number; what is left out stays."""
        before = request.actor.signed_in()
        name = before.name if data.name is None else data.name
        phone = before.phone if data.phone is None else data.phone
        edited = await request.deeds.edit_profile(request.actor, EditProfileCommand(name, phone))
        return ProfileView.of(edited, request.deeds.clock.now())


class SessionController(Controller):
    path = "/sessions"
    tags = ("Accounts",)

    @post(
        "/",
        status_code=201,
        **route(
            Policy.ANYONE,
            "Sign in",
            *("sign_in_failed", "sign_in_locked", "password_closed", "email_not_confirmed", "account_disabled"),
            *("temporary_password_over", "identity_unavailable"),
            limit=SIGN_IN,
        ),
    )
    async def sign_in(self, request: Call, data: JSONBody[SignInBody]) -> Response[SessionView]:
        """Open a session. Programs use `token`, browsers the cookie that comes with it. By another cookie a browser is
        known the next time: then wrong passwords of strangers do not make it wait.
        """
        command = SignInCommand(data.email, data.password, request.source, device_secret(request), request.origin)
        return session_answer(request, await request.deeds.sign_in(command))

    @delete("/current", status_code=200, **route(Policy.ANYONE, "Sign out"))
    async def sign_out(self, request: Call) -> Response[DoneView]:
        """End this one session, a guest's too. Without one there is nothing to end, and that is no error."""
        await request.deeds.sign_out(session_secret(request) or "")
        return Response(DoneView("signed out"), cookies=[session_cookie(request.base_url_of_ours, "", 0)])


class PasswordBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"password": "another horse, another staple"}

    password: Password


class OwnPasswordController(Controller):
    path = "/me/password"
    tags = ("Accounts",)

    @post(
        "/",
        status_code=200,
        **route(
            Policy.PASSWORD_GIVEN,
            "Choose a new password",
            *("password_refused", "second_factor_required", "fresh_sign_in_required", "stale_version"),
            *("identity_unavailable", "sign_in_locked", "password_closed"),
        ),
    )
    async def change(self, request: Call, data: JSONBody[PasswordBody]) -> Response[SessionView]:
        """Every other session ends. After a temporary password this comes before anything else; later it needs a
        fresh sign-in.
        """
        return session_answer(request, await request.deeds.change_password(request.actor, data.password))


class PasswordController(Controller):
    path = "/password-resets"
    tags = ("Accounts",)

    @post("/", status_code=202, **route(Policy.ANYONE, "Forget a password", "invalid_value", limit=ASK_FOR_MAIL))
    async def ask(self, request: Call, data: JSONBody[EmailBody]) -> DoneView:
        """Send a link for a new one; the answer is the same whether the address is known."""
        await request.deeds.ask_for_reset(data.email)
        return DoneView(_MAIL_IS_COMING)

    @post(
        "/use",
        status_code=204,
        **route(
            Policy.ANYONE,
            "Set a new password",
            *("token_invalid", "password_refused", "invalid_value", "identity_unavailable", "sign_in_locked"),
            limit=USE_LINK,
        ),
    )
    async def use(self, request: Call, data: JSONBody[NewPasswordBody]) -> None:
        """Use the link of the mail, once. Every session of the account ends."""
        if data.email is None:
            await request.deeds.reset_password(ResetPasswordCommand(data.token, data.password))
        else:
            await request.deeds.reset_by_code(ResetByCodeCommand(data.email, data.token, data.password))
