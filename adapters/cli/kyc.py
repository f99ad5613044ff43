from pathlib import Path

import click

from adapters.cli import identity_views, views
from adapters.cli.confirming import ask, destructive
from adapters.cli.exits import Exit
from adapters.cli.new_files import write_new
from adapters.cli.paging import PAGE_MAX, Wish, paged, read
from adapters.cli.progress import progress
from adapters.cli.showing import Answer, Facts, Part, Table
from adapters.cli.verbs import Desk, verb
from application.use_cases.decide_kyc import Decided, DecideKycCommand, Decision
from domain.account import KycStatus
from domain.errors import InvalidValue
from domain.identity_document import DocumentType, Side
from domain.kyc import KycRequest

STATUS = click.Choice([str(status) for status in KycStatus if status is not KycStatus.NONE])
TYPE = click.Choice([str(kind) for kind in DocumentType])
SIDE = click.Choice([str(side) for side in Side])


@click.group()
def kyc() -> None:
    """Identity checks: who asks to become an organizer, with which documents."""


@verb(kyc, "list", "relexbooking kyc list --status pending --json")
@click.option("--status", type=STATUS, default="pending", show_default=True)
@paged
async def list_(desk: Desk, *, status: str, limit: int, cursor: str | None, everything: bool) -> Answer:
    """Requests in one state, oldest first."""
    listed = await read(
        Wish(limit, cursor, everything),
        lambda after, count: desk.deeds.identity_checks.list(desk.actor, status, after, count),
    )
    rows = [
        (r.id, r.account_id, r.legal_name, r.document_type, r.status, views.wall(r.submitted_at)) for r in listed.items
    ]
    table = Table(("id", "account", "legal name", "document", "status", "since"), rows)
    return Answer(listed.document(identity_views.kyc_request), (table, *listed.more))


@verb(kyc, "show", "relexbooking kyc show kyc_01arz3ndektsv4rrffq69g5fav")
@click.argument("request_id", metavar="REQUEST")
async def show(desk: Desk, request_id: str) -> Answer:
    """One request: its documents, who else has used them, and every step."""
    check = await desk.deeds.identity_checks.show(desk.actor, request_id)
    documents = [(d.id, d.type, d.masked, ", ".join(file.side for file in d.files)) for d in check.documents]
    steps = [(views.wall(step.at), step.by, step.status, step.words) for step in check.request.steps]
    reused = [(reuse.document_id, reuse.account_id, reuse.request_id) for reuse in check.reused]
    parts: list[Part] = [
        _facts(check.request),
        Table(("document", "type", "number", "sides"), documents, "Documents"),
        Table(("at", "by", "status", "words"), steps, "Steps"),
    ]
    if reused:
        parts.append(Table(("document", "other account", "its request"), reused, "Used by others too"))
    return Answer(identity_views.identity_check(check), tuple(parts))


@verb(
    kyc,
    "approve",
    "relexbooking kyc approve --all --document-type passport --reason 'seen in person' --dry-run",
    changes=True,
)
@click.argument("request_ids", metavar="[REQUEST]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every pending request, in place of their ids.")
@click.option("--document-type", type=TYPE, help="With --all: only those whose first document is of this type.")
@click.option("--reason", required=True, help="Kept with each, and shown to each applicant.")
@destructive
async def approve(
    desk: Desk,
    *,
    request_ids: tuple[str, ...],
    everything: bool,
    document_type: str | None,
    reason: str,
    dry_run: bool,
    yes: bool,
) -> Answer:
    """Make organizers. Each request gets a record of its own; one that cannot be approved keeps no other from it."""
    if everything == bool(request_ids):
        raise InvalidValue("name the requests, or say --all")
    wanted = await _pending(desk, document_type) if everything else list(request_ids)
    if everything and not dry_run:
        ask(f"Approve {len(wanted)} requests?", yes=yes)
    with progress("Deciding") as advance:
        decided = await desk.deeds.decide_kyc.many(
            desk.actor, wanted, Decision.APPROVE, reason, rehearse=dry_run, advance=advance
        )
    return _summed(decided, dry_run=dry_run)


async def _pending(desk: Desk, document_type: str | None) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await desk.deeds.identity_checks.list(desk.actor, KycStatus.PENDING, cursor, PAGE_MAX)
        found += [r.id for r in page.items if document_type is None or r.document_type == document_type]
        cursor = page.next_cursor
        if cursor is None:
            return found


def _summed(decided: list[Decided], *, dry_run: bool) -> Answer:
    done = sum(one.is_done for one in decided)
    items = [{"id": one.request_id, "done": one.is_done, "why_not": one.why_not} for one in decided]
    rows = [(one.request_id, "yes" if one.is_done else "no", one.why_not) for one in decided]
    said = f"{'Would approve' if dry_run else 'Approved'} {done} of {len(decided)}."
    table = Table(("id", "approve" if dry_run else "approved", "why not"), rows)
    ended = Exit.OK if done == len(decided) else Exit.REFUSED
    return Answer({"dry_run": dry_run, "approved": done, "items": items}, (table, said), ended)


def _facts(request: KycRequest) -> Facts:
    return Facts(
        [
            ("id", request.id),
            ("account", request.account_id),
            ("legal name", request.legal_name),
            ("status", request.status),
            ("since", views.wall(request.submitted_at)),
            ("decided", views.wall(request.decided_at)),
            ("by", request.reviewer_id or ""),
            ("because", request.notes),
            ("ends", views.wall(request.expires_at)),
        ]
    )


