"""The HTTP application, put together from its parts."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from attrs import frozen
from litestar import Litestar
from litestar.datastructures import State

from adapters.http.api.account_admin import AccountAdminController
from adapters.http.api.accounts import AccountController, OwnPasswordController, PasswordController, SessionController
from adapters.http.api.api_keys import ApiKeyController
from adapters.http.api.audit import AuditController
from adapters.http.api.bookings import BookingController
from adapters.http.api.cancellations import CancellationController
from adapters.http.api.door import DoorController
from adapters.http.api.event_images import EventImageController
from adapters.http.api.events import EventController
from adapters.http.api.guests import GuestBookingController, GuestLinkController
from adapters.http.api.health import live, measure, ready
from adapters.http.api.image_uploads import ImageUploadController, UploadController
from adapters.http.api.keys import KeyController
from adapters.http.api.notices import NoticeController
from adapters.http.api.organizers import KycController, KycDocumentController
from adapters.http.api.outbox import OutboxController
from adapters.http.api.own_data import OwnDataController
from adapters.http.api.profile_pictures import OwnPictureController, ProfilePictureController
from adapters.http.api.promo_codes import PromoCodeController
from adapters.http.api.receipts import ReceiptController
from adapters.http.api.reconciliations import FindingController, ReconciliationController
from adapters.http.api.refunds import BookingRefundController, DisputeController, RefundController
from adapters.http.api.reports import EventReportController, ReportController
from adapters.http.api.second_factors import FactorAdminController, FactorController, SignInStepController
from adapters.http.api.sessions import EverybodyController, OwnSessionController
from adapters.http.api.teams import OwnTeamController, TeamController
from adapters.http.api.tickets import GroupCodeController, TicketController
from adapters.http.api.webhooks import WebhookController
from adapters.http.asked import IS_STRICT, Asked, note_what_is_taken
from adapters.http.call import Call
from adapters.http.edge import Edge
from adapters.http.methods import methods_of
from adapters.http.openapi import ExampleSchemas, openapi_config
from adapters.http.pages.page_problems import NO_ROUTE_HANDLERS
from adapters.http.pages.rendering import Pages
from adapters.http.pages.router import pages
from adapters.http.policy import Policed, check_every_route_has_a_policy
from adapters.http.problems import EXCEPTION_HANDLERS
from adapters.http.routers import OnlyHere
from adapters.http.short_way import ShortWay, note_short_ways
from adapters.http.source import networks
from adapters.http.strict_json import StrictJson
from application.deeds import Deeds

BODY_BYTES_MAX: Final = 1_000_000
FORM_PARTS_MAX: Final = 10
VERSION: Final = "1"
_API: Final = (
    AccountController,
    SessionController,
    PasswordController,
    OwnSessionController,
    EverybodyController,
    ApiKeyController,
    SignInStepController,
    FactorController,
    OwnPictureController,
    ProfilePictureController,
    FactorAdminController,
    KycController,
    KycDocumentController,
    OwnPasswordController,
    OwnDataController,
    AccountAdminController,
    EventController,
    CancellationController,
    EventImageController,
    ImageUploadController,
    UploadController,
    TeamController,
    OwnTeamController,
    PromoCodeController,
    BookingController,
    GuestBookingController,
    GuestLinkController,
    ReceiptController,
    BookingRefundController,
    RefundController,
    DisputeController,
    TicketController,
    GroupCodeController,
    DoorController,
    WebhookController,
    KeyController,
    AuditController,
    OutboxController,
    ReportController,
    EventReportController,
    NoticeController,
    ReconciliationController,
    FindingController,
)

Hook = Callable[[], Awaitable[None]]


@frozen
class HttpConfig:
    """What the application needs to know of the world outside."""

    base_url: str
    open_docs: bool = True
    metrics_token: str = ""
    """Who may read /metrics; empty: whoever calls from this machine."""
    trusted_proxies: tuple[str, ...] = ()
    """The networks of our own proxies, whose X-Forwarded-For is believed."""


def create_app(
    deeds: Deeds, config: HttpConfig, *, on_startup: Sequence[Hook] = (), on_shutdown: Sequence[Hook] = ()
) -> Litestar:
    """Every route, behind what asks for its policy; PolicyMissing if one has none."""
    api = OnlyHere("/api/v1", route_handlers=_API, dto=StrictJson, return_dto=None, opt={IS_STRICT: True})
    app = Litestar(
        route_handlers=[api, pages(), live, ready, measure],
        middleware=[Policed, Asked, ShortWay],
        request_class=Call,
        exception_handlers={**EXCEPTION_HANDLERS, **NO_ROUTE_HANDLERS},
        request_max_body_size=BODY_BYTES_MAX,
        multipart_form_part_limit=FORM_PARTS_MAX,
        state=State(
            {
                "deeds": deeds,
                "base_url": config.base_url,
                "metrics_token": config.metrics_token,
                "trusted_proxies": networks(config.trusted_proxies),
                "pages": Pages.of(deeds.gateways.known.values()),
            }
        ),
        openapi_config=openapi_config(config.base_url, VERSION) if config.open_docs else None,
        plugins=[ExampleSchemas()],
        # What goes wrong is logged once, by our own handler.
        logging_config=None,
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
    )
    check_every_route_has_a_policy(app.routes)
    note_what_is_taken(app.routes)
    note_short_ways(app.routes)
    app.asgi_handler = Edge(app.asgi_handler, partial(methods_of, app), is_https=config.base_url.startswith("https://"))
    return app
