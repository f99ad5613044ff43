"""Whether the audit is whole, as far as a short look can tell."""

import asyncio
from typing import Final

from adapters.auditing import ring_signer
from adapters.auditing.file_witness import FileWitness
from adapters.cli.operations import Finding, SchemaState, Verdict
from adapters.clock import SystemClock
from adapters.diagnosis.key_folders import folder_there
from adapters.diagnosis.schema import schema_of
from adapters.from_settings import key_folders
from adapters.randomness import SystemRandomness
from adapters.registry import STORES
from adapters.settings import Settings
from adapters.tickets import file_key_ring
from adapters.tickets.file_key_ring import FileKeyRing
from application.access import Actor
from application.ports.clock import Clock
from application.ports.store import Store
from application.queries.audit_trail import AuditTrail
from application.work import Beginning

AUDIT: Final = "audit"
KEYS: Final = "audit-keys"
_VERIFY: Final = "see `relexbooking audit verify`"


async def audit_in(settings: Settings, within_s: float) -> Finding:
    """Walk the chain, unless that takes too long for a look; nothing where there is no chain to look at yet."""
    if settings.store != "sql":
        return Finding(AUDIT, Verdict.NOTE, f"the chain in the store {settings.store!r} was not walked", _VERIFY)
    try:
        folder = folder_there(settings, key_folders(settings, only_look=True), KEYS)
        is_there = folder is not None and folder.stamp(file_key_ring.RING_NAME) is not None
        if not is_there or (await schema_of(settings)).state is not SchemaState.CURRENT:
            return Finding(AUDIT, Verdict.NOTE, "there is no chain to look at yet", "it begins with the first start")
        return await asyncio.wait_for(_walked(settings), within_s)
    except TimeoutError:
        said = f"the chain is too long to be walked within {within_s:.0f} s"
        return Finding(AUDIT, Verdict.NOTE, said, "run `relexbooking audit verify`, which takes its time")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is what doctor is there to tell
        return Finding(AUDIT, Verdict.WRONG, f"{type(error).__name__}: {error}", _VERIFY)


async def _walked(settings: Settings) -> Finding:
    store = STORES.build(settings.store, settings)
    try:
        return await chain(store, settings, SystemClock())
    finally:
        await store.close()


async def chain(store: Store, settings: Settings, clock: Clock) -> Finding:
    """The same as `audit verify`, in one line."""
    folder = key_folders(settings, only_look=True)(KEYS)
    randomness = SystemRandomness()
    signer = ring_signer.RingSigner(FileKeyRing(randomness, folder))
    witness = FileWitness(settings.audit_folder)
    begin = Beginning(store, clock, randomness)
    trail = AuditTrail(begin, clock, store, signer, witness, ring_signer.holds)
    verdict = await trail.verify(Actor.system())
    if not verdict.is_whole:
        return Finding(AUDIT, Verdict.WRONG, verdict.why, _VERIFY)
    said = f"{verdict.links} links are whole, {verdict.waiting} records wait for their place"
    return Finding(AUDIT, Verdict.OK, said)