async def _decide(desk: Desk, request_id: str, decision: Decision, reason: str) -> Answer:
    request = await desk.deeds.decide_kyc(desk.actor, DecideKycCommand(request_id, decision, reason))
    return Answer(identity_views.kyc_request(request), (_facts(request),))


@verb(kyc, "reject", "relexbooking kyc reject kyc_01arz3ndektsv4rrffq69g5fav --reason 'not readable'", changes=True)
@click.argument("request_id", metavar="REQUEST")
@click.option("--reason", required=True, help="The applicant reads it.")
async def reject(desk: Desk, *, request_id: str, reason: str) -> Answer:
    """Decline a request."""
    return await _decide(desk, request_id, Decision.REJECT, reason)


@verb(
    kyc,
    "request-info",
    "relexbooking kyc request-info kyc_01arz3ndektsv4rrffq69g5fav --reason 'the back is missing'",
    changes=True,
)
@click.argument("request_id", metavar="REQUEST")
@click.option("--reason", required=True, help="What is missing; the applicant reads it.")
async def request_info(desk: Desk, *, request_id: str, reason: str) -> Answer:
    """Ask for more before you decide."""
    return await _decide(desk, request_id, Decision.REQUEST_INFO, reason)


@verb(
    kyc,
    "revoke",
    "relexbooking kyc revoke kyc_01arz3ndektsv4rrffq69g5fav --reason 'the passport was stolen'",
    changes=True,
)
@click.argument("request_id", metavar="REQUEST")
@click.option("--reason", required=True, help="The applicant reads it.")
@destructive
async def revoke(desk: Desk, *, request_id: str, reason: str, dry_run: bool, yes: bool) -> Answer:
    """Take an approval back: the person is no organizer any more. Events on sale go on."""
    if dry_run:
        [would] = await desk.deeds.decide_kyc.many(desk.actor, [request_id], Decision.REVOKE, reason, rehearse=True)
        said = f"Would revoke {request_id}." if would.is_done else f"Would not: {would.why_not}"
        return Answer({"dry_run": True, "would_revoke": would.is_done, "why_not": would.why_not}, (said,))
    ask(f"Revoke the approval of {request_id}?", yes=yes)
    return await _decide(desk, request_id, Decision.REVOKE, reason)


@verb(
    kyc,
    "document",
    "relexbooking kyc document kyd_01arz3ndektsv4rrffq69g5fav --output front.pdf --reason 'a complaint'",
)
@click.argument("document_id", metavar="DOCUMENT")
@click.option("--side", type=SIDE, default="front", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Where to; only you may read it.")
@click.option("--reason", required=True, help="Why you look; it is written down.")
async def document(desk: Desk, *, document_id: str, side: str, output: Path, reason: str) -> Answer:
    """Write one side of a document to a file. That you did is in the audit."""
    content = await desk.deeds.read_document.at_desk(desk.actor, document_id, side, reason)
    write_new(output, content.data)
    shown = {"document_id": document_id, "side": side, "media_type": content.media_type, "output": str(output)}
    return Answer(shown, (f"Written to {output} ({content.media_type}). Remove it when you have seen it.",))


@verb(kyc, "rewrap", "relexbooking kyc rewrap\nrelexbooking kyc rewrap --retire --yes")
@click.option("--retire", is_flag=True, help="Make no new key but destroy the earlier ones, an hour later or more.")
@destructive
async def rewrap(desk: Desk, *, retire: bool, dry_run: bool, yes: bool) -> Answer:
    """Wrap the keys of all documents with a new key. Nobody waits, and the files stay as they are.

    With --retire the earlier keys are destroyed: what old copies of the records wrapped can never be read again.
    """
    wraps_now = await desk.deeds.rewrap_documents.custody.envelopes.current_key_id()
    if dry_run:
        said = f"{wraps_now} wraps now; would {'destroy every earlier key' if retire else 'make a new one'}."
        return Answer({"dry_run": True, "key_id": wraps_now, "would_retire": retire}, (said,))
    if retire:
        ask("Destroy the earlier keys for good?", yes=yes)
    with progress("Wrapping") as advance:
        key_id, done = await desk.deeds.rewrap_documents(
            desk.actor, rotate=not retire, advance=lambda count: advance(count, count)
        )
    retired = await desk.deeds.rewrap_documents.retire(desk.actor) if retire else ()
    shown = {"key_id": key_id, "rewrapped": done, "retired": list(retired)}
    words = f"{key_id} wraps now; {done} documents were wrapped anew; {len(retired)} keys were destroyed."
    return Answer(shown, (words,))


@verb(kyc, "forget", "relexbooking kyc forget --dry-run")
@destructive
async def forget(desk: Desk, *, dry_run: bool, yes: bool) -> Answer:
    """Destroy the documents whose time is over: of rejected and withdrawn requests, and of accounts that have ended."""
    due = await desk.deeds.forget_documents.due()
    if not dry_run and due:
        ask(f"Destroy the documents of {len(due)} requests? There is no way back.", yes=yes)
        due = await desk.deeds.forget_documents.forget(desk.actor)
    rows = [(r.id, r.account_id, r.status, str(len(r.document_ids)), views.wall(r.decided_at)) for r in due]
    table = Table(("id", "account", "status", "documents", "decided"), rows)
    said = f"{'Would destroy' if dry_run else 'Destroyed'} the documents of {len(due)} requests."
    return Answer({"dry_run": dry_run, "items": [identity_views.kyc_request(r) for r in due]}, (table, said))
