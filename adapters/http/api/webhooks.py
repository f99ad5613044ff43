"""What payment gateways tell us."""

from typing import ClassVar, Final

from litestar import Controller, post
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import View

NOTICE_BYTES_MAX: Final = 64_000


class ReceivedView(View, frozen=True):
    EXAMPLE: ClassVar = {"received": True}

    received: bool


class WebhookController(Controller):
    path = "/webhooks"
    tags = ("Webhooks",)

    @post(
        "/{gateway:str}",
        status_code=200,
        request_max_body_size=NOTICE_BYTES_MAX,
        **route(Policy.GATEWAY, "Take a notice", "not_found", "too_large", takes_body=True),
    )
    async def receive(self, request: Call, gateway: FromPath[str]) -> ReceivedView:
        """Kept once, however often it is delivered, and acted on afterwards. The signature is over the raw body."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        await request.deeds.receive_notice(gateway, headers, await request.body())
        return ReceivedView(received=True)
