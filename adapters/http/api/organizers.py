"""Becoming an organizer: the identity check, its documents and its decision."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from litestar import Controller, Response, get, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from adapters.http.answering import answer_once
from adapters.http.api.identity_views import (
    AnswerBody,
    DecisionBody,
    KycCheckView,
    KycView,
    LinkView,
    ReasonBody,
)
from adapters.http.call import Call
from adapters.http.document_form import BODY_BYTES_MAX, document_in
from adapters.http.fields import Cursor, Limit, SearchWords
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.uploads import upload_of
from adapters.http.views import PageView
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from application.use_cases.decide_kyc import DecideKycCommand
from application.use_cases.read_document import DocumentLink
from domain.account import KycStatus
from domain.errors import InvalidValue
from domain.identity_document import DocumentType
from domain.time import YEAR_MAX

_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_FAR: Final = int(datetime(YEAR_MAX, 1, 1, tzinfo=UTC).timestamp())
_REFUSALS: Final = (
    "invalid_value",
    "picture_refused",
    "document_number_refused",
    "too_large",
    "unsupported_media_type",
    "too_many_requests",
    "stale_version",
)

Expires = Annotated[int, QueryParameter(ge=0, le=_FAR)]
Proof = Annotated[str, QueryParameter(max_length=100)]


class _DocumentForm(Operation):
    """Describes the form, which Litestar cannot see: the handler reads it itself, in memory."""

    with_name = False

    def __post_init__(self) -> None:
        words, file = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        kinds = Schema(type=OpenAPIType.STRING, enum=[str(kind) for kind in DocumentType])
        properties: dict[str, Any] = {"document_type": kinds, "number": words, "front": file, "back": file}
        example = {"document_type": "passport", "number": "J8369854", "front": "(the file)"}
        if self.with_name:
            properties["legal_name"] = words
            example["legal_name"] = "Asha Rao"
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=[name for name in properties if name != "back"],
            properties=properties,
            examples=[example],
        )
        self.request_body = RequestBody(required=True, content={"multipart/form-data": OpenAPIMediaType(schema=form)})


class ApplicationForm(_DocumentForm):
    with_name = True


class FurtherDocumentForm(_DocumentForm):
    with_name = False


class KycController(Controller):
    path = "/kyc-requests"
    tags = ("Becoming an organizer",)

    @post(
        "/",
        status_code=201,
        request_max_body_size=BODY_BYTES_MAX,
        operation_class=ApplicationForm,
        **route(
            Policy.SIGNED_IN,
            "Ask to become an organizer",
            *("already_applied", "idempotency_key_required", "idempotency_key_reused", "request_running"),
            *_REFUSALS,
            takes_body=True,
        ),
    )
    async def apply(self, request: Call) -> Response[KycView]:
        """A form with your legal name and one document: JPEG, PNG or PDF, at most 10 MB a side, decided by content.

        Pictures are written anew without metadata. Everything is sealed before it is stored. An administrator
        decides, and you hear of it by mail. Of an Aadhaar, both sides are needed.
        """
        form = await upload_of(request)
        command = ApplyForKycCommand(form.words("legal_name"), (document_in(form),))
        return await answer_once(
            request, lambda once: request.deeds.apply_for_kyc(request.actor, command, once), KycView.of, 201
        )

    @get("/mine", **route(Policy.SIGNED_IN, "Your requests"))
    async def mine(self, request: Call) -> PageView[KycView]:
        """Newest first."""
        return PageView.of(await request.deeds.identity_checks.mine(request.actor), KycView.of)

    @get("/", **route(Policy.ADMIN, "Requests to decide", "invalid_cursor"))
    async def waiting(
        self,
        request: Call,
        status: FromQuery[KycStatus] = KycStatus.PENDING,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[KycView]:
        """In one state, oldest first."""
        page = await request.deeds.identity_checks.list(request.actor, status, cursor, limit)
        return PageView.of(page, KycView.of)

    @get("/{request_id:str}", **route(Policy.SIGNED_IN, "One request", "not_found"))
    async def show(self, request: Call, request_id: FromPath[str]) -> KycCheckView:
        """Yours, or anybody's to an administrator, with its documents and who else has used them."""
        return KycCheckView.of(await request.deeds.identity_checks.show(request.actor, request_id))

    @post(
        "/{request_id:str}/documents",
        status_code=201,
        request_max_body_size=BODY_BYTES_MAX,
        operation_class=FurtherDocumentForm,
        **route(Policy.SIGNED_IN, "Add a document", "not_found", "kyc_not_open", *_REFUSALS, takes_body=True),
    )
    async def add_document(self, request: Call, request_id: FromPath[str]) -> KycView:
        """To your own request, while nobody has decided; five at most."""
        upload = document_in(await upload_of(request))
        return KycView.of(await request.deeds.follow_up_kyc.add_document(request.actor, request_id, upload))

    @post(
        "/{request_id:str}/answer",
        status_code=200,
        **route(Policy.SIGNED_IN, "Answer what was asked", "not_found", "kyc_not_open", "stale_version"),
    )
    async def answer(self, request: Call, request_id: FromPath[str], data: JSONBody[AnswerBody]) -> KycView:
        """What a reviewer missed is there now: the request goes back to them."""
        return KycView.of(await request.deeds.follow_up_kyc.answer(request.actor, request_id, data.words))

    @post(
        "/{request_id:str}/withdrawal",
        status_code=200,
        **route(Policy.SIGNED_IN, "Withdraw a request", "not_found", "kyc_not_open", "stale_version"),
    )
    async def withdraw(self, request: Call, request_id: FromPath[str]) -> KycView:
        """Its documents are destroyed."""
        return KycView.of(await request.deeds.follow_up_kyc.withdraw(request.actor, request_id))

    @post(
        "/{request_id:str}/decision",
        status_code=200,
        **route(
            Policy.ADMIN,
            "Decide a request",
            "not_found",
            "kyc_decided",
            "nothing_to_check",
            "invalid_value",
            "stale_version",
            needs_fresh=True,
        ),
    )
    async def decide(self, request: Call, request_id: FromPath[str], data: JSONBody[DecisionBody]) -> KycView:
        """Approval makes an organizer. Nobody decides on their own request, and nobody without a reason."""
        command = DecideKycCommand(request_id, data.decision, data.reason)
        return KycView.of(await request.deeds.decide_kyc(request.actor, command))


