"""Finding out who asks is one read, of a session and of a key, and writes nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field

from adapters.persistence.memory import MemoryStore
from application.ports.store import ChangeSet, Key, Listing, Outcome, Page, Record
from application.use_cases.sign_in import SignInCommand
from domain.allotment import Allotment
from domain.ids import AllotmentId
from tests.support.key_people import made
from tests.support.world import PASSWORD, World


@define(eq=False)
class Listening:
    """A store that notes what it is asked."""

    inner: MemoryStore = field(factory=MemoryStore)
    asked: list[str] = field(factory=list)

    async def get(self, keys: Sequence[Key]) -> Mapping[Key, Record]:
        self.asked.append("get " + " ".join(sorted(key.kind for key in keys)))
        return await self.inner.get(keys)

    async def allotments(self, ids: Sequence[AllotmentId]) -> Mapping[AllotmentId, Allotment]:
        return await self.inner.allotments(ids)

    async def commit(self, batch: Sequence[ChangeSet]) -> Sequence[Outcome]:
        self.asked.append("commit")
        return await self.inner.commit(batch)

    async def list(self, listing: Listing) -> Page[Record]:
        self.asked.append("list")
        return await self.inner.list(listing)

    async def misfiled(self, keys: Sequence[Key]) -> Sequence[Key]:
        return await self.inner.misfiled(keys)

    async def ping(self) -> None:
        await self.inner.ping()

    async def close(self) -> None:
        await self.inner.close()


async def test_a_session_is_one_read_and_a_key_too(tmp_path: Path) -> None:
    store = Listening()
    world = World.of(tmp_path, store)
    account = (await world.person()).signed_in()
    session = (await world.deeds.sign_in(SignInCommand(account.email, PASSWORD))).secret
    key = (await made(world)).secret
    await world.deeds.authenticate(key)
    await world.container.seen().settle()
    store.asked.clear()

    assert await world.deeds.authenticate(session)
    assert await world.deeds.authenticate(key)
    await world.container.seen().settle()

    assert store.asked == ["get account installation session", "get account api_key installation"]


async def test_a_mistyped_key_asks_nothing_of_the_store(tmp_path: Path) -> None:
    store = Listening()
    world = World.of(tmp_path, store)
    key = (await made(world)).secret
    store.asked.clear()

    assert await world.deeds.authenticate(key[:-1] + ("0" if key[-1] != "0" else "1")) is None
    assert store.asked == []
