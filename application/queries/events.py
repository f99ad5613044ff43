"""Events as people look for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from application.access import Actor, EventDeed
from application.errors import NotFound
from application.event_access import at_event
from application.kind import bound
from application.ports.clock import Clock
from application.ports.object_store import ObjectMissing, ObjectStore, StoredObject
from application.ports.store import Listing, Page, Store
from application.work import Begin
from domain.account import Role
from domain.allotment import Allotment
from domain.errors import InvalidValue
from domain.event import Event, EventStatus

WORDS_MAX = 8


@frozen
class EventWithPlaces:
    """An event, and how many places each of its allotments has left, in the order of `event.allotments`."""

    event: Event
    status: EventStatus
    allotments: Sequence[Allotment]


@frozen
class EventSearch:
    """What somebody looks for; empty parts do not matter."""

    words: str = ""
    category: str = ""
    place: str = ""
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    cursor: str | None = None
    limit: int = 20


@frozen
class Events:
    """Reads about events, each within what the actor may see."""

    begin: Begin
    clock: Clock
    store: Store
    objects: ObjectStore

    async def show(self, actor: Actor, event_id: str) -> EventWithPlaces:
        """One event. A draft exists only for those who manage it."""
        work = self.begin()
        event = await work.events.find(event_id)
        now = self.clock.now()
        if event is None:
            raise NotFound("no such event")
        if not event.is_public_at(now) and not (await at_event(work, actor, event)).may(EventDeed.MANAGE, event):
            raise NotFound("no such event")
        allotments = await work.allotments([allotment.id for allotment in event.allotments])
        return EventWithPlaces(event, event.status_at(now), allotments)

    async def search(self, search: EventSearch) -> Page[Event]:
        """Published events by their start; without dates, those that are not over yet."""
        words = search.words.casefold().split()
        if len(words) > WORDS_MAX:
            raise InvalidValue(f"a search has at most {WORDS_MAX} words")
        containing = {name: tuple(found) for name, found in (("search", words), ("place", [search.place.casefold()]))}
        dated = search.starts_from is not None or search.starts_before is not None
        name = "public" if dated else "upcoming"
        page = await self._page(
            Listing(
                "event",
                name,
                name,
                least=bound(search.starts_from),
                below=bound(search.starts_before),
                equal={"category": search.category.casefold()} if search.category else {},
                containing={name: found for name, found in containing.items() if any(found)},
                limit=search.limit,
                after=search.cursor,
            )
        )
        return page if dated else Page(tuple(filter(self._is_on, page.items)), page.next_cursor)

    def _is_on(self, event: Event) -> bool:
        """Whether it is not over by the clock, though the job that stores so may be late."""
        return event.status_at(self.clock.now()) in {EventStatus.PUBLISHED, EventStatus.ACTIVE}

    async def browse(self, search: EventSearch) -> Page[EventWithPlaces]:
        """The same with the places left, which are read together for the whole page."""
        page = await self.search(search)
        return Page(await self._counted(page.items), page.next_cursor)

    async def _counted(self, events: Sequence[Event]) -> tuple[EventWithPlaces, ...]:
        names = [allotment.id for event in events for allotment in event.allotments]
        found = {allotment.id: allotment for allotment in await self.begin().allotments(names)} if names else {}
        now = self.clock.now()
        return tuple(
            EventWithPlaces(event, event.status_at(now), [found[name.id] for name in event.allotments])
            for event in events
        )

    async def of_organizer(self, actor: Actor, organizer_id: str, cursor: str | None, limit: int) -> Page[Event]:
        """All events of one organizer, drafts too: for that person and administrators."""
        if not actor.has(Role.ADMIN) and actor.signed_in().id != organizer_id:
            raise NotFound("no such organizer")
        return await self._page(
            Listing("event", "by_organizer", organizer_id, descending=True, limit=limit, after=cursor)
        )

    async def all(self, actor: Actor, cursor: str | None, limit: int, status: str = "") -> Page[Event]:
        """Every event, newest first: for administrators."""
        actor.check(Role.ADMIN)
        equal = {"status": status} if status else {}
        return await self._page(
            Listing("event", "everything", "all", descending=True, equal=equal, limit=limit, after=cursor)
        )

    async def image(self, event_id: str, name: str) -> StoredObject:
        """A picture of an event page."""
        event = await self.begin().events.find(event_id)
        key = f"public/events/{event_id}/{name}"
        if event is None or all(image.key != key for image in event.images):
            raise NotFound("no such picture")
        try:
            return await self.objects.get(key)
        except ObjectMissing:
            raise NotFound("no such picture") from None

    async def _page(self, listing: Listing) -> Page[Event]:
        page: Page[Any] = await self.store.list(listing)
        return page