class KycDocumentController(Controller):
    path = "/kyc-documents/{document_id:str}/{side:str}"
    tags = ("Becoming an organizer",)

    @post(
        "/link",
        status_code=201,
        **route(
            Policy.SIGNED_IN,
            "Ask for a file",
            *("not_found", "invalid_value", "document_gone", "document_link_refused", "fresh_sign_in_required"),
        ),
    )
    async def link(
        self, request: Call, document_id: FromPath[str], side: FromPath[str], data: JSONBody[ReasonBody]
    ) -> LinkView:
        """For whoever handed it in, and for reviewers who say why, with a fresh sign-in."""
        return LinkView.of(await request.deeds.read_document.link(request.actor, document_id, side, data.reason))

    @get(
        "/",
        media_type="application/octet-stream",
        **route(
            Policy.SIGNED_IN, "Fetch a file", "not_found", "invalid_value", "document_gone", "document_link_refused"
        ),
    )
    async def fetch(  # noqa: PLR0917 - the path and the query of a link
        self,
        request: Call,
        document_id: FromPath[str],
        side: FromPath[str],
        expires: Expires = 0,
        reason: SearchWords = "",
        proof: Proof = "",
    ) -> Response[bytes]:
        """By such a link. Each look is written down; nothing may keep a copy."""
        if not proof:
            raise InvalidValue("ask for a link first")
        link = DocumentLink(document_id, side, datetime.fromtimestamp(expires, UTC), reason, proof)
        content = await request.deeds.read_document.follow(request.actor, link)
        name = f"{document_id}-{side}.{_ENDINGS[content.media_type]}"
        # The edge adds what holds for all data: nosniff, no framing, a sandbox in which nothing runs.
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content.data, media_type=content.media_type, headers=headers)
