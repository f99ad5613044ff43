"""Identity checks, for those who decide."""

from typing import Final

from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.api.identity_views import link_path
from adapters.http.call import Call
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.identity_words import STATUS_WORDS, check_card, request_card
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page
from adapters.http.pages.turning import Turning
from adapters.http.policy import NEEDS_FRESH, Policy
from application.use_cases.decide_kyc import DecideKycCommand, Decision
from application.use_cases.read_document import REASON_MAX
from domain.account import KycStatus
from domain.errors import DomainError, InvalidValue
from domain.kyc import WORDS_MAX

_ADMIN: Final = {"policy": Policy.ADMIN}
_PAGE: Final = 20
_PATH: Final = "/admin/kyc-requests"


class KycPages(Controller):
    path = _PATH

    @get("/", opt=_ADMIN)
    async def waiting(self, request: Call) -> Ready:
        """Requests in one state, oldest first."""
        query = query_of(request)
        status = _status(query.words("status") or KycStatus.PENDING)
        cursor = query.raw("cursor")
        found = await request.deeds.identity_checks.list(request.actor, status, cursor or None, _PAGE)
        return page(
            request,
            "kyc_requests.html",
            cards=[request_card(one) for one in found.items],
            chosen=str(status),
            choices=[(str(each), words) for each, words in STATUS_WORDS.items()],
            turning=Turning.of(_PATH, {"status": str(status)}, cursor, found.next_cursor),
        )

    @get("/{request_id:str}", opt=_ADMIN)
    async def show(self, request: Call, request_id: FromPath[str]) -> Ready:
        return await _request_page(request, request_id)

    @post("/{request_id:str}", opt=_ADMIN | {NEEDS_FRESH: True})
    async def decide(self, request: Call, request_id: FromPath[str]) -> Ready:
        form = await form_of(request)
        try:
            decision = _decision(form.raw("decision"))
            command = DecideKycCommand(request_id, decision, form.words("reason", WORDS_MAX))
            await request.deeds.decide_kyc(request.actor, command)
        except DomainError as error:
            if error.code == "not_found":
                raise
            return await _request_page(request, request_id, refusal_status(error), str(error))
        return see_other(f"{_PATH}/{request_id}")

    @post("/{request_id:str}/documents/{document_id:str}/{side:str}", opt=_ADMIN)
    async def look(
        self, request: Call, request_id: FromPath[str], document_id: FromPath[str], side: FromPath[str]
    ) -> Ready:
        """To the file itself, which is only ever downloaded; why is written down."""
        reason = (await form_of(request)).words("reason", REASON_MAX)
        try:
            link = await request.deeds.read_document.link(request.actor, document_id, side, reason)
        except InvalidValue as error:
            return await _request_page(request, request_id, refusal_status(error), str(error))
        return see_other(link_path(link))


def _status(asked: str) -> KycStatus:
    """The state that was asked for; what is none is taken for those who wait."""
    return KycStatus(asked) if asked in set(KycStatus) else KycStatus.PENDING


def _decision(chosen: str) -> Decision:
    if chosen not in set(Decision):
        raise InvalidValue("choose a decision")
    return Decision(chosen)


async def _request_page(request: Call, request_id: str, status: int = 200, problem: str = "") -> Ready:
    check = await request.deeds.identity_checks.show(request.actor, request_id)
    is_own = request.actor.is_person(check.request.account_id)
    return page(request, "kyc_request.html", status, check=check_card(check), is_own=is_own, problem=problem)
