import json
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
from attrs import frozen

from adapters.cli.demo_cast import EXHIBITION, OCCASIONS, ON_SALE, PASSWORD, PEOPLE, PROMOTION
from adapters.cli.demo_seeding import Seeding
from adapters.cli.operations import DemoStage, Operations
from adapters.cli.running import take_over
from adapters.cli.showing import Answer, Part, Table, show
from adapters.cli.verbs import login, standalone
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, is_loopback
from application.access import Actor
from domain.event import Event
from domain.ticket import Ticket, TicketStatus

_WARNING: Final = (
    "THIS IS A DEMONSTRATION: its passwords are printed here and its payments move no money. Never let others reach it."
)


@frozen
class Shown:
    """What there is to try."""

    made: int
    exhibition: Event
    on_sale: Event
    ticket: Ticket | None
    """One that opens the exhibition's door now."""


@standalone("demo", "relexbooking demo\nRELEX_DATA_DIR=/tmp/demo relexbooking demo --port 8080")
@click.option("--port", type=click.IntRange(1, 65_535), help="Which port to listen on.  [RELEX_PORT]")
@click.option("--no-serve", is_flag=True, help="Load the data, and start no server.")
def demo(operations: Operations, port: int | None, *, no_serve: bool) -> None:
    """A whole installation with made-up data under ./var, ready to try.

    The data is loaded once; started again it goes on with what is there. RELEX_DATA_DIR names another folder.
    """
    take_over(None, port)
    # For the server's own processes too: whoever tries the demonstration signs in with the printed passwords alone.
    os.environ["RELEX_MFA_REQUIRED"] = "none"
    settings = operations.settings()
    check_is_local(settings)
    if not no_serve:
        operations.check_port()
    with operations.beside_sandbox() as wait_for_sandbox:
        shown = operations.run(_load(operations, wait_for_sandbox))
        as_json = bool(click.get_current_context().params.get("as_json"))
        show(_answer(settings, shown, serves=not no_serve), as_json=as_json)
        if not no_serve:
            operations.serve(1)


def check_is_local(settings: Settings) -> None:
    """WrongSetting where known passwords or pretended payments could meet people who mean it."""
    if not is_loopback(settings.base_url) or not (settings.host == "localhost" or is_loopback(f"//{settings.host}")):
        raise WrongSetting(
            f"the demonstration's passwords are known to all, and others reach {settings.base_url} or {settings.host}: "
            "unset RELEX_BASE_URL and RELEX_HOST"
        )
    if settings.payments != ("sandbox",):
        raise WrongSetting("the demonstration pays at the sandbox alone: unset RELEX_PAYMENTS")


async def _load(operations: Operations, wait_for_sandbox: Any) -> Shown:
    operator = Actor.operator(login())
    async with operations.demo() as stage:
        seeding = Seeding(stage, operator, wait_for_sandbox)
        await seeding.run(OCCASIONS)
        return await _shown(stage, operator, seeding)


async def _shown(stage: DemoStage, operator: Actor, seeding: Seeding) -> Shown:
    known: dict[str, Event] = {}
    for address in {occasion.organizer for occasion in OCCASIONS}:
        page = await stage.deeds.events.of_organizer(operator, seeding.people[address].id, None, 100)
        known |= {event.title: event for event in page.items}
    ticket = await _valid_ticket(stage, operator, known[EXHIBITION])
    return Shown(seeding.made, known[EXHIBITION], known[ON_SALE], ticket)


async def _valid_ticket(stage: DemoStage, operator: Actor, event: Event) -> Ticket | None:
    page = await stage.deeds.bookings.of_event(operator, event.id, None, 100)
    for booking in page.items:
        for ticket in (await stage.deeds.bookings.show(operator, booking.id)).tickets:
            if ticket.status is TicketStatus.VALID:
                return ticket
    return None


