"""A picture is taken out of the store only when it is certain that no event shows it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import define

from adapters.persistence.memory import MemoryStore
from adapters.persistence.memory_objects import MemoryObjects
from application.errors import StaleVersion, StoreUnavailable
from application.ports.object_store import ObjectMissing, StoredObject
from application.ports.store import ChangeSet, Key, Outcome, Stale
from domain.event import Event
from tests.support import pictures
from tests.support.world import World


@define(eq=False)
class _DeafStore(MemoryStore):
    """While it is `deaf`, it commits and the answer is lost; while it `refuses`, somebody else was always faster."""

    deaf: bool = False
    refuses: bool = False

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        if self.refuses:
            return [Stale(Key("event", "evt_1")) for _ in batch]
        outcomes = await super().commit(batch)
        if self.deaf:
            raise StoreUnavailable("the answer was lost")
        return outcomes


@define(eq=False)
class _Noting(MemoryObjects):
    """Notes which objects were put."""

    put_keys: tuple[str, ...] = ()

    async def put(self, key: str, content: StoredObject) -> None:
        self.put_keys = (*self.put_keys, key)
        await super().put(key, content)


async def _stage(folder: Path) -> tuple[World, _DeafStore, _Noting, Event]:
    store, objects = _DeafStore(), _Noting()
    world = World.of(folder, store, objects=objects)
    return world, store, objects, await world.event()


async def test_a_picture_whose_commit_was_not_answered_stays(tmp_path: Path) -> None:
    world, store, objects, event = await _stage(tmp_path)
    store.deaf = True

    with pytest.raises(StoreUnavailable):
        await world.deeds.add_event_image(world.operator, event.id, pictures.png(), "A square")

    store.deaf = False
    [image] = (await world.deeds.events.show(world.operator, event.id)).event.images
    assert objects.put_keys == (image.key,)
    assert (await objects.get(image.key)).data


async def test_a_picture_that_was_refused_for_certain_goes(tmp_path: Path) -> None:
    world, store, objects, event = await _stage(tmp_path)
    store.refuses = True

    with pytest.raises(StaleVersion):
        await world.deeds.add_event_image(world.operator, event.id, pictures.png(), "A square")

    store.refuses = False
    assert not (await world.deeds.events.show(world.operator, event.id)).event.images
    [key] = objects.put_keys
    with pytest.raises(ObjectMissing):
        await objects.get(key)
