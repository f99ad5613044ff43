"""Becoming an organizer: the identity check and its decision."""

from datetime import datetime
from typing import ClassVar, Self

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit, Notes, ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView, View, moment
from application.use_cases.decide_kyc import ApplyForKycCommand, DecideKycCommand
from domain.account import KycStatus
from domain.kyc import DocumentType, KycRequest


class KycBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"legal_name": "Asha Rao", "document_type": "passport"}

    legal_name: ShortText
    document_type: DocumentType


class DecisionBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"approve": True, "notes": "seen in person"}

    approve: bool
    notes: Notes = ""


class KycView(View, frozen=True):
    EXAMPLE: ClassVar = {
        "id": "kyc_01arz3ndektsv4rrffq69g5fav",
        "account_id": "acc_01arz3ndektsv4rrffq69g5fav",
        "legal_name": "Asha Rao",
        "document_type": "passport",
        "status": "approved",
        "notes": "seen in person",
        "submitted_at": "2026-11-22T12:00:00Z",
        "decided_at": "2026-11-22T15:00:00Z",
    }

    id: str
    account_id: str
    legal_name: str
    document_type: str
    status: str
    notes: str
    submitted_at: datetime | None
    decided_at: datetime | None

    @classmethod
    def of(cls, request: KycRequest) -> Self:
        return cls(
            id=request.id,
            account_id=request.account_id,
            legal_name=request.legal_name,
            document_type=request.document_type,
            status=request.status,
            notes=request.notes,
            submitted_at=moment(request.submitted_at),
            decided_at=moment(request.decided_at),
        )


class KycController(Controller):
    path = "/kyc-requests"
    tags = ("Becoming an organizer",)

    @post("/", status_code=201, **route(Policy.SIGNED_IN, "Ask to become an organizer", "already_applied"))
    async def apply(self, request: Call, data: JSONBody[KycBody]) -> KycView:
        """An administrator decides; you hear of it by mail."""
        command = ApplyForKycCommand(data.legal_name, data.document_type)
        return KycView.of(await request.deeds.apply_for_kyc(request.actor, command))

    @get("/mine", **route(Policy.SIGNED_IN, "Your requests"))
    async def mine(self, request: Call) -> PageView[KycView]:
        """Newest first."""
        return PageView.of(await request.deeds.accounts.own_kyc(request.actor), KycView.of)

    @get("/", **route(Policy.ADMIN, "Requests to decide", "invalid_cursor"))
    async def waiting(
        self,
        request: Call,
        status: FromQuery[KycStatus] = KycStatus.PENDING,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[KycView]:
        """In one state, oldest first."""
        page = await request.deeds.accounts.kyc_requests(request.actor, status, cursor, limit)
        return PageView.of(page, KycView.of)

    @post(
        "/{request_id:str}/decision",
        status_code=200,
        **route(Policy.ADMIN, "Decide a request", "not_found", "kyc_decided", "stale_version", needs_fresh=True),
    )
    async def decide(self, request: Call, request_id: FromPath[str], data: JSONBody[DecisionBody]) -> KycView:
        """Approval makes an organizer. Nobody decides on their own request."""
        command = DecideKycCommand(request_id, data.approve, data.notes)
        return KycView.of(await request.deeds.decide_kyc(request.actor, command))
