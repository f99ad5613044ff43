"""Who may scan at an event that is not theirs."""

from litestar import Controller, delete, post
from litestar.params import FromPath, JSONBody

from adapters.http.api.event_bodies import DoorStaffBody
from adapters.http.api.event_views import DoorStaffView
from adapters.http.call import Call
from adapters.http.policy import Policy
from adapters.http.routes import route


class DoorStaffController(Controller):
    path = "/events/{event_id:str}/door-staff"
    tags = ("Door",)

    @post("/", status_code=201, **route(Policy.ORGANIZER, "Let somebody scan", "not_found", "invalid_value"))
    async def grant(self, request: Call, event_id: FromPath[str], data: JSONBody[DoorStaffBody]) -> DoorStaffView:
        """Somebody with an account, by its address. Twice is no error."""
        return DoorStaffView.of(await request.deeds.grant_door.grant(request.actor, event_id, data.email))

    @delete("/{account_id:str}", status_code=204, **route(Policy.ORGANIZER, "Withdraw that", "not_found"))
    async def withdraw(self, request: Call, event_id: FromPath[str], account_id: FromPath[str]) -> None:
        """The person's next scan there is refused. Twice is no error."""
        await request.deeds.grant_door.withdraw(request.actor, event_id, account_id)
