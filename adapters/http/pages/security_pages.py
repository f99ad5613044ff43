"""The second step of a sign-in, one's own second factors, and being asked again."""

import asyncio
from typing import Any, Final

from litestar import Controller, get, post

from adapters.http.api.accounts import cookie_of
from adapters.http.authentication import device_secret
from adapters.http.call import Call
from adapters.http.pages.account_pages import step_then
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.own_paths import own_path
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, cookie_header, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.policy import NEEDS_FRESH, Policy
from application.errors import NotFound
from application.factor_check import Proof
from application.opening import SignedIn
from application.use_cases.enrol_factors import Enrolled
from domain.errors import DomainError, NotAllowedNow
from domain.second_factors import FactorRefused

_PASSWORD_GIVEN: Final = {"policy": Policy.PASSWORD_GIVEN}
_SIGNED_IN: Final = {"policy": Policy.SIGNED_IN}
_FRESH: Final = {"policy": Policy.SIGNED_IN, NEEDS_FRESH: True}
SECURITY: Final = "/me/security"
_SVG: Final = (b"content-type", b"image/svg+xml")


class SecondStepPages(Controller):
    path = "/sign-in/step"

    @get("/", opt=_PASSWORD_GIVEN)
    async def ask(self, request: Call) -> Ready:
        """What is still to be given; on to the page that was asked for if nothing is."""
        next_path = own_path(query_of(request).raw("next"))
        if request.actor.halfway is None:
            return see_other(next_path)
        state = await request.deeds.step_up.state(request.actor)
        return see_other(SECURITY) if state.must_enrol else page(request, "second_step.html", **_asked(next_path))

    @post("/", opt=_PASSWORD_GIVEN)
    async def give(self, request: Call) -> Ready:
        form = await form_of(request)
        next_path = own_path(form.raw("next"))
        try:
            signed_in = await request.deeds.step_up.with_factor(request.actor, Proof(form.raw("code")))
        except DomainError as error:
            return page(request, "second_step.html", refusal_status(error), **_asked(next_path, str(error)))
        return _gone_on(request, next_path, signed_in)


def _asked(next_path: str, problem: str = "") -> dict[str, Any]:
    return {"next_path": next_path, "problem": problem}


def _gone_on(request: Call, path: str, signed_in: SignedIn) -> Ready:
    return see_other(step_then(signed_in, path), cookie_of(request, signed_in))


class ConfirmPages(Controller):
    path = "/me/confirm"

    @get("/", opt=_SIGNED_IN)
    async def ask(self, request: Call) -> Ready:
        return await self._page(request, own_path(query_of(request).raw("next")))

    @post("/", opt=_SIGNED_IN)
    async def confirm(self, request: Call) -> Ready:
        """Either will do. Then back to where it was asked for."""
        form = await form_of(request)
        next_path, password = own_path(form.raw("next")), form.raw("password")
        step_up, actor = request.deeds.step_up, request.actor
        try:
            if password:
                confirmed = await step_up.with_password(actor, password, device_secret(request))
                return _gone_on(request, next_path, confirmed)
            return _gone_on(request, next_path, await step_up.with_factor(actor, Proof(form.raw("code"))))
        except DomainError as error:
            return await self._page(request, next_path, refusal_status(error), str(error))

    async def _page(self, request: Call, next_path: str, status: int = 200, problem: str = "") -> Ready:
        state = await request.deeds.step_up.state(request.actor)
        return page(request, "confirm.html", status, has_code=bool(state.kinds), **_asked(next_path, problem))


class SecurityPages(Controller):
    path = SECURITY

    @get("/", opt=_PASSWORD_GIVEN)
    async def show(self, request: Call) -> Ready:
        return await self._page(request)

    async def _page(self, request: Call, status: int = 200, problem: str = "") -> Ready:
        found = await request.deeds.own_factors(request.actor)
        is_half = request.actor.halfway is not None
        return page(request, "security.html", status, found=found, is_half=is_half, problem=problem)

    @post("/totp", opt=_PASSWORD_GIVEN)
    async def begin_app(self, request: Call) -> Ready:
        try:
            await request.deeds.enrol_factors.begin_totp(request.actor)
        except NotAllowedNow as error:
            return await self._page(request, refusal_status(error), str(error))
        return see_other(f"{SECURITY}/totp")

    @get("/totp", opt=_PASSWORD_GIVEN)
    async def new_app(self, request: Call) -> Ready:
        """What to scan, as long as this session sets an app up."""
        try:
            new = await request.deeds.enrol_factors.pending_totp(request.actor)
        except NotAllowedNow:
            return see_other(SECURITY)
        return page(request, "new_app.html", new=new, problem="")

    @get("/totp.svg", opt=_PASSWORD_GIVEN)
    async def code_of_app(self, request: Call) -> Ready:
        try:
            new = await request.deeds.enrol_factors.pending_totp(request.actor)
        except NotAllowedNow:
            raise NotFound("no app is being set up") from None
        svg = await asyncio.to_thread(request.deeds.link_drawer.link_svg, new.address)
        return Ready(200, svg, (_SVG, NO_STORE))

    @post("/totp/confirm", opt=_PASSWORD_GIVEN)
    async def confirm_app(self, request: Call) -> Ready:
        code = (await form_of(request)).raw("code")
        try:
            return _enrolled(request, await request.deeds.enrol_factors.confirm_totp(request.actor, code))
        except FactorRefused as error:
            new = await request.deeds.enrol_factors.pending_totp(request.actor)
            return page(request, "new_app.html", refusal_status(error), new=new, problem=str(error))
        except NotAllowedNow:
            return see_other(SECURITY)

    @post("/remove", opt=_FRESH)
    async def remove(self, request: Call) -> Ready:
        factor_id = (await form_of(request)).raw("factor")
        try:
            return _gone_on(request, SECURITY, await request.deeds.enrol_factors.remove(request.actor, factor_id))
        except DomainError as error:
            return await self._page(request, refusal_status(error), str(error))

    @post("/recovery-codes", opt=_FRESH)
    async def renew(self, request: Call) -> Ready:
        try:
            return _enrolled(request, await request.deeds.enrol_factors.renew_recovery_codes(request.actor))
        except NotAllowedNow as error:
            return await self._page(request, refusal_status(error), str(error))


def _enrolled(request: Call, enrolled: Enrolled) -> Ready:
    """The codes, this once: no redirect could carry them."""
    cookie = cookie_header(cookie_of(request, enrolled.signed_in))
    return page(request, "recovery_codes.html", 200, (NO_STORE, cookie), codes=enrolled.recovery_codes)
