"""Whether our books agree with the payment gateways' own, and what is thought of it where they do not."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Self

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from adapters.http.answering import answer_once
from adapters.http.api.notices import GatewayName
from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit, ShortText
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView, View, moment
from application.use_cases.reconcile import Compared, ReconcileCommand
from domain.reconciliation import Finding, FindingStatus, Reconciliation

Status = Annotated[FindingStatus, QueryParameter(name="status", description="`open`: a person must decide")]


class ReconcileBody(Body, frozen=True):
    """Whole days in UTC, the last one included. Without a gateway: with every one that gives a list."""

    EXAMPLE: ClassVar = {"first_day": "2026-11-21", "last_day": "2026-11-21", "gateway": "stripe"}

    first_day: date
    last_day: date
    gateway: Annotated[str, msgspec.Meta(max_length=40, pattern="^[!-~]*$")] = ""


class DecisionBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"decision": "sold at the desk, by card"}

    decision: ShortText


class ReconciliationView(View, frozen=True):
    """One day with one gateway. `trouble` says why it is unfinished; `end` is earlier than midnight on the same day."""

    EXAMPLE: ClassVar = {
        "id": "stripe/2026-11-21",
        "gateway": "stripe",
        "start": "2026-11-21T00:00:00Z",
        "end": "2026-11-22T00:00:00Z",
        "started_at": "2026-11-22T01:00:00Z",
        "finished_at": "2026-11-22T01:00:20Z",
        "matched": 812,
        "findings": 1,
        "healed": 1,
        "trouble": "",
    }

    id: str
    gateway: str
    start: datetime | None
    end: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    matched: int
    findings: int
    healed: int
    trouble: str

    @classmethod
    def of(cls, day: Reconciliation) -> Self:
        return cls(
            id=day.id,
            gateway=day.gateway,
            start=moment(day.start),
            end=moment(day.end),
            started_at=moment(day.started_at),
            finished_at=moment(day.finished_at),
            matched=day.matched,
            findings=day.findings,
            healed=day.healed,
            trouble=day.trouble,
        )


class ComparedView(View, frozen=True):
    """`finished` is false if a gateway did not answer to the end: ask again later, with a new key."""

    EXAMPLE: ClassVar = {"finished": True, "days": [ReconciliationView.EXAMPLE]}

    finished: bool
    days: list[ReconciliationView]

    @classmethod
    def of(cls, compared: Compared) -> Self:
        return cls(compared.is_finished, [ReconciliationView.of(day) for day in compared.days])


class FindingView(View, frozen=True):
    """`subject` is our payment or booking or, for what is not ours, the gateway's own name."""

    EXAMPLE: ClassVar = {
        "id": "fnd_01arz3ndektsv4rrffq69g5fav",
        "kind": "money_without_booking",
        "gateway": "stripe",
        "subject": "pi_1",
        "detail": "they took 25.00 EUR without a reference of ours, at 2026-11-21T18:00:00+00:00",
        "status": "open",
        "decision": "",
        "decided_by": "",
        "found_at": "2026-11-22T01:00:10Z",
        "decided_at": None,
    }

    id: str
    kind: str
    gateway: str
    subject: str
    detail: str
    status: str
    decision: str
    decided_by: str
    found_at: datetime | None
    decided_at: datetime | None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            id=finding.id,
            kind=finding.kind,
            gateway=finding.gateway,
            subject=finding.subject,
            detail=finding.detail,
            status=finding.status,
            decision=finding.decision,
            decided_by=finding.decided_by,
            found_at=moment(finding.found_at),
            decided_at=moment(finding.decided_at),
        )


class ReconciliationController(Controller):
    path = "/reconciliations"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List comparisons with payment gateways", "invalid_cursor"))
    async def list_all(
        self, request: Call, gateway: GatewayName = "", cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[ReconciliationView]:
        """The latest first."""
        page = await request.deeds.reconciliations.list(request.actor, gateway, cursor, limit)
        return PageView.of(page, ReconciliationView.of)

    @post(
        "/",
        **route(
            Policy.ADMIN,
            "Compare our books with the gateways' lists",
            *("not_found", "invalid_value", "nothing_to_compare", "reconciliation_running"),
            *("idempotency_key_required", "idempotency_key_reused", "request_running", "stale_version"),
        ),
    )
    async def run(self, request: Call, data: JSONBody[ReconcileBody]) -> Response[ComparedView]:
        """Day by day; what can be put right is. It answers when it is done: name few days, or use the command line."""
        command = ReconcileCommand(data.first_day, data.last_day, data.gateway)
        deeds, actor = request.deeds, request.actor
        return await answer_once(request, lambda once: deeds.reconcile(actor, command, once), ComparedView.of, 201)


class FindingController(Controller):
    path = "/findings"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List differences between our books and the gateways'", "invalid_cursor"))
    async def list_all(
        self, request: Call, wanted: Status = FindingStatus.OPEN, cursor: Cursor = None, limit: Limit = 20
    ) -> PageView[FindingView]:
        """Those in one state, the oldest first."""
        page = await request.deeds.reconciliations.findings(request.actor, wanted, cursor, limit)
        return PageView.of(page, FindingView.of)

    @get("/{finding_id:str}", **route(Policy.ADMIN, "Show a difference", "not_found"))
    async def show(self, request: Call, finding_id: FromPath[str]) -> FindingView:
        """And what became of it."""
        return FindingView.of(await request.deeds.reconciliations.finding(request.actor, finding_id))

    @post(
        "/{finding_id:str}/decision",
        status_code=200,
        **route(Policy.ADMIN, "Decide about a difference", *("not_found", "not_allowed_now", "stale_version")),
    )
    async def decide(self, request: Call, finding_id: FromPath[str], data: JSONBody[DecisionBody]) -> FindingView:
        """By name, for those who look at it later. It moves no money."""
        return FindingView.of(await request.deeds.decide_finding(request.actor, finding_id, data.decision))
