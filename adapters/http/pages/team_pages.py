"""Who works at an event: asked, listed and withdrawn by whoever manages it, and accepted by the person."""

from collections.abc import Awaitable
from typing import Final

from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.limited import FORM_LIMIT
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page
from adapters.http.policy import Policy
from application.limits import USE_LINK
from application.records import TeamRole
from domain.email_address import EMAIL_MAX
from domain.errors import DomainError, InvalidValue

SHOWN_MAX: Final = 100
_TEAM: Final = {"policy": Policy.TEAM}
_ROLES: Final = {TeamRole.DOOR: "door staff", TeamRole.CO_ORGANIZER: "co-organizer"}


class TeamPages(Controller):
    path = "/organizer/events/{event_id:str}/team"

    @get("/", opt=_TEAM)
    async def show(self, request: Call, event_id: FromPath[str]) -> Ready:
        return await _team_page(request, event_id)

    @post("/", opt=_TEAM)
    async def invite(self, request: Call, event_id: FromPath[str]) -> Ready:
        form = await form_of(request)
        email, wanted = form.words("email", EMAIL_MAX), form.words("role")

        async def deed() -> object:
            if wanted not in set(TeamRole):
                raise InvalidValue("choose what they are to do")
            return await request.deeds.invite_to_team(request.actor, event_id, email, TeamRole(wanted))

        return await _done(request, event_id, deed(), email)

    @post("/withdrawal", opt=_TEAM)
    async def withdraw(self, request: Call, event_id: FromPath[str]) -> Ready:
        form = await form_of(request)
        leave = request.deeds.leave_team
        invitation, account = form.words("invitation"), form.words("account")
        deed = (
            leave.uninvite(request.actor, event_id, invitation)
            if invitation
            else leave.withdraw(request.actor, event_id, account)
        )
        return await _done(request, event_id, deed)


async def _done(request: Call, event_id: str, deed: Awaitable[object], email: str = "") -> Ready:
    try:
        await deed
    except DomainError as error:
        if error.code in {"not_found", "fresh_sign_in_required"}:
            raise
        return await _team_page(request, event_id, refusal_status(error), problem=str(error), email=email)
    return see_other(f"/organizer/events/{event_id}/team")


async def _team_page(request: Call, event_id: str, status: int = 200, *, problem: str = "", email: str = "") -> Ready:
    deeds, actor = request.deeds, request.actor
    members = await deeds.teams.members(actor, event_id, None, SHOWN_MAX)
    asked = await deeds.teams.invitations(actor, event_id, None, SHOWN_MAX)
    shown = await deeds.events.show(actor, event_id)
    return page(
        request,
        "team.html",
        status,
        event=shown.event,
        members=[(one.grant.account_id, one.name, one.email, _ROLES[one.grant.role]) for one in members.items],
        invitations=[(one.id, one.email, _ROLES[one.role]) for one in asked.items],
        roles=[(str(role), words) for role, words in _ROLES.items()],
        email=email,
        problem=problem,
    )


class JoinTeamPages(Controller):
    path = "/join-team"

    @get("/", opt={"policy": Policy.SIGNED_IN})
    async def ask(self, request: Call) -> Ready:
        """Changes nothing, as every link in a mail."""
        return page(request, "join_team.html", token=query_of(request).raw("token"), problem="")

    @post("/", opt={"policy": Policy.SIGNED_IN, FORM_LIMIT: USE_LINK})
    async def join(self, request: Call) -> Ready:
        token = (await form_of(request)).raw("token")
        try:
            granted = await request.deeds.join_team(request.actor, token)
        except DomainError as error:
            return page(request, "join_team.html", refusal_status(error), token="", problem=str(error))
        return see_other(f"/events/{granted.event_id}")
