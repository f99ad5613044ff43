"""Signing up, in and out, and one's own profile."""

from typing import Any, Final

from litestar import Controller, get, post

from adapters.http.api.accounts import cookies_of
from adapters.http.authentication import device_secret, session_cookie, session_secret
from adapters.http.call import Call
from adapters.http.limited import FORM_LIMIT
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.own_paths import HOME, own_path, then
from adapters.http.pages.page_problems import refusal_headers, refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.picture_body import AROUND_THE_FILE
from adapters.http.policy import Policy
from adapters.http.uploads import upload_of
from application.errors import EmailNotConfirmed
from application.limits import ASK_FOR_MAIL, SIGN_IN, SIGN_UP, UPLOAD, USE_LINK
from application.opening import SignedIn
from application.password_policy import PASSWORD_MIN
from application.use_cases.edit_profile import EditProfileCommand
from application.use_cases.profile_pictures import PROFILE_PICTURE_BYTES_MAX
from application.use_cases.reset_password import ResetPasswordCommand
from application.use_cases.sign_in import SignInCommand
from application.use_cases.sign_up import SignUpCommand
from domain.consent import ConsentPlace
from domain.email_address import EMAIL_MAX
from domain.errors import DomainError

_ANYONE: Final = {"policy": Policy.ANYONE}
_ASKS_FOR_MAIL: Final = {**_ANYONE, FORM_LIMIT: ASK_FOR_MAIL}
_USES_LINK: Final = {**_ANYONE, FORM_LIMIT: USE_LINK}
_DONE: Final = {
    "confirmed": "Your address is confirmed. Sign in to go on.",
    "password": "Your new password is set. You were signed out everywhere: sign in with it.",
    "saved": "Your profile is saved.",
    "shown": "Your picture is shown.",
    "removed": "Your picture is gone.",
}
"""What the address of a page may say was done; anything else says nothing."""


class SignUpPages(Controller):
    @get("/signup", opt=_ANYONE)
    async def ask(self, request: Call) -> Ready:
        return _sign_up_page(request, "", "")

    @post("/signup", opt={**_ANYONE, FORM_LIMIT: SIGN_UP})
    async def sign_up(self, request: Call) -> Ready:
        """The answer is the same whether the address was known."""
        form = await form_of(request)
        name, email = form.words("name"), form.words("email", EMAIL_MAX)
        marketing = bool(form.raw("marketing"))
        command = SignUpCommand(email, name, form.raw("password"), marketing, ConsentPlace.PAGE)
        try:
            await request.deeds.sign_up(command)
        except DomainError as error:
            return _sign_up_page(request, name, email, refusal_status(error), str(error))
        return see_other("/mail-sent")

    @get("/mail-sent", opt=_ANYONE)
    async def mail_sent(self, request: Call) -> Ready:
        return page(request, "mail_sent.html", mails_codes=request.deeds.mails_codes)

    @get("/confirm-email", opt=_ANYONE)
    async def ask_to_confirm(self, request: Call) -> Ready:
        """Changes nothing: mail programs open links before people do. Without a token it offers a new link."""
        token = query_of(request).raw("token")
        return page(request, "confirm_email.html", token=token, email="", problem="")

    @post("/confirm-email", opt=_USES_LINK)
    async def confirm(self, request: Call) -> Ready:
        token = (await form_of(request)).raw("token")
        try:
            await request.deeds.confirm_email(token)
        except DomainError as error:
            status = refusal_status(error)
            return page(request, "confirm_email.html", status, token="", email="", problem=str(error))
        return see_other("/sign-in?done=confirmed")

    @post("/confirm-email/resend", opt=_ASKS_FOR_MAIL)
    async def resend(self, request: Call) -> Ready:
        email = (await form_of(request)).words("email", EMAIL_MAX)
        try:
            await request.deeds.resend_confirmation(email)
        except DomainError as error:
            status, headers = refusal_status(error), refusal_headers(error)
            return page(request, "confirm_email.html", status, headers, token="", email=email, problem=str(error))
        return see_other("/mail-sent")


def _sign_up_page(request: Call, name: str, email: str, status: int = 200, problem: str = "") -> Ready:
    return page(request, "signup.html", status, name=name, email=email, problem=problem, password_min=PASSWORD_MIN)


