"""Becoming an organizer: the application, its documents, and what became of it."""

from collections.abc import Awaitable
from typing import Any, Final

from litestar import Controller, get, post
from litestar.params import FromPath

from adapters.http.api.identity_views import link_path
from adapters.http.call import Call
from adapters.http.document_form import BODY_BYTES_MAX, document_in
from adapters.http.pages.forms import form_of, query_of
from adapters.http.pages.identity_words import TYPE_WORDS, check_card, day
from adapters.http.pages.page_problems import refusal_status
from adapters.http.pages.ready import Ready, see_other
from adapters.http.pages.rendering import page
from adapters.http.policy import Policy
from adapters.http.uploads import upload_of
from application.use_cases.apply_for_kyc import ApplyForKycCommand
from domain.errors import DomainError
from domain.kyc import WORDS_MAX

EVENTS_SHOWN_MAX: Final = 20
_SIGNED_IN: Final = {"policy": Policy.SIGNED_IN}
_DONE: Final = {
    "sent": "Your request is sent. We write to you when it is decided.",
    "added": "The document is added.",
    "answered": "Your answer is sent.",
    "withdrawn": "Your request is withdrawn, and its documents are destroyed.",
}


class OrganizerPages(Controller):
    path = "/organizer"

    @get("/", opt=_SIGNED_IN)
    async def show(self, request: Call) -> Ready:
        """How one's own request stands, or the form for one."""
        return await _organizer_page(request, note=_DONE.get(query_of(request).words("done"), ""))

    @post("/", opt=_SIGNED_IN, request_max_body_size=BODY_BYTES_MAX)
    async def apply(self, request: Call) -> Ready:
        form = await upload_of(request)

        async def deed() -> object:
            command = ApplyForKycCommand(form.words("legal_name"), (document_in(form),))
            return await request.deeds.apply_for_kyc(request.actor, command)

        return await _done(request, deed(), "sent")

    @post("/{request_id:str}/documents", opt=_SIGNED_IN, request_max_body_size=BODY_BYTES_MAX)
    async def add_document(self, request: Call, request_id: FromPath[str]) -> Ready:
        form = await upload_of(request)

        async def deed() -> object:
            return await request.deeds.follow_up_kyc.add_document(request.actor, request_id, document_in(form))

        return await _done(request, deed(), "added")

    @post("/{request_id:str}/answer", opt=_SIGNED_IN)
    async def answer(self, request: Call, request_id: FromPath[str]) -> Ready:
        words = (await form_of(request)).words("words", WORDS_MAX)
        return await _done(request, request.deeds.follow_up_kyc.answer(request.actor, request_id, words), "answered")

    @post("/{request_id:str}/withdrawal", opt=_SIGNED_IN)
    async def withdraw(self, request: Call, request_id: FromPath[str]) -> Ready:
        return await _done(request, request.deeds.follow_up_kyc.withdraw(request.actor, request_id), "withdrawn")

    @post("/documents/{document_id:str}/{side:str}", opt=_SIGNED_IN)
    async def look(self, request: Call, document_id: FromPath[str], side: FromPath[str]) -> Ready:
        """To the file itself, which is only ever downloaded."""
        return see_other(link_path(await request.deeds.read_document.link(request.actor, document_id, side, "")))


async def _done(request: Call, deed: Awaitable[object], word: str) -> Ready:
    try:
        await deed
    except DomainError as error:
        if error.code == "not_found":
            raise
        return await _organizer_page(request, refusal_status(error), problem=str(error))
    return see_other(f"/organizer?done={word}")


async def _organizer_page(request: Call, status: int = 200, *, problem: str = "", note: str = "") -> Ready:
    account = request.actor.signed_in()
    newest = (await request.deeds.identity_checks.mine(request.actor)).items[:1]
    check: dict[str, Any] | None = None
    if newest:
        check = check_card(await request.deeds.identity_checks.show(request.actor, newest[0].id))
    now = request.deeds.clock.now()
    own = await request.deeds.events.of_organizer(request.actor, account.id, None, EVENTS_SHOWN_MAX)
    shared = await request.deeds.teams.shared(request.actor, None, EVENTS_SHOWN_MAX)
    return page(
        request,
        "organizer.html",
        status,
        name=account.name,
        check=check,
        may_publish=account.may_publish(now),
        ends=day(account.kyc_expires_at),
        may_apply=not account.kyc_request_id,
        types=[(str(kind), words) for kind, words in TYPE_WORDS.items()],
        own=own.items,
        shared=shared.items,
        problem=problem,
        note=note,
    )