def _answer(settings: Settings, shown: Shown, *, serves: bool) -> Answer:
    url = settings.base_url.rstrip("/")
    document = {
        "url": url,
        "api_docs": f"{url}/schema",
        "sandbox_url": settings.sandbox_url,
        "sandbox_dashboard": _dashboard_url(settings),
        "mailbox": str((settings.data_dir / "mailbox").absolute()),
        "data_dir": str(settings.data_dir.absolute()),
        "made": shown.made,
        "password": PASSWORD,
        "sign_ins": [{"email": p.email, "name": p.name, "role": p.role, "told": p.told} for p in PEOPLE],
        "on_sale_event_id": shown.on_sale.id,
        "promo_code": PROMOTION.code,
        "active_event_id": shown.exhibition.id,
        "valid_ticket_id": shown.ticket.id if shown.ticket else None,
    }
    table = Table(("sign in as", "who", "what for"), [(p.email, p.name, p.told) for p in PEOPLE])
    news = f"Loaded {shown.made} accounts, events and bookings." if shown.made else "The data was there already."
    lines: list[Part] = [
        _WARNING,
        news,
        "",
        f"Site:      {url}",
        f"API:       {url}/schema",
        f"Payments:  {settings.sandbox_url} (the sandbox)",
        f"Dashboard: {_dashboard_url(settings)} (refund by hand, open disputes; {_key_words(settings)})",
        f"Mails:     files in {document['mailbox']}",
        "",
        table,
        f'Everybody\'s password is "{PASSWORD}". No role needs a second factor here (RELEX_MFA_REQUIRED=none).',
        f"The promotion code {PROMOTION.code} takes {PROMOTION.percent} % off at {ON_SALE}.",
        "",
        *_first_steps(settings, shown),
        *(["", "Ctrl-C stops it."] if serves else []),
    ]
    return Answer(document, lines)


def _dashboard_url(settings: Settings) -> str:
    return f"{settings.sandbox_url.rstrip('/')}/dashboard"


def _key_words(settings: Settings) -> str:
    """The key that everybody knows is told; one that somebody chose is not."""
    is_known = settings.sandbox_api_key == Settings().sandbox_api_key
    return f'its key is "{settings.sandbox_api_key}"' if is_known else "its key is your RELEX_SANDBOX_API_KEY"


def _first_steps(settings: Settings, shown: Shown) -> Sequence[str]:
    """Commands that can be pasted as they stand."""
    api = f"{settings.base_url.rstrip('/')}/api/v1"
    post = "curl -s -H 'Content-Type: application/json'"
    signed = f'{post} -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(date +%s%N)"'
    who = json.dumps({"email": "ben@demo.example", "password": PASSWORD})
    kind = shown.exhibition.ticket_types[0]
    what = json.dumps({"event_id": shown.exhibition.id, "tickets": [{"ticket_type_id": kind.id, "quantity": 1}]})
    selling = [
        "Sell a first ticket, in another terminal:",
        f"  TOKEN=$({post} {api}/sessions -d '{who}' | {_field('token')})",
        f"  BOOKING=$({signed} {api}/bookings -d '{what}' | {_field('id')})",
        f"  PAGE=$({signed} -X POST {api}/bookings/$BOOKING/payment | {_field('pay_url')})",
        "  curl -s -o /dev/null -d choice=pay $PAGE      # or open $PAGE in a browser",
        f"  {_command(settings)} bookings show $BOOKING",
    ]
    if shown.ticket is None:
        return selling
    show_token = f"{_command(settings)} tickets show {shown.ticket.id} --token"
    return [
        *selling,
        "",
        "Scan a ticket at the door of the exhibition, which is open now:",
        f"  {show_token} | {_command(settings)} tickets scan {shown.exhibition.id} - --gate North",
    ]


def _field(name: str) -> str:
    """A command that takes one field out of a JSON document."""
    return f"python3 -c 'import json,sys; print(json.load(sys.stdin)[\"{name}\"])'"


def _command(settings: Settings) -> str:
    """The command line for the very folder of this demonstration."""
    chosen = "RELEX_DATA_DIR" in os.environ
    program = shlex.quote(program_typed())
    return f"RELEX_DATA_DIR={shlex.quote(str(settings.data_dir.absolute()))} {program}" if chosen else program


def program_typed() -> str:
    """What a shell here must be told to run us: the name, or the path of what runs now where the name finds nothing."""
    name = "relexbooking"
    ours = Path(sys.argv[0])
    if shutil.which(name) or ours.name != name or not ours.exists():
        return name
    # A path without a folder would be looked up as a name again.
    return str(ours) if len(ours.parts) > 1 else str(ours.absolute())
