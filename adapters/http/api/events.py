"""Events: what takes place, from the draft to the archive."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.http.answering import answer_once
from adapters.http.api.booking_views import BookingView
from adapters.http.api.event_bodies import CancelEventBody, CapacityBody, EventBody, EventEditBody
from adapters.http.api.event_views import AllotmentView, EventSummaryView, EventView
from adapters.http.call import Call
from adapters.http.conditional import etag_of, not_modified, version_seen
from adapters.http.fields import Cursor, Limit, SearchWords
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView
from application.queries.events import EventSearch
from application.use_cases.change_capacity import ChangeCapacityCommand
from domain.allotment import Allotment
from domain.api_key import Scope
from domain.booking import BookingStatus
from domain.event import Event
from domain.time import to_utc

_FRESH = {"Cache-Control": "private, no-cache"}
"""May be kept, and is asked about each time: places go fast."""
_MOVE = ("not_found", "event_transition_refused", "stale_version")


async def _shown(request: Call, event_id: str) -> Response[EventView]:
    shown = await request.deeds.events.show(request.actor, event_id)
    return Response(EventView.of(shown), headers={**_FRESH, "ETag": etag_of(shown)})


class EventController(Controller):
    path = "/events"
    tags = ("Events",)

    @post(
        "/",
        **route(
            Policy.ORGANIZER,
            "Write an event",
            *("invalid_value", "unknown_currency", "amount_not_exact", "idempotency_key_reused", "request_running"),
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def create(self, request: Call, data: JSONBody[EventBody]) -> Response[EventView]:
        """It begins as a draft that only you see. An Idempotency-Key makes a repetition harmless."""
        plan = data.plan()

        def view(event: Event) -> EventView:
            places = plan.places
            fresh = [Allotment(allotment.id, places[allotment.name]) for allotment in event.allotments]
            return EventView.with_places(event, event.status, fresh)

        deeds = request.deeds
        return await answer_once(
            request, lambda once: deeds.create_event(request.actor, plan, once), view, 201, required=False
        )

    @get("/", **route(Policy.ANYONE, "Search events", "invalid_cursor", "invalid_value", scope=Scope.EVENTS_READ))
    async def search(  # noqa: PLR0917 - each is a part of the query, and Litestar passes them by name
        self,
        request: Call,
        words: SearchWords = "",
        category: SearchWords = "",
        place: SearchWords = "",
        starts_from: FromQuery[datetime | None] = None,
        starts_before: FromQuery[datetime | None] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[EventSummaryView]:
        """By their start. Without dates, those that are not over yet."""
        search = EventSearch(
            words=words,
            category=category,
            place=place,
            starts_from=to_utc(starts_from) if starts_from else None,
            starts_before=to_utc(starts_before) if starts_before else None,
            cursor=cursor,
            limit=limit,
        )
        now = request.deeds.clock.now()
        return PageView.of(await request.deeds.events.search(search), lambda event: EventSummaryView.of(event, now))

    @get("/mine", **route(Policy.ORGANIZER, "Your events", "invalid_cursor", scope=Scope.EVENTS_READ))
    async def mine(self, request: Call, cursor: Cursor = None, limit: Limit = 20) -> PageView[EventSummaryView]:
        """Drafts too, newest first."""
        owner = request.actor.signed_in().id
        page = await request.deeds.events.of_organizer(request.actor, owner, cursor, limit)
        now = request.deeds.clock.now()
        return PageView.of(page, lambda event: EventSummaryView.of(event, now))

    @get("/{event_id:str}", **route(Policy.ANYONE, "Show an event", "not_found", scope=Scope.EVENTS_READ))
    async def show(self, request: Call, event_id: FromPath[str]) -> Response[EventView]:
        """With the places left. The ETag saves the transfer of what you have, and guards edits by If-Match."""
        shown = await request.deeds.events.show(request.actor, event_id)
        etag = etag_of(shown)
        known: Response[Any] | None = not_modified(request, etag, _FRESH)
        return known or Response(EventView.of(shown), headers={**_FRESH, "ETag": etag})

    @patch(
        "/{event_id:str}",
        **route(
            Policy.TEAM,
            "Edit an event",
            *_MOVE,
            "precondition_failed",
            "event_frozen",
            "invalid_value",
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def edit(self, request: Call, event_id: FromPath[str], data: JSONBody[EventEditBody]) -> Response[EventView]:
        """Send the ETag that you saw as If-Match, so that no edit is lost. New dates or places are told to all."""
        await request.deeds.edit_event(request.actor, event_id, data.edit(), version_seen(request))
        return await _shown(request, event_id)

    @delete(
        "/{event_id:str}",
        status_code=204,
        **route(Policy.ORGANIZER, "Delete a draft", *_MOVE, scope=Scope.EVENTS_WRITE),
    )
    async def remove(self, request: Call, event_id: FromPath[str]) -> None:
        """What was published is cancelled instead."""
        await request.deeds.move_event.delete(request.actor, event_id)

    @post(
        "/{event_id:str}/publish",
        status_code=200,
        **route(
            *(Policy.ORGANIZER, "Publish an event", *_MOVE, "publishing_needs_approval", "being_erased"),
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def publish(self, request: Call, event_id: FromPath[str]) -> Response[EventView]:
        """Put it on sale. Publishing twice is no error."""
        await request.deeds.move_event.publish(request.actor, event_id)
        return await _shown(request, event_id)

    @post(
        "/{event_id:str}/cancel",
        status_code=200,
        **route(Policy.ORGANIZER, "Cancel an event", *_MOVE, "confirmation_needed", "invalid_value", needs_fresh=True),
    )
    async def cancel(
        self, request: Call, event_id: FromPath[str], data: JSONBody[CancelEventBody]
    ) -> Response[EventView]:
        """Every booking is cancelled and refunded, one after the other: `GET …/cancellation` tells how far that is.

        There is no way back. Look at `GET …/cancellation/preview` first.
        """
        await request.deeds.move_event.cancel(request.actor, event_id, data.title, data.reason)
        return await _shown(request, event_id)

    @post(
        "/{event_id:str}/archive",
        status_code=200,
        **route(Policy.ORGANIZER, "Archive an event", *_MOVE, scope=Scope.EVENTS_WRITE),
    )
    async def archive(self, request: Call, event_id: FromPath[str]) -> Response[EventView]:
        """Put away what is over."""
        await request.deeds.move_event.archive(request.actor, event_id)
        return await _shown(request, event_id)

    @put(
        "/{event_id:str}/capacity",
        **route(
            Policy.TEAM,
            "Change the capacity",
            *("not_found", "capacity_below_taken", "not_allowed_now", "invalid_value", "stale_version"),
            scope=Scope.EVENTS_WRITE,
        ),
    )
    async def change_capacity(
        self, request: Call, event_id: FromPath[str], data: JSONBody[CapacityBody]
    ) -> AllotmentView:
        """Up at any time, down to what is held and sold."""
        command = ChangeCapacityCommand(event_id, data.capacity, data.allotment_id)
        return AllotmentView.of(await request.deeds.change_capacity(request.actor, command))

    @get(
        "/{event_id:str}/bookings",
        **route(Policy.TEAM, "Bookings of an event", "not_found", "invalid_cursor", scope=Scope.BOOKINGS_READ),
    )
    async def bookings(
        self,
        request: Call,
        event_id: FromPath[str],
        phase: FromQuery[BookingStatus | None] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[BookingView]:
        """Newest first, all or those in one phase."""
        page = await request.deeds.bookings.of_event(request.actor, event_id, cursor, limit, phase or "")
        return PageView.of(page, BookingView.of)
