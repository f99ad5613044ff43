"""Whether money and notices agree with what we know, as far as our own store tells."""

from collections.abc import AsyncIterator
from typing import Final

from adapters.cli.operations import Finding, SchemaState, Verdict
from adapters.clock import SystemClock
from adapters.diagnosis.schema import schema_of
from adapters.randomness import SystemRandomness
from adapters.registry import STORES
from adapters.settings import Settings
from application.ports.clock import Clock
from application.ports.store import Store
from application.queries.announcements import Announced, Announcements
from application.queries.reconciliations import Reconciliations
from application.work import Beginning

BOOKS: Final = "books"


async def money(settings: Settings) -> AsyncIterator[Finding]:
    """Nothing where there is no store to look at yet: to open one would change it."""
    if settings.store != "sql" or (await schema_of(settings)).state is not SchemaState.CURRENT:
        return
    store = STORES.build(settings.store, settings)
    try:
        async for finding in findings(store, settings, SystemClock()):
            yield finding
    finally:
        await store.close()


async def findings(store: Store, settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """What is open in the books, and how each gateway's notices reach us."""
    begin = Beginning(store, clock, SystemRandomness())
    open_findings = await Reconciliations(begin, store).open_findings()
    if open_findings:
        said = f"{open_findings} differences from the payment providers' own lists need a decision"
        yield Finding(BOOKS, Verdict.WRONG, said, "see `relexbooking payments findings list`")
    else:
        yield Finding(BOOKS, Verdict.OK, "no difference from the payment providers' own lists is open")
    for heard in await Announcements(begin, clock, store, settings.payments)():
        yield of_notices(heard)


def of_notices(heard: Announced) -> Finding:
    """Some may be late; several in a row are no accident."""
    subject = f"webhooks: {heard.gateway}"
    if not heard.captured:
        return Finding(subject, Verdict.OK, "no payment of the last day is old enough to tell")
    if heard.silent_since is None:
        return Finding(subject, Verdict.OK, f"the latest of {heard.captured} payments of the last day was announced")
    since = heard.silent_since.isoformat(timespec="seconds")
    said = f"no notice reached us about the latest {heard.in_a_row} payments, since {since}"
    mend = "look at the endpoint in its dashboard: it may be disabled, or its secret may have changed"
    return Finding(subject, Verdict.WRONG if heard.is_silent else Verdict.NOTE, said, mend)
