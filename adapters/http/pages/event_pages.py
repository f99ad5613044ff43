"""Finding an event, looking at it, and holding places."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from attrs import field, frozen
from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.pages.bill import Bill
from adapters.http.pages.event_words import EventCard, EventPage, state_of
from adapters.http.pages.forms import Form, form_of, query_of
from adapters.http.pages.own_paths import sign_in_then
from adapters.http.pages.page_problems import refusal_headers, refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page, pages_of
from adapters.http.pages.turning import Turning
from adapters.http.policy import Policy
from application.errors import NotFound
from application.limits import HOLD, QUOTE
from application.once import AnsweredAlready, Once
from application.queries.events import EventSearch, EventWithPlaces
from application.use_cases.book_places import BookPlacesCommand
from domain.booking import Booking
from domain.errors import DomainError, InvalidValue
from domain.event import TICKETS_PER_BOOKING_MAX
from domain.pricing import Quote

EVENTS_ON_A_PAGE: Final = 12
QUANTITY: Final = "n_"
"""Before a ticket type's id: the field that says how many."""
PROMO_CODE: Final = "promo_code"
_ZONES_BEHIND: Final = timedelta(hours=12)
_ZONES_AHEAD: Final = timedelta(hours=14)
_KEY_LENGTH_MAX: Final = 60
_ANYONE: Final = {"policy": Policy.ANYONE}
_FRESH: Final = (b"cache-control", b"private, no-cache")
"""May be kept, and is asked about each time: places go fast."""


@frozen
class Choice:
    """What somebody chose on an event's page."""

    counts: dict[str, int] = field(factory=dict)
    """How many of each ticket type."""
    promo_code: str = ""
    """As it was typed."""

    @classmethod
    def of(cls, form: Form) -> Self:
        """What is no number counts as none."""
        counts: dict[str, int] = {}
        for name, value in form.fields.items():
            kind = name.removeprefix(QUANTITY)
            if kind != name and value.isascii() and value.isdecimal() and int(value[:4]) > 0:
                counts[kind] = min(int(value[:4]), TICKETS_PER_BOOKING_MAX + 1)
        return cls(counts, form.words(PROMO_CODE))

    def fields(self) -> dict[str, str]:
        """As the form has them."""
        counts = {f"{QUANTITY}{kind}": str(count) for kind, count in self.counts.items()}
        return counts | ({PROMO_CODE: self.promo_code} if self.promo_code else {})

    def command(self, event_id: str) -> BookPlacesCommand:
        return BookPlacesCommand(event_id, tuple(self.counts.items()), promo_code=self.promo_code)


@frozen
class _Days:
    """From one day to another, as it is called where the event is."""

    first: date | None
    last: date | None

    @property
    def starts_from(self) -> datetime | None:
        return None if self.first is None else datetime.combine(self.first, time(), UTC) - _ZONES_AHEAD

    @property
    def starts_before(self) -> datetime | None:
        return None if self.last is None else datetime.combine(self.last, time(), UTC) + timedelta(1) + _ZONES_BEHIND

    def has(self, shown: EventWithPlaces) -> bool:
        schedule = shown.event.schedule
        day = schedule.starts_at.astimezone(ZoneInfo(schedule.zone)).date()
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"{name}: write the day as 2026-11-22") from None
    # Room for every zone on both sides.
    return min(max(day, date(2000, 1, 1)), date(2200, 1, 1))


class EventListPages(Controller):
    @get(["/", "/events"], opt=_ANYONE)
    async def show(self, request: Call) -> Ready:
        """Those that are not over yet, or those that are looked for."""
        query = query_of(request)
        asked = {name: query.words(name) for name in ("words", "category", "place", "from", "to")}
        cursor = query.words("cursor", 400)
        days = _Days(_day(asked["from"], "from"), _day(asked["to"], "to"))
        found = await request.deeds.events.browse(
            EventSearch(
                words=asked["words"],
                category=asked["category"],
                place=asked["place"],
                starts_from=days.starts_from,
                starts_before=days.starts_before,
                cursor=cursor or None,
                limit=EVENTS_ON_A_PAGE,
            )
        )
        now = request.deeds.clock.now()
        kept = {name: value for name, value in asked.items() if value}
        return page(
            request,
            "events.html",
            asked=asked,
            is_search=bool(kept),
            cards=[EventCard.of(shown, now) for shown in found.items if days.has(shown)],
            turning=Turning.of("/events", kept, cursor, found.next_cursor),
        )


