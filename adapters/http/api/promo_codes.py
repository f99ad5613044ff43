"""Promotion codes of an event: written, looked at and ended by those who manage it."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.answering import answer_once
from adapters.http.call import Call
from adapters.http.fields import Cursor, Identifier, Instant, Limit, Price, PromoText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, MoneyView, PageView, View, moment
from application.queries.promo_codes import PromoCodeWithUses
from application.use_cases.promo_codes import PromoCodePlan
from domain.api_key import Scope
from domain.time import to_utc

Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]
UsesMax = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
PerBuyer = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class PromoCodeBody(Body, frozen=True):
    """Takes off either `percent` or `amount`, of each booking. One use is one booking, however many tickets it has.

    Case, spaces around it and the width of its letters do not matter in a code.
    """

    EXAMPLE: ClassVar = {
        "code": "EARLY-20",
        "percent": 20,
        "valid_until": "2026-12-01T00:00:00+05:30",
        "uses_max": 100,
        "per_buyer_max": 1,
    }

    code: PromoText
    percent: Percent | None = None
    amount: Price | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    ticket_type_ids: Annotated[list[Identifier], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)
    uses_max: UsesMax | None = None
    per_buyer_max: PerBuyer | None = None

    def plan(self) -> PromoCodePlan:
        return PromoCodePlan(
            code=self.code,
            percent=self.percent,
            amount=self.amount,
            valid_from=to_utc(self.valid_from) if self.valid_from else None,
            valid_until=to_utc(self.valid_until) if self.valid_until else None,
            ticket_type_ids=tuple(self.ticket_type_ids),
            uses_max=self.uses_max,
            per_buyer_max=self.per_buyer_max,
        )


class PromoCodeView(View, frozen=True):
    """`uses_held` counts bookings that are not paid yet, `uses_confirmed` those that are; what ended counts no more."""

    EXAMPLE: ClassVar = {
        "code": "EARLY-20",
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "percent": 20,
        "amount": None,
        "valid_from": None,
        "valid_until": "2026-11-30T18:30:00Z",
        "ticket_type_ids": [],
        "uses_max": 100,
        "per_buyer_max": 1,
        "status": "active",
        "uses_held": 1,
        "uses_confirmed": 12,
        "created_at": "2026-11-22T12:00:00Z",
        "ended_at": None,
    }

    code: str
    event_id: str
    percent: int | None
    amount: MoneyView | None
    valid_from: datetime | None
    valid_until: datetime | None
    ticket_type_ids: list[str]
    uses_max: int | None
    per_buyer_max: int | None
    status: str
    uses_held: int
    uses_confirmed: int
    created_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, counted: PromoCodeWithUses) -> Self:
        promo = counted.promo
        return cls(
            code=promo.code,
            event_id=promo.event_id,
            percent=promo.percent,
            amount=None if promo.amount is None else MoneyView.of(promo.amount),
            valid_from=moment(promo.valid_from),
            valid_until=moment(promo.valid_until),
            ticket_type_ids=list(promo.ticket_type_ids),
            uses_max=promo.uses_max,
            per_buyer_max=promo.per_buyer_max,
            status=promo.status,
            uses_held=counted.held,
            uses_confirmed=counted.confirmed,
            created_at=moment(promo.created_at),
            ended_at=moment(promo.ended_at),
        )


class PromoCodeController(Controller):
    path = "/events/{event_id:str}/promo-codes"
    tags = ("Events",)

    @post(
        "/",
        **route(
            Policy.TEAM,
            "Write a promotion code",
            *("not_found", "already_exists", "invalid_value", "amount_not_exact", "unknown_ticket_type"),
            *("idempotency_key_required", "idempotency_key_reused", "request_running", "stale_version"),
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def create(
        self, request: Call, event_id: FromPath[str], data: JSONBody[PromoCodeBody]
    ) -> Response[PromoCodeView]:
        """Its terms never change: end it and write another one."""
        deeds, actor, plan = request.deeds, request.actor, data.plan()
        return await answer_once(
            request,
            lambda once: deeds.create_promo_code(actor, event_id, plan, once),
            lambda promo: PromoCodeView.of(PromoCodeWithUses(promo)),
            201,
        )

    @get(
        "/",
        **route(Policy.TEAM, "Promotion codes of an event", "not_found", "invalid_cursor", scope=Scope.EVENTS_READ),
    )
    async def list(
        self, request: Call, event_id: FromPath[str], cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[PromoCodeView]:
        """Ended ones too, newest first, with how often each was used."""
        page = await request.deeds.promo_codes.of_event(request.actor, event_id, cursor, limit)
        return PageView.of(page, PromoCodeView.of)

    @get("/{code:str}", **route(Policy.TEAM, "Show a promotion code", "not_found", scope=Scope.EVENTS_READ))
    async def show(self, request: Call, event_id: FromPath[str], code: FromPath[str]) -> PromoCodeView:
        """With how often it was used."""
        return PromoCodeView.of(await request.deeds.promo_codes.show(request.actor, event_id, code))

    @post(
        "/{code:str}/end",
        status_code=200,
        **route(Policy.TEAM, "End a promotion code", "not_found", scope=Scope.EVENTS_WRITE),
    )
    async def end(self, request: Call, event_id: FromPath[str], code: FromPath[str]) -> PromoCodeView:
        """Nobody uses it from now on; who has used it keeps the price. Twice is no error."""
        deeds, actor = request.deeds, request.actor
        await deeds.end_promo_code(actor, event_id, code)
        return PromoCodeView.of(await deeds.promo_codes.show(actor, event_id, code))
