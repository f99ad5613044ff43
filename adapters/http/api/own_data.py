"""What is known about oneself: looking at it, and ending it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from litestar import Controller, Response, get, post
from litestar.params import JSONBody

from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.fields import Email
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, View, moment
from application.erasure_check import Belongings, Obstacle
from application.limits import EXPORT
from domain.consent import Consent, ConsentPlace

AS_FILE: Final = {"Content-Disposition": 'attachment; filename="personal-data.json"'}


class ErasureBody(Body, frozen=True):
    """The address of the account, typed to confirm it."""

    EXAMPLE: ClassVar = {"confirm": "asha@example.com"}

    confirm: Email


class ConsentBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"marketing": False}

    marketing: bool


class ConsentView(View, frozen=True):
    """`place` is where it was said: page, api or cli."""

    EXAMPLE: ClassVar = {"at": "2026-11-22T12:00:00Z", "terms_version": "1", "marketing": False, "place": "page"}

    at: datetime | None
    terms_version: str
    marketing: bool
    place: str

    @classmethod
    def of(cls, consent: Consent) -> Self:
        return cls(moment(consent.at), consent.terms_version, consent.marketing, consent.place)


class ConsentsView(View, frozen=True):
    EXAMPLE: ClassVar = {"items": [ConsentView.EXAMPLE]}

    items: list[ConsentView]

    @classmethod
    def of(cls, consents: Sequence[Consent]) -> Self:
        return cls([ConsentView.of(consent) for consent in consents])


class PersonalFileView(View, frozen=True):
    """Everything about a person, by the name of the sort of record: docs/privacy.md says which there are."""

    EXAMPLE: ClassVar = {
        "format": "relexbooking.personal-data",
        "form": 1,
        "made_at": "2026-11-22T12:00:00+00:00",
        "records": {"consent": [ConsentView.EXAMPLE], "session": []},
    }

    format: str
    form: int
    made_at: str
    records: dict[str, list[dict[str, Any]]]


class ObstacleView(View, frozen=True):
    """Why an account cannot be erased yet, and what to do about it."""

    EXAMPLE: ClassVar = {
        "kind": "booking",
        "id": "bkg_01arz3ndektsv4rrffq69g5fav",
        "what_to_do": "it is for an event to come: cancel it, or ask the organizer to, or wait until it is over",
    }

    kind: str
    id: str
    what_to_do: str

    @classmethod
    def of(cls, obstacle: Obstacle) -> Self:
        return cls(obstacle.kind, obstacle.id, obstacle.what_to_do)


class ErasurePreviewView(View, frozen=True):
    """How much there is, by what it is, and what stands in the way of erasing it."""

    EXAMPLE: ClassVar = {
        "counts": {"bookings": 3, "events": 0, "sessions": 1},
        "open_money_matters": 0,
        "obstacles": [ObstacleView.EXAMPLE],
    }

    counts: dict[str, int]
    open_money_matters: int
    obstacles: list[ObstacleView]

    @classmethod
    def of(cls, belongings: Belongings) -> Self:
        obstacles = [ObstacleView.of(obstacle) for obstacle in belongings.obstacles]
        return cls(dict(belongings.counts), belongings.open_money_matters, obstacles)


class OwnDataController(Controller):
    path = "/me"
    tags = ("Accounts",)

    @get("/erasure", **route(Policy.SIGNED_IN, "What erasing your account would do"))
    async def preview(self, request: Call) -> ErasurePreviewView:
        """Changes nothing."""
        _, belongings = await request.deeds.erase_account.preview(request.actor)
        return ErasurePreviewView.of(belongings)

    @get(
        "/export",
        **route(Policy.SIGNED_IN, "Everything about you, as a file", needs_fresh=True, limit=EXPORT),
    )
    async def export(self, request: Call) -> Response[PersonalFileView]:
        """One JSON document: docs/privacy.md says what is in it. Nobody else is named, and no secret is told."""
        document = await request.deeds.export_person.mine(request.actor)
        return Response(PersonalFileView(**document), headers=AS_FILE)

    @get("/consents", **route(Policy.SIGNED_IN, "What you agreed to"))
    async def consents(self, request: Call) -> ConsentsView:
        """The newest first: that one holds. Nothing is ever taken out of it."""
        return ConsentsView.of(await request.deeds.give_consent.mine(request.actor))

    @post("/consents", status_code=201, **route(Policy.SIGNED_IN, "Agree, or change your mind"))
    async def consent(self, request: Call, data: JSONBody[ConsentBody]) -> ConsentView:
        """To the terms as they are now, and to letters about other things than you booked, or not."""
        give = request.deeds.give_consent
        return ConsentView.of(await give(request.actor, ConsentPlace.API, marketing=data.marketing))

    @post(
        "/erasure",
        status_code=200,
        **route(
            Policy.SIGNED_IN,
            "Erase your account",
            *("erasure_refused", "being_erased", "confirmation_needed", "last_superadmin", "stale_version"),
            needs_fresh=True,
        ),
    )
    async def erase(self, request: Call, data: JSONBody[ErasureBody]) -> Response[DoneView]:
        """For good. Name and address go from your bookings too; what was paid stays on record, under a number."""
        await request.deeds.erase_account.mine(request.actor, data.confirm)
        return Response(DoneView("your account is erased"), cookies=[session_cookie(request.base_url_of_ours, "", 0)])
