"""The cancellation of an event: looked at before, watched, stopped, and brought to its end."""

from typing import Annotated, ClassVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.http.answering import answer_once
from adapters.http.api.cancellation_views import CancellationPreviewView, CancellationView, OutcomeView, RetriesView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Identifier, Limit
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView
from application.once import Once
from domain.booking_outcome import NOTE_CHARS_MAX, OutcomeState


class RetryBody(Body, frozen=True):
    """One booking, or none for every booking whose refund failed."""

    EXAMPLE: ClassVar = {"booking_id": "bkg_01arz3ndektsv4rrffq69g5fav"}

    booking_id: Identifier | None = None


class PaidByHandBody(Body, frozen=True):
    """How the money went back, for those who ask later."""

    EXAMPLE: ClassVar = {"note": "bank transfer of 3 December"}

    note: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_CHARS_MAX, pattern="^[^\x00-\x1f\x7f]*$")]


class CancellationController(Controller):
    path = "/events/{event_id:str}/cancellation"
    tags = ("Events",)

    @get("/preview", **route(Policy.TEAM, "What a cancellation would do", "not_found", "event_transition_refused"))
    async def preview(self, request: Call, event_id: FromPath[str]) -> CancellationPreviewView:
        """Bookings, tickets, what goes back and what it costs, as it stands now. Nothing changes."""
        return CancellationPreviewView.of(await request.deeds.preview_cancellation(request.actor, event_id))

    @get("/", **route(Policy.TEAM, "How far a cancellation is", "not_found"))
    async def show(self, request: Call, event_id: FromPath[str]) -> CancellationView:
        """With the outcomes of its bookings, counted and summed."""
        return await _shown(request, event_id)

    @get("/bookings", **route(Policy.TEAM, "What became of each booking", "not_found", "invalid_cursor"))
    async def outcomes(
        self,
        request: Call,
        event_id: FromPath[str],
        outcome: FromQuery[OutcomeState | None] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[OutcomeView]:
        """In the order in which they ended, all or those of one outcome. `failed` are those that need you."""
        page = await request.deeds.cancellations.outcomes(request.actor, event_id, cursor, limit, outcome or "")
        return PageView.of(page, OutcomeView.of)

    @post("/pause", status_code=200, **route(Policy.ORGANIZER, "Pause a cancellation", "not_found", "not_allowed_now"))
    async def pause(self, request: Call, event_id: FromPath[str]) -> CancellationView:
        """It stops after the booking in hand. Refunds that have begun go on. Pausing twice is no error."""
        await request.deeds.steer_cancellation.pause(request.actor, event_id)
        return await _shown(request, event_id)

    @post(
        "/resume", status_code=200, **route(Policy.ORGANIZER, "Resume a cancellation", "not_found", "not_allowed_now")
    )
    async def resume(self, request: Call, event_id: FromPath[str]) -> CancellationView:
        """It goes on where it was stopped. Resuming twice is no error."""
        await request.deeds.steer_cancellation.resume(request.actor, event_id)
        return await _shown(request, event_id)

    @post(
        "/retries",
        **route(
            Policy.ORGANIZER,
            "Try failed refunds again",
            *("not_found", "idempotency_key_required", "idempotency_key_reused", "request_running"),
            *("stale_version", "payment_disputed"),
            needs_fresh=True,
        ),
    )
    async def retry(self, request: Call, event_id: FromPath[str], data: JSONBody[RetryBody]) -> Response[RetriesView]:
        """A new refund of what remains, for one booking or all. Where nothing is owed, nothing happens."""
        again, actor = request.deeds.refund_again, request.actor

        async def deed(once: Once | None) -> int:
            if data.booking_id is None:
                return await again.all_failed(actor, event_id, once)
            return await again.one(actor, event_id, data.booking_id, once)

        return await answer_once(request, deed, RetriesView, 200)

    @post(
        "/bookings/{booking_id:str}/paid-by-hand",
        status_code=200,
        **route(Policy.ORGANIZER, "Note a refund made by hand", "not_found", "nothing_owed", "invalid_value"),
    )
    async def paid_by_hand(
        self, request: Call, event_id: FromPath[str], booking_id: FromPath[str], data: JSONBody[PaidByHandBody]
    ) -> OutcomeView:
        """You gave the money back another way: no refund of it is tried again. It is written down that you said so."""
        paid = await request.deeds.pay_by_hand(request.actor, event_id, booking_id, data.note)
        return OutcomeView.of(paid)


async def _shown(request: Call, event_id: str) -> CancellationView:
    return CancellationView.of(await request.deeds.cancellations.report(request.actor, event_id))
