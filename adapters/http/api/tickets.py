"""Tickets and their QR codes."""

import asyncio
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from adapters.http.api.booking_views import TicketView
from adapters.http.call import Call
from adapters.http.conditional import not_modified
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import PageView
from application.queries.bookings import ShownCode
from domain.api_key import Scope

_KEPT: Final = {"Cache-Control": "private, no-cache"}
"""May be kept by its owner, and is asked about each time: a new code makes the old one worthless."""
_PNG: Final = "image/png"
_SVG: Final = "image/svg+xml"
_TEXT: Final = "text/plain"
_REISSUE: Final = ("not_found", "ticket_void", "too_many_reissues", "stale_version")


async def drawn(request: Call, code: ShownCode, media_type: str, *, for_print: bool) -> Response[bytes]:
    """The QR code, unless the caller has it. Drawing is work for tens of milliseconds: not for the event loop."""
    etag = f'"{code.subject}.{code.generation}.{"print" if for_print else "screen"}"'
    known: Response[Any] | None = not_modified(request, etag, _KEPT)
    if known is not None:
        return known
    drawer = request.deeds.drawer
    draw = drawer.svg if media_type == _SVG else drawer.png
    picture = await asyncio.to_thread(draw, code.token, for_print=for_print)
    return Response(picture, media_type=media_type, headers={**_KEPT, "ETag": etag})


class TicketController(Controller):
    path = "/tickets/{ticket_id:str}"
    tags = ("Tickets",)

    @get("/", **route(Policy.BUYER, "Show a ticket", "not_found", scope=Scope.BOOKINGS_READ))
    async def show(self, request: Call, ticket_id: FromPath[str]) -> TicketView:
        """For its buyer, its organizer and administrators."""
        return TicketView.of(await request.deeds.bookings.ticket(request.actor, ticket_id))

    @get(
        "/qr.png",
        media_type=_PNG,
        **route(Policy.BUYER, "The ticket's QR code", "not_found", "ticket_void", scope=Scope.BOOKINGS_READ),
    )
    async def png(
        self,
        request: Call,
        ticket_id: FromPath[str],
        print: FromQuery[bool] = False,  # noqa: A002 - the query's word
    ) -> Response[bytes]:
        """With `print=true` it forgives more damage."""
        code = await request.deeds.bookings.ticket_code(request.actor, ticket_id)
        return await drawn(request, code, _PNG, for_print=print)

    @get(
        "/qr.svg",
        media_type=_SVG,
        **route(Policy.BUYER, "The same as SVG", "not_found", "ticket_void", scope=Scope.BOOKINGS_READ),
    )
    async def svg(
        self,
        request: Call,
        ticket_id: FromPath[str],
        print: FromQuery[bool] = False,  # noqa: A002 - the query's word
    ) -> Response[bytes]:
        """Sharp at every size."""
        code = await request.deeds.bookings.ticket_code(request.actor, ticket_id)
        return await drawn(request, code, _SVG, for_print=print)

    @get(
        "/qr.txt",
        media_type=_TEXT,
        **route(Policy.BUYER, "What the QR code says", "not_found", "ticket_void", scope=Scope.BOOKINGS_READ),
    )
    async def text(self, request: Call, ticket_id: FromPath[str]) -> Response[str]:
        """For those who draw the code themselves. Every letter counts, spaces too."""
        code = await request.deeds.bookings.ticket_code(request.actor, ticket_id)
        return Response(code.token, media_type=_TEXT, headers=_KEPT)

    @post(
        "/reissue",
        status_code=200,
        **route(Policy.SIGNED_IN, "A new code for a ticket", *_REISSUE, scope=Scope.BOOKINGS_WRITE),
    )
    async def reissue(self, request: Call, ticket_id: FromPath[str]) -> PageView[TicketView]:
        """Every earlier code of it, and of its group, is dead at once. The new one comes by mail too."""
        tickets = await request.deeds.reissue_ticket(request.actor, ticket_id)
        return PageView([TicketView.of(ticket) for ticket in tickets], None)


class GroupCodeController(Controller):
    path = "/bookings/{booking_id:str}"
    tags = ("Tickets",)

    @get(
        "/qr.png",
        media_type=_PNG,
        **route(Policy.BUYER, "The group's QR code", "not_found", "ticket_void", scope=Scope.BOOKINGS_READ),
    )
    async def png(
        self,
        request: Call,
        booking_id: FromPath[str],
        print: FromQuery[bool] = False,  # noqa: A002 - the query's word
    ) -> Response[bytes]:
        """One code that admits all of the party, together or in parts."""
        code = await request.deeds.bookings.group_code(request.actor, booking_id)
        return await drawn(request, code, _PNG, for_print=print)

    @post(
        "/reissue",
        status_code=200,
        **route(Policy.SIGNED_IN, "New codes for a booking", *_REISSUE, scope=Scope.BOOKINGS_WRITE),
    )
    async def reissue(self, request: Call, booking_id: FromPath[str]) -> PageView[TicketView]:
        """Every earlier code is dead at once. The new ones come by mail too."""
        tickets = await request.deeds.reissue_ticket(request.actor, booking_id)
        return PageView([TicketView.of(ticket) for ticket in tickets], None)
