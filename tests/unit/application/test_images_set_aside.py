"""Pictures are put aside with their event, and none before that."""

from datetime import timedelta
from pathlib import Path

from attrs import define

from adapters.persistence.memory_objects import MemoryObjects
from application.ports.object_store import StoredObject
from domain.event import Event
from tests.support import pictures
from tests.support.world import World


@define(eq=False)
class _Shelf(MemoryObjects):
    """Notes which objects were put aside."""

    aside: tuple[str, ...] = ()

    async def set_aside(self, key: str) -> None:
        self.aside = (*self.aside, key)


async def _over(world: World) -> tuple[Event, list[str]]:
    event = await world.event()
    for _ in range(2):
        event = await world.deeds.add_event_image(world.operator, event.id, pictures.png(), "A square")
    world.clock.advance(event.schedule.ends_at - world.clock.now() + timedelta(days=1))
    return event, [image.key for image in event.images]


async def test_an_archived_event_has_its_pictures_put_aside(tmp_path: Path) -> None:
    shelf = _Shelf()
    world = World.of(tmp_path, objects=shelf)
    event, keys = await _over(world)

    await world.deeds.relay.drain()
    assert shelf.aside == ()
    await world.deeds.move_event.archive(world.operator, event.id)
    await world.deeds.relay.drain()

    assert shelf.aside == tuple(keys)


async def test_archiving_twice_puts_aside_once(tmp_path: Path) -> None:
    shelf = _Shelf()
    world = World.of(tmp_path, objects=shelf)
    event, keys = await _over(world)

    for _ in range(2):
        await world.deeds.move_event.archive(world.operator, event.id)
        await world.deeds.relay.drain()

    assert shelf.aside == tuple(keys)


async def test_a_picture_that_was_taken_off_meanwhile_is_let_be(tmp_path: Path) -> None:
    shelf = _Shelf()
    world = World.of(tmp_path, objects=shelf)
    event, keys = await _over(world)

    await world.deeds.move_event.archive(world.operator, event.id)
    await world.deeds.remove_event_image(world.operator, event.id, keys[0])
    await world.deeds.relay.drain()

    assert shelf.aside == (keys[1],)


async def test_a_store_without_a_shelf_keeps_pictures_where_they_are(tmp_path: Path) -> None:
    objects = MemoryObjects()
    world = World.of(tmp_path, objects=objects)
    event, keys = await _over(world)

    await world.deeds.move_event.archive(world.operator, event.id)
    await world.deeds.relay.drain()

    found = await objects.get(keys[0])
    assert isinstance(found, StoredObject)
    assert (await world.deeds.relay.left()).waiting == 0