class EventPages(Controller):
    path = "/events/{event_id:str}"

    @get("/", opt=_ANYONE)
    async def show(self, request: Call, event_id: FromPath[str]) -> Ready:
        """What a stranger sees is written once and kept until it changes."""
        deeds = request.deeds
        shown = await deeds.events.show(request.actor, event_id)
        now = deeds.clock.now()
        if request.actor.account is not None or request.scope["query_string"]:
            return _event_page(request, shown, now, Choice.of(query_of(request)))
        pages = pages_of(request)
        kept = pages.kept.get(
            shown.event.id,
            state_of(shown, now),
            lambda: pages.html("event.html", None, _event_values(shown, now, Choice())),
        )
        headers = (*pages.headers, _FRESH, (b"etag", kept.etag))
        if request.headers.get("if-none-match", "").encode("latin-1") == kept.etag:
            return Ready(304, b"", headers)
        return Ready(200, kept.body, headers)

    @post("/hold", opt=_ANYONE)
    async def hold(self, request: Call, event_id: FromPath[str]) -> Ready:
        """Take places. A stranger signs in first and comes back to what was chosen."""
        form = await form_of(request)
        choice = Choice.of(form)
        if request.actor.account is None:
            return _sign_in_first(event_id, choice)
        try:
            return await _hold(request, choice.command(event_id), form)
        except NotFound:
            raise
        except DomainError as error:
            return await _refused(request, event_id, choice, error)

    @post("/price", opt=_ANYONE)
    async def price(self, request: Call, event_id: FromPath[str]) -> Ready:
        """What the choice would cost, with its code. Nothing is taken."""
        choice = Choice.of(await form_of(request))
        if request.actor.account is None:
            return _sign_in_first(event_id, choice)
        try:
            await request.deeds.limits.check_person(QUOTE, request.actor)
            quoted = await request.deeds.quote_places(request.actor, choice.command(event_id))
        except NotFound:
            raise
        except DomainError as error:
            return await _refused(request, event_id, choice, error)
        shown = await request.deeds.events.show(request.actor, event_id)
        return _event_page(request, shown, request.deeds.clock.now(), choice, quoted=quoted)


def _sign_in_first(event_id: str, choice: Choice) -> Ready:
    """And come back to what was chosen."""
    query = urlencode(choice.fields())
    return see_other(sign_in_then(f"/events/{event_id}?{query}" if query else f"/events/{event_id}"))


async def _refused(request: Call, event_id: str, choice: Choice, error: DomainError) -> Ready:
    shown = await request.deeds.events.show(request.actor, event_id)
    values = _event_values(shown, request.deeds.clock.now(), choice, str(error))
    return page(request, "event.html", refusal_status(error), refusal_headers(error), **values)


async def _hold(request: Call, command: BookPlacesCommand, form: Form) -> Ready:
    """Once for each form that was sent with the same choice, however often it was."""

    def seen_at(booking: Booking) -> tuple[int, bytes]:
        return 303, f"/bookings/{booking.id}".encode()

    deeds, body = request.deeds, await request.body()
    # What was chosen is part of the key: a form changed and sent again is another request.
    key = f"{form.words('key', _KEY_LENGTH_MAX)} {sha256(body).hexdigest()}"
    once = Once.of(request.actor.name, f"POST {request.scope['path']}", key, body, seen_at)
    try:
        await deeds.limits.check_person(HOLD, request.actor)
        return see_other(seen_at(await deeds.book_places(request.actor, command, once))[1].decode())
    except (AnsweredAlready, DomainError):
        found = await deeds.find_answer(once)
        if found is None:
            raise
        return see_other(found.body.decode())


def _event_page(
    request: Call,
    shown: EventWithPlaces,
    at: datetime,
    choice: Choice,
    quoted: Quote | None = None,
) -> Ready:
    return page(request, "event.html", **_event_values(shown, at, choice, quoted=quoted))


def _event_values(
    shown: EventWithPlaces, at: datetime, choice: Choice, problem: str = "", quoted: Quote | None = None
) -> dict[str, Any]:
    bill = None if quoted is None else Bill.of(quoted.lines, quoted.total)
    return {
        "shown": EventPage.of(shown, at, choice.counts),
        "problem": problem,
        "promo_code": choice.promo_code,
        "bill": bill,
    }
