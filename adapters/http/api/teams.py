"""Who works at an event that is not theirs: door staff and co-organizers."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.api.event_views import EventSummaryView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit, Secret
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView, View, moment
from application.limits import USE_LINK
from application.queries.teams import Member, SharedEvent
from application.records import EventGrant, EventInvitation, TeamRole

_ACCOUNT = "acc_01arz3ndektsv4rrffq69g5fav"
_EVENT = "evt_01arz3ndektsv4rrffq69g5fav"


class InviteBody(Body, frozen=True):
    """`door` scans, and sees the door's log. `co_organizer` edits the event and sees to its bookings as well."""

    EXAMPLE: ClassVar = {"email": "gate@example.com", "role": "door"}

    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern="^[^\x00-\x1f\x7f@]+@[^\x00-\x1f\x7f@]+$")]
    role: TeamRole = TeamRole.DOOR


class JoinBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"token": "QmFzZTY0dXJsX3NlY3JldF9vZl9hbl9pbnZpdGF0aW9u"}

    token: Secret


class InvitationView(View, frozen=True):
    """Somebody is asked. Whether the address has an account is not told."""

    EXAMPLE: ClassVar = {
        "id": "inv_01arz3ndektsv4rrffq69g5fav",
        "event_id": _EVENT,
        "email": "gate@example.com",
        "role": "door",
        "created_at": "2026-12-01T09:00:00Z",
        "expires_at": "2026-12-08T09:00:00Z",
    }

    id: str
    event_id: str
    email: str
    role: str
    created_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, asked: EventInvitation) -> Self:
        times = moment(asked.created_at), moment(asked.expires_at)
        return cls(asked.id, asked.event_id, asked.email, asked.role, *times)


class GrantView(View, frozen=True):
    """What somebody is at one event."""

    EXAMPLE: ClassVar = {
        "account_id": _ACCOUNT,
        "event_id": _EVENT,
        "role": "door",
        "granted_at": "2026-12-01T09:00:00Z",
    }

    account_id: str
    event_id: str
    role: str
    granted_at: datetime | None

    @classmethod
    def of(cls, grant: EventGrant) -> Self:
        return cls(grant.account_id, grant.event_id, grant.role, moment(grant.created_at))


class MemberView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "account_id": _ACCOUNT,
        "name": "Dev Patil",
        "email": "gate@example.com",
        "role": "door",
        "granted_at": "2026-12-01T09:00:00Z",
    }

    account_id: str
    name: str
    email: str
    role: str
    granted_at: datetime | None

    @classmethod
    def of(cls, member: Member) -> Self:
        grant = member.grant
        return cls(grant.account_id, member.name, member.email, grant.role, moment(grant.created_at))


class SharedEventView(View, frozen=True):
    EXAMPLE: ClassVar = {"role": "co_organizer", "event": EventSummaryView.EXAMPLE}

    role: str
    event: EventSummaryView

    @classmethod
    def of(cls, shared: SharedEvent, now: datetime) -> Self:
        return cls(shared.role, EventSummaryView.of(shared.event, now))


class TeamController(Controller):
    path = "/events/{event_id:str}/team"
    tags = ("Teams",)

    @get("/", **route(Policy.TEAM, "Who works at an event", "not_found", "invalid_cursor"))
    async def members(
        self, request: Call, event_id: FromPath[str], cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[MemberView]:
        """Door staff and co-organizers, in the order in which they came."""
        page = await request.deeds.teams.members(request.actor, event_id, cursor, limit)
        return PageView.of(page, MemberView.of)

    @delete("/{account_id:str}", status_code=204, **route(Policy.TEAM, "Withdraw a role", "not_found", "not_allowed"))
    async def withdraw(self, request: Call, event_id: FromPath[str], account_id: FromPath[str]) -> None:
        """The person's next request there is refused. Twice is no error."""
        await request.deeds.leave_team.withdraw(request.actor, event_id, account_id)

    @post(
        "/invitations",
        status_code=201,
        **route(
            Policy.TEAM,
            "Ask somebody to work at an event",
            *("not_found", "not_allowed", "invalid_value", "fresh_sign_in_required"),
        ),
    )
    async def invite(self, request: Call, event_id: FromPath[str], data: JSONBody[InviteBody]) -> InvitationView:
        """They get a link by mail, which works once, for seven days. Asked again, they get a new one.

        Co-organizers may ask for door staff; for co-organizers only the organizer and administrators, with a fresh
        sign-in.
        """
        asked = await request.deeds.invite_to_team(request.actor, event_id, data.email, data.role)
        return InvitationView.of(asked)

    @get("/invitations", **route(Policy.TEAM, "Who was asked", "not_found", "invalid_cursor"))
    async def invitations(
        self, request: Call, event_id: FromPath[str], cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[InvitationView]:
        """Those that wait for an answer."""
        page = await request.deeds.teams.invitations(request.actor, event_id, cursor, limit)
        return PageView.of(page, InvitationView.of)

    @delete(
        "/invitations/{invitation_id:str}",
        status_code=204,
        **route(Policy.TEAM, "Withdraw an invitation", "not_found", "not_allowed"),
    )
    async def uninvite(self, request: Call, event_id: FromPath[str], invitation_id: FromPath[str]) -> None:
        """Its link opens nothing any more. Twice is no error."""
        await request.deeds.leave_team.uninvite(request.actor, event_id, invitation_id)


class OwnTeamController(Controller):
    tags = ("Teams",)

    @get("/events/shared", **route(Policy.SIGNED_IN, "Events of others at which you work", "invalid_cursor"))
    async def shared(self, request: Call, cursor: Cursor = None, limit: Limit = 20) -> PageView[SharedEventView]:
        """With what you are there, the newest first. Drafts too."""
        now = request.deeds.clock.now()
        page = await request.deeds.teams.shared(request.actor, cursor, limit)
        return PageView.of(page, lambda shared: SharedEventView.of(shared, now))

    @post(
        "/team-invitations/acceptance",
        status_code=200,
        **route(Policy.SIGNED_IN, "Say yes to an invitation", "token_invalid", "not_allowed", limit=USE_LINK),
    )
    async def join(self, request: Call, data: JSONBody[JoinBody]) -> GrantView:
        """With the token of the mail, signed in with the address that it was sent to. Works once."""
        return GrantView.of(await request.deeds.join_team(request.actor, data.token))
