"""Codes from a mail, typed in: where an identity provider keeps the passwords, its mails carry no links."""

from litestar import Controller, get, post

from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.limited import FORM_LIMIT
from adapters.http.pages.forms import form_of
from adapters.http.pages.page_problems import refusal_headers, refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.policy import Policy
from application.limits import USE_LINK
from application.password_policy import PASSWORD_MIN
from application.use_cases.codes_by_mail import ResetByCodeCommand
from domain.email_address import EMAIL_MAX
from domain.errors import DomainError


class CodePages(Controller):
    @get("/confirm-code", opt={"policy": Policy.ANYONE})
    async def ask_to_confirm(self, request: Call) -> Ready:
        return _code_page(request, "/confirm-code")

    @post("/confirm-code", opt={"policy": Policy.ANYONE, FORM_LIMIT: USE_LINK})
    async def confirm(self, request: Call) -> Ready:
        form = await form_of(request)
        email = form.words("email", EMAIL_MAX)
        try:
            await request.deeds.confirm_by_code(email, form.raw("code"))
        except DomainError as error:
            return _code_page(request, "/confirm-code", email, error)
        return see_other("/sign-in?done=confirmed")

    @get("/reset-code", opt={"policy": Policy.ANYONE})
    async def ask_for_password(self, request: Call) -> Ready:
        return _code_page(request, "/reset-code")

    @post("/reset-code", opt={"policy": Policy.ANYONE, FORM_LIMIT: USE_LINK})
    async def reset(self, request: Call) -> Ready:
        """Set the new password. Every session of the account ends."""
        form = await form_of(request)
        email = form.words("email", EMAIL_MAX)
        try:
            await request.deeds.reset_by_code(ResetByCodeCommand(email, form.raw("code"), form.raw("password")))
        except DomainError as error:
            return _code_page(request, "/reset-code", email, error)
        return see_other("/sign-in?done=password", session_cookie(request.base_url_of_ours, "", 0))


def _code_page(request: Call, action: str, email: str = "", error: DomainError | None = None) -> Ready:
    return page(
        request,
        "mailed_code.html",
        200 if error is None else refusal_status(error),
        (NO_STORE,) if error is None else refusal_headers(error),
        action=action,
        email=email,
        problem="" if error is None else str(error),
        password_min=PASSWORD_MIN,
    )
