"""Whatever somebody changes in the sealed audit, by whichever single step, is found and named."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.auditing.ring_signer import RingSigner
from adapters.randomness import SystemRandomness
from adapters.tickets import memory_key_ring
from application.audit_chain import AuditCheckpoint, AuditHead, AuditLink, checkpoint_document
from application.canonical import canonical
from application.ports.ticket_codes import KeyPurpose
from tests import build
from tests.support.meddling import Sealed, sealed_on

Step = Callable[[Sealed], Awaitable[object]]
COVERED, AFTER = 200, 20
AT = 120


@pytest.fixture
async def chain(store_url: str, tmp_path: Path) -> AsyncIterator[Sealed]:
    """Two checkpoints over 200 links, and 20 links after them."""
    async with sealed_on(store_url, tmp_path) as sealed:
        await sealed.grow(COVERED // 2)
        await sealed.grow(COVERED // 2)
        await sealed.record(AFTER)
        await sealed.world.deeds.seal_audit()
        yield sealed


def record_with(**changed: Any) -> Step:
    async def step(chain: Sealed) -> None:
        link = (await chain.links())[AT - 1]
        await chain.hand.put(evolve(await chain.record_of(link), **changed))

    return step


def link_with(at: int = AT, **changed: Any) -> Step:
    async def step(chain: Sealed) -> None:
        await chain.hand.put(evolve((await chain.links())[at - 1], **changed))

    return step


async def record_gone(chain: Sealed) -> None:
    await chain.hand.remove(await chain.record_of((await chain.links())[AT - 1]))


async def link_gone(chain: Sealed) -> None:
    await chain.hand.remove((await chain.links())[AT - 1])


async def both_gone(chain: Sealed) -> None:
    await record_gone(chain)
    await link_gone(chain)


async def record_renamed(chain: Sealed) -> None:
    record = await chain.record_of((await chain.links())[AT - 1])
    await chain.hand.remove(record)
    await chain.hand.put(evolve(record, id=build.new_id("aud")))


async def places_swapped(chain: Sealed) -> None:
    links = await chain.links()
    one, other = links[AT - 1], links[AT]
    await chain.hand.put(evolve(one, sequence=other.sequence), evolve(other, sequence=one.sequence))


async def hashes_swapped(chain: Sealed) -> None:
    links = await chain.links()
    one, other = links[AT - 1], links[AT]
    await chain.hand.put(evolve(one, hash=other.hash), evolve(other, hash=one.hash))


async def contents_swapped(chain: Sealed) -> None:
    links = await chain.links()
    one, other = await chain.record_of(links[AT - 1]), await chain.record_of(links[AT])
    await chain.hand.put(evolve(one, id=other.id), evolve(other, id=one.id))


async def place_taken_twice(chain: Sealed) -> None:
    stranger = build.audit_record(version=1)
    link = (await chain.links())[AT - 1]
    forged = AuditLink.after(AT - 1, link.previous, stranger, link.sealed_at)
    await chain.hand.put(stranger, evolve(forged, version=1))


async def added_behind_the_head(chain: Sealed) -> None:
    stranger = build.audit_record(version=1)
    last = (await chain.links())[-1]
    await chain.hand.put(stranger, evolve(AuditLink.after(last.sequence, last.hash, stranger, build.NOW), version=1))


async def added_without_a_place(chain: Sealed) -> None:
    await chain.hand.put(build.audit_record(version=1))


async def tail_cut(chain: Sealed, left: int = AT) -> None:
    """Links, records and head, all consistently."""
    links = await chain.links()
    gone = links[left:]
    await chain.hand.remove(*gone, *[await chain.record_of(link) for link in gone])
    await chain.hand.put(evolve(await chain.head(), sequence=left, hash=links[left - 1].hash))


async def tail_cut_with_checkpoints(chain: Sealed) -> None:
    await tail_cut(chain)
    await chain.hand.remove(*[kept for kept in await chain.hand.all("audit_checkpoint") if kept.sequence > AT])


async def only_links_cut(chain: Sealed) -> None:
    gone = (await chain.links())[COVERED + 5 :]
    await chain.hand.remove(*gone)


async def sealed_anew(chain: Sealed) -> None:
    """One record is changed, and every hash from there to the head is made to fit."""
    links = await chain.links()
    changed = evolve(await chain.record_of(links[AT - 1]), actor="acc_somebody_else")
    await chain.hand.put(changed)
    previous = links[AT - 2].hash
    for link in links[AT - 1 :]:
        record = changed if link.id == changed.id else await chain.record_of(link)
        forged = AuditLink.after(link.sequence - 1, previous, record, link.sealed_at)
        await chain.hand.put(evolve(forged, version=1))
        previous = forged.hash
    await chain.hand.put(evolve(await chain.head(), hash=previous))


async def head_moved_back(chain: Sealed) -> None:
    await chain.hand.put(evolve(await chain.head(), sequence=AT))


async def head_with_another_hash(chain: Sealed) -> None:
    await chain.hand.put(evolve(await chain.head(), hash="f" * 64))


async def head_gone(chain: Sealed) -> None:
    await chain.hand.remove(await chain.head())


async def _checkpoints(chain: Sealed) -> list[AuditCheckpoint]:
    return sorted(await chain.hand.all("audit_checkpoint"), key=lambda kept: kept.sequence)


def checkpoint_with(**changed: Any) -> Step:
    async def step(chain: Sealed) -> None:
        await chain.hand.put(evolve((await _checkpoints(chain))[-1], **changed))

    return step


async def checkpoint_gone(chain: Sealed) -> None:
    await chain.hand.remove((await _checkpoints(chain))[-1])


async def checkpoint_forged(chain: Sealed) -> None:
    """Rightly signed, over another hash, by a key that the forger made."""
    ring = memory_key_ring.build(SystemRandomness(), build.NOW)
    bare = evolve((await _checkpoints(chain))[-1], hash="f" * 64)
    key_id, signature = RingSigner(ring).sign(bare.content)
    await chain.hand.put(evolve(bare, key_id=key_id, signature=signature))


async def first_line_again(chain: Sealed) -> None:
    first = chain.witness.read_bytes().splitlines()[0]
    chain.witness.write_bytes(chain.witness.read_bytes() + first + b"\n")


async def old_checkpoint_in_place_of_the_last(chain: Sealed) -> None:
    first = chain.witness.read_bytes().splitlines()[0]
    chain.witness.write_bytes(first + b"\n" + first + b"\n")


async def first_line_gone(chain: Sealed) -> None:
    chain.witness.write_bytes(chain.witness.read_bytes().splitlines()[1] + b"\n")


async def last_line_gone(chain: Sealed) -> None:
    chain.witness.write_bytes(chain.witness.read_bytes().splitlines()[0] + b"\n")


async def second_place_emptied(chain: Sealed) -> None:
    chain.witness.unlink()


def last_line_with(**changed: Any) -> Step:
    async def step(chain: Sealed) -> None:
        lines = chain.witness.read_bytes().splitlines()
        lines[-1] = canonical(json.loads(lines[-1]) | changed)
        chain.witness.write_bytes(b"\n".join(lines) + b"\n")

    return step


async def other_keys(chain: Sealed) -> None:
    """Whoever lost the keys and made new ones cannot tell what was signed."""
    ring = memory_key_ring.build(SystemRandomness(), build.NOW)
    chain.world.deeds = evolve(
        chain.world.deeds, audit_trail=evolve(chain.world.deeds.audit_trail, signer=RingSigner(ring))
    )


async def key_revoked(chain: Sealed) -> None:
    chain.world.container.audit_ring().revoke(KeyPurpose.SIGN, 1, build.NOW)


LATER = build.later(days=3)
TAMPERING: dict[str, tuple[Step, str]] = {
    **{
        f"the record's {name} changed": (record_with(**{name: "f00d"}), f"link {AT} or its record")
        for name in ("actor", "action", "subject", "detail", "request_id", "on_behalf_of", "reason", "before", "after")
    },
    "the record's via changed": (record_with(via="system"), f"link {AT} or its record"),
    "the record's time changed": (record_with(at=LATER), f"link {AT} or its record"),
    "a microsecond moved": (record_with(at=build.NOW + timedelta(microseconds=1)), f"link {AT} or its record"),
    "the record's id changed": (record_renamed, "is gone"),
    "the link's number changed": (link_with(sequence=5_000), f"link {AT} is missing or moved"),
    "the link's hash changed": (link_with(hash="f" * 64), f"link {AT} or its record"),
    "the link's previous hash changed": (link_with(previous="f" * 64), f"link {AT} names another hash before it"),
    "the link's time changed": (link_with(sealed_at=LATER), f"link {AT} or its record"),
    "the first link's previous hash changed": (link_with(1, previous="f" * 64), "link 1 names another hash"),
    "the record removed": (record_gone, f"of link {AT} is gone"),
    "the link removed": (link_gone, f"link {AT} is missing"),
    "link and record removed": (both_gone, f"link {AT} is missing"),
    "two places swapped": (places_swapped, f"link {AT} names another hash before it"),
    "two hashes swapped": (hashes_swapped, f"link {AT} or its record"),
    "two records swapped": (contents_swapped, f"link {AT} or its record"),
    "a link inserted": (place_taken_twice, f"link {AT}"),
    "a link added behind the head": (added_behind_the_head, "was added behind the head"),
    "a record added": (added_without_a_place, "is not in the chain"),
    "the tail cut off": (tail_cut, f"ends at link {AT}, and {COVERED} were signed"),
    "the tail cut off, checkpoints too": (
        tail_cut_with_checkpoints,
        f"the store does not have the checkpoint of link {COVERED}",
    ),
    "links cut off that no checkpoint covers": (only_links_cut, "its head says 220"),
    "the chain sealed anew": (sealed_anew, f"link {COVERED} is not the one that was signed"),
    "the head moved back": (head_moved_back, "names another link"),
    "the head's hash changed": (head_with_another_hash, "names another link"),
    "the head removed": (head_gone, "was added behind the head"),
    **{
        f"the checkpoint's {name} changed": (checkpoint_with(**{name: value}), "signature")
        for name, value in {"hash": "f" * 64, "at": LATER, "signature": "c2ln"}.items()
    },
    "the checkpoint's key changed": (checkpoint_with(key_id=9), "signed by key 9, not ours"),
    "the checkpoint's predecessor changed": (checkpoint_with(previous=7), "a checkpoint is missing before"),
    "the checkpoint removed": (checkpoint_gone, f"the store does not have the checkpoint of link {COVERED}"),
    "the checkpoint forged": (checkpoint_forged, "signature"),
    "an old checkpoint told again": (first_line_again, "comes after that of link"),
    "an old checkpoint put in place of the last": (old_checkpoint_in_place_of_the_last, "comes after that of link"),
    "the first checkpoint lost aside": (first_line_gone, "a checkpoint is missing before"),
    "the last checkpoint lost aside": (last_line_gone, "second place has lost"),
    "all checkpoints lost aside": (second_place_emptied, "second place has lost"),
    "a checkpoint changed aside": (last_line_with(hash="f" * 64), "signature"),
    "other keys": (other_keys, "signature"),
    "the key revoked": (key_revoked, "signed by key 1, not ours"),
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_every_single_change_is_found_and_named(chain: Sealed, what: str) -> None:
    step, words = TAMPERING[what]
    chain.world.clock.advance(601)
    before = await chain.verify()
    assert (before.is_whole, before.links, before.covered, before.checkpoints) == (True, COVERED + AFTER, COVERED, 2)

    await step(chain)

    found = await chain.verify()
    assert not found.is_whole
    assert words in found.why


async def test_what_no_checkpoint_covers_can_vanish_and_verify_says_how_much_that_is(chain: Sealed) -> None:
    before = await chain.verify()

    await tail_cut(chain, COVERED)

    after = await chain.verify()
    assert after.is_whole, "this is what the last checkpoint does not cover"
    assert before.links - before.covered == AFTER
    assert after.links == COVERED


async def test_without_checkpoints_a_chain_sealed_anew_would_look_whole(chain: Sealed) -> None:
    await sealed_anew(chain)
    await chain.hand.remove(*await _checkpoints(chain))
    chain.witness.unlink()

    assert (await chain.verify()).is_whole, "hashes alone prove nothing against who can write all of them"


async def test_a_store_rolled_back_and_grown_again_is_found_by_the_second_place(chain: Sealed) -> None:
    await tail_cut_with_checkpoints(chain)
    await chain.hand.put(evolve(await chain.head(), checkpointed=COVERED // 2))

    await chain.grow(COVERED)

    found = await chain.verify()
    assert found.why == "a checkpoint is missing before that of link 320"


async def test_a_checkpoint_signed_by_an_earlier_key_still_holds(chain: Sealed) -> None:
    await chain.world.deeds.rotate_audit_key(chain.world.operator)
    await chain.grow(5)

    found = await chain.verify()
    assert (found.is_whole, found.checkpoints) == (True, 3)
    assert json.loads(chain.witness.read_bytes().splitlines()[-1])["key_id"] == 2


async def test_a_record_removed_before_it_is_sealed_is_named(chain: Sealed) -> None:
    await chain.record(3)
    waiting = {entry.id for entry in await chain.hand.all("audit_unsealed")}
    [victim, *_] = [record for record in await chain.hand.all("audit") if record.id in waiting]
    await chain.hand.remove(victim)
    await chain.world.deeds.seal_audit()

    found = await chain.verify()

    assert found.why == f"the record {victim.id} was removed before it had its place"
    assert found.links == COVERED + AFTER + 2, "the others are sealed all the same"


async def test_a_record_taken_out_of_the_queue_is_named(chain: Sealed) -> None:
    await chain.record(1)
    [entry] = await chain.hand.all("audit_unsealed")
    await chain.hand.remove(entry)

    assert f"{entry.id} is not in the chain" in (await chain.verify()).why


async def test_a_record_that_waits_too_long_is_an_alarm_whatever_the_queue_says(chain: Sealed) -> None:
    await chain.record(1)
    [entry] = await chain.hand.all("audit_unsealed")
    await chain.hand.put(evolve(entry, at=LATER))
    chain.world.clock.advance(599)
    assert (await chain.verify()).is_whole

    chain.world.clock.advance(2)

    assert f"{entry.id} has waited" in (await chain.verify()).why


async def test_a_queue_entry_planted_for_a_sealed_record_stops_nobody_else(chain: Sealed) -> None:
    link = (await chain.links())[0]
    await chain.hand.put(build.unsealed_record(id=link.id, at=build.NOW, version=1))
    await chain.record(2)

    assert await chain.world.deeds.seal_audit() == 2


def test_a_checkpoint_reads_as_it_was_spelt() -> None:
    head = AuditHead(sequence=7, hash="a" * 64)
    checkpoint = evolve(AuditCheckpoint.of(head, build.NOW), key_id=1, signature="c2ln")

    document = json.loads(canonical(checkpoint_document(checkpoint)))

    assert document["sequence"] == 7
    assert checkpoint.content == evolve(checkpoint, key_id=2, signature="").content
