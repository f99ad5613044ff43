"""The hosted payment page: plain HTML and forms, so that browsers without JavaScript and curl can pay.

With the page's address in $PAGE: `curl -i -d choice=pay $PAGE`; instead of pay also decline, abandon, authorise,
three_d_secure, or pay_late with `-d delay_s=10`. After three_d_secure:
`curl -i -d choice=approve $PAGE/three-d-secure`, or reject.
"""

from typing import Annotated, Final, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from msgspec import Meta, Struct

from adapters.payments.sandbox.api import Sandbox
from adapters.payments.sandbox.html import html_response, rendered, see_other
from adapters.payments.sandbox.records import Choice, PageIsOver, Payment, PaymentStatus
from adapters.payments.sandbox.urls import origin
from domain.money import Money

CONFLICT: Final = 409
LATE_DELAY_S_MAX: Final = 86_400


class PayForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What the payment page's buttons send."""

    choice: Literal["pay", "decline", "three_d_secure", "abandon", "pay_late", "authorise"]
    delay_s: Annotated[int, Meta(ge=0, le=LATE_DELAY_S_MAX)] = 0


class BankForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What the buttons of the 3-D Secure page send."""

    choice: Literal["approve", "reject"]


class PayPage(Controller):
    path = "/pay/{page_token:str}"

    @get("/")
    async def show(self, page_token: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[str]:
        """The payment page, or what became of it."""
        payment = await sandbox.desk.do(sandbox.bank.page, page_token, sandbox.clock.now())
        return _page("pay.html" if payment.is_live else "over.html", payment)

    @post("/")
    async def choose(
        self, page_token: FromPath[str], data: URLEncodedBody[PayForm], sandbox: NamedDependency[Sandbox]
    ) -> Response[str]:
        """Do as the button says, and send the browser on."""
        return await _chosen(sandbox, page_token, Choice(data.choice), data.delay_s)

    @get("/three-d-secure")
    async def show_bank(self, page_token: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[str]:
        """The pretended bank's page."""
        payment = await sandbox.desk.do(sandbox.bank.page, page_token, sandbox.clock.now())
        if payment.status is PaymentStatus.OPEN:
            return see_other(f"/pay/{page_token}")
        return _page("bank.html" if payment.is_live else "over.html", payment)

    @post("/three-d-secure")
    async def answer_bank(
        self, page_token: FromPath[str], data: URLEncodedBody[BankForm], sandbox: NamedDependency[Sandbox]
    ) -> Response[str]:
        return await _chosen(sandbox, page_token, Choice(data.choice))


async def _chosen(sandbox: Sandbox, page_token: str, choice: Choice, delay_s: int = 0) -> Response[str]:
    at = sandbox.clock.now()
    try:
        payment = await sandbox.desk.do(sandbox.bank.choose, page_token, choice, at, delay_s)
    except PageIsOver:
        payment = await sandbox.desk.ask(sandbox.bank.page, page_token, at)
        return _page("over.html", payment, status=CONFLICT)
    if choice is Choice.THREE_D_SECURE and payment.is_live:
        return see_other(f"/pay/{page_token}/three-d-secure")
    return see_other(payment.request.return_url)


def _page(template: str, payment: Payment, status: int = 200) -> Response[str]:
    request = payment.request
    html = rendered(
        template,
        payment=payment,
        amount=str(Money(request.amount_minor, request.currency)),
        path=f"/pay/{payment.page_token}",
    )
    # Browsers apply form-action to the redirect after a form too, so the seller's address must be in it.
    return html_response(html, status, form_action=f"'self' {origin(request.return_url)}")