class SignInPages(Controller):
    @get("/sign-in", opt=_ANYONE)
    async def ask(self, request: Call) -> Ready:
        query = query_of(request)
        next_path = own_path(query.raw("next"))
        if request.actor.account is not None:
            return see_other(next_path)
        return _sign_in_page(request, next_path, note=_DONE.get(query.words("done"), ""))

    @post("/sign-in", opt={**_ANYONE, FORM_LIMIT: SIGN_IN})
    async def sign_in(self, request: Call) -> Ready:
        """Open a session, and go on to the page that asked for it."""
        form = await form_of(request)
        email, next_path = form.words("email", EMAIL_MAX), own_path(form.raw("next"))
        try:
            signed_in = await request.deeds.sign_in(
                SignInCommand(email, form.raw("password"), request.source, device_secret(request), request.origin)
            )
        except DomainError as error:
            return _sign_in_page(request, next_path, email, error)
        return see_other(step_then(signed_in, next_path), *cookies_of(request, signed_in))

    @post("/sign-out", opt=_ANYONE)
    async def sign_out(self, request: Call) -> Ready:
        """End this one session; without one, nothing happens."""
        secret = session_secret(request)
        if secret:
            await request.deeds.sign_out(secret)
        return see_other(HOME, session_cookie(request.base_url_of_ours, "", 0))


def step_then(signed_in: SignedIn, next_path: str) -> str:
    """The page of what is still to be given; that which was asked for if nothing is."""
    if signed_in.awaits_factor:
        return then("/sign-in/step", next_path)
    return then("/sign-in/password", next_path) if signed_in.account.must_change_password else next_path


def _sign_in_page(
    request: Call,
    next_path: str,
    email: str = "",
    error: DomainError | None = None,
    *,
    note: str = "",
) -> Ready:
    return page(
        request,
        "sign_in.html",
        200 if error is None else refusal_status(error),
        (NO_STORE,) if error is None else refusal_headers(error),
        next_path=next_path,
        email=email,
        problem="" if error is None else str(error),
        note=note,
        is_unconfirmed=isinstance(error, EmailNotConfirmed),
    )


class PasswordPages(Controller):
    @get("/forgot-password", opt=_ANYONE)
    async def ask_for_address(self, request: Call) -> Ready:
        return page(request, "forgot_password.html", email="", problem="")

    @post("/forgot-password", opt=_ASKS_FOR_MAIL)
    async def send_link(self, request: Call) -> Ready:
        """The answer is the same whether the address is known."""
        email = (await form_of(request)).words("email", EMAIL_MAX)
        try:
            await request.deeds.ask_for_reset(email)
        except DomainError as error:
            status, headers = refusal_status(error), refusal_headers(error)
            return page(request, "forgot_password.html", status, headers, email=email, problem=str(error))
        return see_other("/mail-sent")

    @get("/reset-password", opt=_ANYONE)
    async def ask_for_password(self, request: Call) -> Ready:
        """Changes nothing, as every link in a mail."""
        return _new_password_page(request, query_of(request).raw("token"))

    @post("/reset-password", opt=_USES_LINK)
    async def reset(self, request: Call) -> Ready:
        """Set the new password. Every session of the account ends."""
        form = await form_of(request)
        token = form.raw("token")
        try:
            await request.deeds.reset_password(ResetPasswordCommand(token, form.raw("password")))
        except DomainError as error:
            return _new_password_page(request, token, refusal_status(error), str(error))
        return see_other("/sign-in?done=password", session_cookie(request.base_url_of_ours, "", 0))


def _new_password_page(request: Call, token: str, status: int = 200, problem: str = "") -> Ready:
    return page(request, "reset_password.html", status, token=token, problem=problem, password_min=PASSWORD_MIN)


class ProfilePages(Controller):
    path = "/me"

    @get("/", opt={"policy": Policy.SIGNED_IN})
    async def show(self, request: Call) -> Ready:
        return _own_page(request, note=_DONE.get(query_of(request).words("done"), ""))

    @post("/", opt={"policy": Policy.SIGNED_IN})
    async def save(self, request: Call) -> Ready:
        form = await form_of(request)
        name, phone = form.words("name"), form.words("phone")
        try:
            await request.deeds.edit_profile(request.actor, EditProfileCommand(name, phone))
        except DomainError as error:
            return _own_page(request, error, name=name, phone=phone)
        return see_other("/me?done=saved")

    @post(
        "/picture",
        opt={"policy": Policy.SIGNED_IN, FORM_LIMIT: UPLOAD},
        request_max_body_size=PROFILE_PICTURE_BYTES_MAX + AROUND_THE_FILE,
    )
    async def show_picture(self, request: Call) -> Ready:
        picture = (await upload_of(request)).files.get("image", b"")
        try:
            await request.deeds.set_own_picture(request.actor, picture)
        except DomainError as error:
            return _own_page(request, error)
        return see_other("/me?done=shown")

    @post("/picture/removal", opt={"policy": Policy.SIGNED_IN})
    async def remove_picture(self, request: Call) -> Ready:
        await request.deeds.set_own_picture.remove(request.actor)
        return see_other("/me?done=removed")


def _own_page(request: Call, error: DomainError | None = None, *, note: str = "", **typed: str) -> Ready:
    account = request.actor.signed_in()
    status, problem = (200, "") if error is None else (refusal_status(error), str(error))
    shown: dict[str, Any] = {"name": account.name, "phone": account.phone, **typed}
    return page(request, "me.html", status, problem=problem, note=note, **shown)
