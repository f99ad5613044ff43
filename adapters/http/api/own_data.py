"""What is known about oneself: looking at it, and ending it."""

from typing import ClassVar, Self

from litestar import Controller, Response, get, post
from litestar.params import JSONBody

from adapters.http.authentication import session_cookie
from adapters.http.call import Call
from adapters.http.fields import Email
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, DoneView, View
from application.erasure_check import Belongings, Obstacle


class ErasureBody(Body, frozen=True):
    """The address of the account, typed to confirm it."""

    EXAMPLE: ClassVar = {"confirm": "asha@example.com"}

    confirm: Email


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

    @post(
        "/erasure",
        status_code=200,
        **route(
            Policy.SIGNED_IN,
            "Erase your account",
            *("erasure_refused", "confirmation_needed", "last_superadmin", "stale_version"),
            needs_fresh=True,
        ),
    )
    async def erase(self, request: Call, data: JSONBody[ErasureBody]) -> Response[DoneView]:
        """For good. Name and address go from your bookings too; what was paid stays on record, under a number."""
        await request.deeds.erase_account.mine(request.actor, data.confirm)
        return Response(DoneView("your account is erased"), cookies=[session_cookie(request.base_url_of_ours, "", 0)])
