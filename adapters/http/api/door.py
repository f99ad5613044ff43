"""Scanning at the door, its log, and taking an entry back."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from adapters.http.call import Call
from adapters.http.fields import Cursor, Gate, Identifier, Limit, ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView, View, moment
from application.limits import CHECK_IN
from application.use_cases.scan_ticket import ScanCommand
from application.use_cases.undo_admission import UndoAdmissionCommand
from domain.admission import Admission
from domain.api_key import Scope

Scanned = Annotated[str, msgspec.Meta(max_length=1_000)]
"""Whatever the camera read: it is never trimmed or corrected, since a token has exactly one spelling."""
ScanId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Count = Annotated[int, msgspec.Meta(ge=1, le=255)]


class ScanBody(Body, frozen=True):
    """`scan_id` is made by the device for each scan: sent twice, it is one scan. `count` is for a group's code."""

    EXAMPLE: ClassVar = {
        "token": "NCFOXN%TSMAHN-H…",
        "gate": "North",
        "scan_id": "6f1c9f2e-7c0d-4d4e-9a53-2b7f1f0a9c11",
    }

    token: Scanned
    gate: Gate
    scan_id: ScanId
    count: Count | None = None


class UndoBody(Body, frozen=True):
    """`subject` is a ticket, or a booking for all of its tickets."""

    EXAMPLE: ClassVar = {"subject": "tkt_01arz3ndektsv4rrffq69g5fav", "reason": "scanned the wrong phone"}

    subject: Identifier
    reason: ShortText
    gate: Gate = "office"


class EntryView(View, frozen=True):
    """When and where a ticket was first used."""

    EXAMPLE: ClassVar = {"at": "2026-12-04T12:10:00Z", "gate": "North"}

    at: datetime | None
    gate: str


class AdmissionView(View, frozen=True):
    """`outcome` is admitted, refused or undone. `reason` is the code of the rule that refused, for programs;
    `message` says it for people. `remaining` counts those of a group who may still enter.
    """

    EXAMPLE: ClassVar = {
        "id": "adm_01arz3ndektsv4rrffq69g5fav",
        "event_id": "evt_01arz3ndektsv4rrffq69g5fav",
        "at": "2026-12-04T12:31:00Z",
        "gate": "South",
        "outcome": "refused",
        "reason": "ticket_used",
        "message": "used at 2026-12-04T12:10:00+00:00 at gate North",
        "holder_name": "Asha Rao",
        "booking_id": "bkg_01arz3ndektsv4rrffq69g5fav",
        "ticket_ids": [],
        "remaining": 0,
        "first_entry": EntryView.EXAMPLE,
    }

    id: str
    event_id: str
    at: datetime | None
    gate: str
    outcome: str
    reason: str
    message: str
    holder_name: str
    booking_id: str | None
    ticket_ids: list[str]
    remaining: int
    first_entry: EntryView | None

    @classmethod
    def of(cls, admission: Admission) -> Self:
        entry = admission.first_entry
        return cls(
            id=admission.id,
            event_id=admission.event_id,
            at=moment(admission.at),
            gate=admission.gate,
            outcome=admission.outcome,
            reason=admission.reason,
            message=admission.message,
            holder_name=admission.holder_name,
            booking_id=admission.booking_id,
            ticket_ids=list(admission.ticket_ids),
            remaining=admission.remaining,
            first_entry=EntryView(moment(entry.at), entry.gate) if entry else None,
        )


class DoorController(Controller):
    tags = ("Door",)

    @post(
        "/events/{event_id:str}/scans",
        status_code=200,
        **route(Policy.SIGNED_IN, "Scan a code", "not_found", limit=CHECK_IN, scope=Scope.DOOR),
    )
    async def scan(self, request: Call, event_id: FromPath[str], data: JSONBody[ScanBody]) -> AdmissionView:
        """Admit who holds a good code, once. A refusal is an answer too: 200 with `outcome` refused.

        For the event's organizer, administrators, and those whom the organizer lets scan.
        """
        command = ScanCommand(event_id, data.token, data.gate, data.scan_id, data.count)
        return AdmissionView.of(await request.deeds.scan_ticket(request.actor, command))

    @get(
        "/events/{event_id:str}/scans",
        **route(Policy.SIGNED_IN, "The door log", "not_found", "invalid_cursor", scope=Scope.DOOR),
    )
    async def log(
        self,
        request: Call,
        event_id: FromPath[str],
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[AdmissionView]:
        """Every scan and every undo, newest first."""
        page = await request.deeds.bookings.door_log(request.actor, event_id, cursor, limit)
        return PageView.of(page, AdmissionView.of)

    @post(
        "/admissions/undo",
        status_code=200,
        **route(
            Policy.SIGNED_IN, "Take an entry back", "not_found", "nothing_to_undo", "stale_version", scope=Scope.DOOR
        ),
    )
    async def undo(self, request: Call, data: JSONBody[UndoBody]) -> AdmissionView:
        """By name and with a reason. The log keeps both the entry and this."""
        command = UndoAdmissionCommand(data.subject, data.reason, data.gate)
        return AdmissionView.of(await request.deeds.undo_admission(request.actor, command))

    @get(
        "/bookings/{booking_id:str}/admissions",
        **route(Policy.SIGNED_IN, "Scans of a booking", "not_found", scope=Scope.DOOR),
    )
    async def history(self, request: Call, booking_id: FromPath[str]) -> PageView[AdmissionView]:
        """Oldest first. For those who may see the booking."""
        return PageView.of(await request.deeds.bookings.history(request.actor, booking_id), AdmissionView.of)
