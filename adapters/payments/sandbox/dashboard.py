"""The sandbox's dashboard: what a seller's people do at a provider by hand, and what buyers' banks do to sellers."""

from typing import Annotated, Any, Final, Literal

from litestar import Controller, Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from msgspec import Meta, Struct

from adapters.payments.sandbox.api import Sandbox
from adapters.payments.sandbox.dashboard_pass import LASTS, DashboardPass
from adapters.payments.sandbox.dashboard_words import PaymentWords
from adapters.payments.sandbox.html import html_response, rendered, see_other
from adapters.payments.sandbox.messages import check_currency
from adapters.payments.sandbox.refusals import Refused
from application.ports.clock import Clock
from domain.errors import InvalidValue
from domain.money import Money

PAYMENTS_MAX: Final = 50
FORBIDDEN: Final = 403
PATH: Final = "/dashboard"
SIGN_IN: Final = f"{PATH}/sign-in"

_COOKIE: Final = "sandbox_dashboard"

Short = Annotated[str, Meta(max_length=100)]
Amount = Annotated[str, Meta(min_length=1, max_length=20)]


class SignInForm(Struct, frozen=True, forbid_unknown_fields=True):
    api_key: Annotated[str, Meta(max_length=500)]


class HandForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A payment that nobody ordered."""

    proof: Short
    amount: Amount
    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    description: Annotated[str, Meta(min_length=1, max_length=100)]


class DeedForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What the buttons beside a payment send."""

    proof: Short
    deed: Literal["refund", "dispute", "win", "lose", "capture"]
    amount: Short = ""
    reason: Short = ""


class Dashboard(Controller):
    path = PATH

    @get("/")
    async def show_all(self, request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]) -> Response[str]:
        """The payments that were opened last."""
        statements = await sandbox.desk.ask(sandbox.bank.latest, PAYMENTS_MAX)
        payments = [PaymentWords.of(statement) for statement in statements]
        return _page("dashboard.html", sandbox, request, payments=payments)

    @post("/payments")
    async def take_by_hand(
        self, data: URLEncodedBody[HandForm], request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]
    ) -> Response[str]:
        """A payment that is no order of the seller's software, as a shop's till would take it."""
        _check_proof(sandbox, request, data.proof)
        check_currency(data.currency)
        amount_minor = _amount_minor(data.amount, data.currency)
        taken = await sandbox.desk.do(
            sandbox.bank.take_by_hand, amount_minor, data.currency, data.description, sandbox.clock.now()
        )
        return see_other(f"{PATH}/payments/{taken.payment.reference}")

    @get("/payments/{reference:str}")
    async def show_one(
        self, reference: FromPath[str], request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]
    ) -> Response[str]:
        statement = await sandbox.desk.do(sandbox.bank.by_reference, reference, sandbox.clock.now())
        return _page("dashboard_payment.html", sandbox, request, payment=PaymentWords.of(statement))

    @post("/payments/{reference:str}")
    async def act(
        self,
        reference: FromPath[str],
        data: URLEncodedBody[DeedForm],
        request: Request[Any, Any, Any],
        sandbox: NamedDependency[Sandbox],
    ) -> Response[str]:
        """Do as the button says, and show what became of the payment."""
        _check_proof(sandbox, request, data.proof)
        await _done(sandbox, reference, data)
        return see_other(f"{PATH}/payments/{reference}")


@get(SIGN_IN, sync_to_thread=False)
def show_sign_in() -> Response[str]:
    return html_response(rendered("dashboard_sign_in.html", refused=False), 200, form_action="'self'")


@post(SIGN_IN)
async def sign_in(data: URLEncodedBody[SignInForm], sandbox: NamedDependency[Sandbox]) -> Response[str]:
    """A cookie for whoever knows the API key."""
    guard = DashboardPass(sandbox.settings.api_key)
    if not guard.is_key(data.api_key):
        return html_response(rendered("dashboard_sign_in.html", refused=True), FORBIDDEN, form_action="'self'")
    response = see_other(PATH)
    response.set_cookie(
        Cookie(
            _COOKIE,
            value=guard.issue(sandbox.clock.now()),
            path=PATH,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=sandbox.settings.base_url.startswith("https:"),
        )
    )
    return response


def dashboard(api_key: str, clock: Clock) -> list[Router | HTTPRouteHandler]:
    """The dashboard for holders of the key, and the page where strangers show it."""

    async def only_with_a_pass(request: Request[Any, Any, Any]) -> Response[str] | None:
        is_admitted = DashboardPass(api_key).admits(request.cookies.get(_COOKIE, ""), clock.now())
        return None if is_admitted else see_other(SIGN_IN)

    return [Router("/", route_handlers=[Dashboard], before_request=only_with_a_pass), show_sign_in, sign_in]


async def _done(sandbox: Sandbox, reference: str, form: DeedForm) -> None:
    bank, desk, at = sandbox.bank, sandbox.desk, sandbox.clock.now()
    if form.deed == "capture":
        await desk.do(bank.capture_by_hand, reference, at)
        return
    if form.deed in {"win", "lose"}:
        await desk.do(bank.close_dispute, reference, at, won=form.deed == "win")
        return
    currency = (await desk.do(bank.by_reference, reference, at)).payment.request.currency
    amount_minor = _amount_minor(form.amount, currency)
    if form.deed == "refund":
        await desk.do(bank.give_back_by_hand, reference, amount_minor, sandbox.faults.refunds, at)
    else:
        await desk.do(bank.open_dispute, reference, amount_minor, form.reason or "general", at)


def _amount_minor(text: str, currency: str) -> int:
    try:
        amount = Money.parse(text, currency)
    except InvalidValue as error:
        raise Refused(error.code, str(error)) from None
    if not Money.zero(currency) < amount:
        raise Refused("amount_not_positive", "give an amount above nothing")
    return amount.amount_minor


def _check_proof(sandbox: Sandbox, request: Request[Any, Any, Any], proof: str) -> None:
    if not DashboardPass(sandbox.settings.api_key).is_proof(proof, request.cookies.get(_COOKIE, "")):
        raise Refused("not_our_form", "this form is not from a page of the dashboard, or from an old one: reload it")


def _page(template: str, sandbox: Sandbox, request: Request[Any, Any, Any], **shown: Any) -> Response[str]:
    proof = DashboardPass(sandbox.settings.api_key).proof_of(request.cookies[_COOKIE])
    return html_response(rendered(template, proof=proof, path=PATH, **shown), 200, form_action="'self'")
