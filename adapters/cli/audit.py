import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from adapters.cli.exits import Exit
from adapters.cli.new_file import whole_file
from adapters.cli.paging import Wish, paged, read, show_progress
from adapters.cli.showing import Answer, Facts, Table
from adapters.cli.verbs import Desk, at_a_desk, standalone, verb

if TYPE_CHECKING:
    from adapters.cli.operations import Operations
    from application.chain_walk import Verdict
    from application.queries.audit_trail import SealedRecord

# ruff: noqa: PLC0415 - `--help` imports nothing of the application

DAY: Final = click.DateTime(["%Y-%m-%d"])
_PIPE: Final = Path("-")
_COLUMNS: Final = (
    *("sequence", "id", "at", "actor", "via", "on_behalf_of", "action", "subject", "detail"),
    *("reason", "before", "after", "request_id", "hash"),
)


@click.group()
def audit() -> None:
    """Who did what, sealed into a chain that shows if anybody changes it."""


def _document(sealed: "SealedRecord") -> dict[str, Any]:
    record, link = sealed.record, sealed.link
    return {
        "id": record.id,
        "at": record.at.isoformat(),
        "actor": record.actor,
        "via": record.via,
        "on_behalf_of": record.on_behalf_of,
        "action": record.action,
        "subject": record.subject,
        "detail": record.detail,
        "reason": record.reason,
        "before": record.before,
        "after": record.after,
        "request_id": record.request_id,
        "sequence": None if link is None else link.sequence,
        "hash": None if link is None else link.hash,
    }


def _in_utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


@verb(audit, "list", "relexbooking audit list --actor cli:ana --since 2026-11-01 --json")
@click.option("--actor", default="", help="By one actor: an account's id, or cli: and a login.")
@click.option("--subject", default="", help="About one object, by its id.")
@click.option("--action", default="", help="Deeds of one name, such as booking.refund.")
@click.option("--since", type=DAY, help="On that day, in UTC, or later.")
@click.option("--until", type=DAY, help="Before that day, in UTC.")
@paged
async def list_(desk: Desk, *, since: datetime | None, until: datetime | None, **given: Any) -> Answer:
    """Audit records, the newest first."""
    from adapters.cli import views
    from application.queries.audit_trail import AuditFilter

    wanted = AuditFilter(given["actor"], given["subject"], given["action"], _in_utc(since), _in_utc(until))
    listed = await read(
        Wish(given["limit"], given["cursor"], given["everything"]),
        lambda after, count: desk.deeds.audit_trail.list(desk.actor, wanted, after, count),
    )
    rows = [
        (
            str(found.link.sequence) if found.link else "waits",
            *(views.wall(found.record.at), found.record.actor, found.record.action),
            *(found.record.subject, found.record.detail, found.record.id),
        )
        for found in listed.items
    ]
    table = Table(("link", "at", "actor", "action", "subject", "detail", "id"), rows)
    return Answer(listed.document(_document), (table, *listed.more))


@verb(audit, "show", "relexbooking audit show aud_… --json")
@click.argument("record_id", metavar="ID")
async def show(desk: Desk, record_id: str) -> Answer:
    """One audit record with its place in the chain."""
    document = _document(await desk.deeds.audit_trail.show(desk.actor, record_id))
    pairs = [(name.replace("_", " "), "" if value is None else str(value)) for name, value in document.items()]
    return Answer(document, (Facts(pairs),))


