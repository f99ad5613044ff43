"""A process of its own that buys: `python -m tests.support.buyer_process URL EVENT BUYERS` prints how many won."""

import asyncio
import sys

from adapters.persistence.gathering import GatheringStore
from tests import build
from tests.contracts.store_races import buy
from tests.support.opening import open_any


async def main(url: str, event_id: str, buyers: int, first_id: int) -> None:
    build.start_ids_at(first_id)
    store = GatheringStore(await open_any(url))
    await asyncio.to_thread(sys.stdin.readline)  # All start together.
    winners = await buy([store], buyers, event_id)
    await store.close()
    sys.stdout.write(f"{winners}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