@verb(
    audit,
    "export",
    "relexbooking audit export --output audit.ndjson\nrelexbooking audit export --form csv --output audit.csv",
)
@click.option("--form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True, help="Which form.")
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="The file to write, or `-` for standard output.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
async def export(desk: Desk, *, form: str, output: Path, force: bool) -> Answer:
    """All of it: as NDJSON with chain, checkpoints and public keys, or as CSV that a spreadsheet never runs."""
    if output == _PIPE:
        if click.get_current_context().params["as_json"]:
            raise click.UsageError("--output - writes lines where --json would write its document: choose one")
        await _write(desk, form, sys.stdout.buffer)
        return Answer(None)
    with whole_file(output, force=force) as file:
        count = await _write(desk, form, file)
    return Answer({"file": str(output), "records": count}, (f"{count} records are in {output}.",))


async def _write(desk: Desk, form: str, file: IO[bytes]) -> int:
    """How many records were written."""
    count = 0
    lines = await desk.deeds.export_audit(desk.actor)
    async for is_record, part in _as_csv(lines) if form == "csv" else _as_ndjson(lines):
        file.write(part)
        count += is_record
        if not count % 100:
            show_progress(count, is_last=False)
    show_progress(count, is_last=True)
    return count


async def _as_ndjson(lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[tuple[bool, bytes]]:
    from application.canonical import canonical

    async for line in lines:
        yield "link" in line or "waiting" in line, canonical(line) + b"\n"


async def _as_csv(lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[tuple[bool, bytes]]:
    from adapters.exports.formula_safe_csv import BYTE_ORDER_MARK, csv_bytes

    yield False, BYTE_ORDER_MARK + csv_bytes([_COLUMNS])
    async for line in lines:
        said: dict[str, Any] = {**line.get("record", {}), **line.get("waiting", {}), **line.get("link", {})}
        if said:
            yield True, csv_bytes([[said.get(column, "") for column in _COLUMNS]])


@standalone(
    "verify",
    "relexbooking audit verify --json\n"
    "relexbooking audit verify --file audit.ndjson --public-key 1:l3Pq…   # needs no store",
)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An export, in place of the store. Nothing else is read.",
)
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    metavar="ID:KEY",
    help="With --file: a key that you trust, from `audit keys`; else those count that the file brings.",
)
def verify(operations: "Operations", *, file: Path | None, public_keys: tuple[str, ...]) -> Answer:
    """Walk the whole chain, and say where it is first broken and why. Changes nothing.

    Ends with exit code 1 if anything was changed, removed, added or moved, or waits too long to be sealed.
    """
    if file is not None:
        return _verdict(_of_file(file, _keys(public_keys)))
    if public_keys:
        raise click.UsageError("--public-key goes with --file: the store's own keys are in its key ring")
    return operations.run(at_a_desk(operations, _of_store, {}, relay=False))


audit.add_command(verify)


async def _of_store(desk: Desk) -> Answer:
    return _verdict(await desk.deeds.audit_trail.verify(desk.actor, lambda count: show_progress(count, is_last=False)))


def _keys(given: tuple[str, ...]) -> Mapping[int, str] | None:
    pairs = [text.partition(":") for text in given]
    if not all(number.isdecimal() and key for number, _, key in pairs):
        raise click.UsageError("write a key as ID:KEY, as `relexbooking audit keys` shows it")
    return {int(number): key for number, _, key in pairs} or None


def _of_file(path: Path, trusted: Mapping[int, str] | None) -> "Verdict":
    from adapters.auditing.ring_signer import holds
    from application.audit_export import NotAnExport, verify_lines

    try:
        return verify_lines(_lines(path), holds, trusted)
    except NotAnExport as error:
        raise click.UsageError(f"{path}: {error}") from None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            try:
                document = json.loads(line)
            except ValueError:
                document = None
            # What is no object is no line of ours, and the walk says where.
            yield document if isinstance(document, dict) else {}


def _verdict(found: "Verdict") -> Answer:
    document = {
        "whole": found.is_whole,
        "links": found.links,
        "checkpoints": found.checkpoints,
        "covered": found.covered,
        "not_covered": found.links - found.covered,
        "waiting": found.waiting,
        "oldest_waiting_s": found.oldest_waiting_s,
        "broken_at": found.broken_at or None,
        "why": found.why or None,
    }
    counted = (
        f"{found.links} links, {found.checkpoints} checkpoints. The last checkpoint covers link {found.covered}: "
        f"{found.links - found.covered} links after it and {found.waiting} waiting records could vanish unnoticed."
    )
    if found.is_whole:
        return Answer(document, (counted, "The chain is whole."))
    return Answer(document, (counted, f"BROKEN: {found.why}."), Exit.UNEXPECTED)


def _key_table(infos: list[Any]) -> Table:
    from adapters.cli import views

    rows = [(str(k.id), k.state, views.wall(k.in_state_since), f"{k.id}:{k.public}") for k in infos]
    return Table(("id", "state", "since", "public key"), rows)


@verb(audit, "keys", "relexbooking audit keys --json")
async def keys(desk: Desk) -> Answer:
    """The public keys that checkpoints are signed with: keep a copy apart, to verify exports with."""
    from adapters.cli import views

    infos = list(desk.deeds.rotate_audit_key.list(desk.actor))
    return Answer({"items": [views.key(info) for info in infos]}, (_key_table(infos),))


@verb(audit, "rotate-key", "relexbooking audit rotate-key", changes=True)
async def rotate_key(desk: Desk) -> Answer:
    """Sign the next checkpoints with a new key. What earlier keys signed stays signed."""
    from adapters.cli import views

    info = await desk.deeds.rotate_audit_key(desk.actor)
    return Answer(views.key(info), (_key_table([info]),))
