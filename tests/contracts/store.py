"""What every store must do, bare and behind group commit. A suite of an adapter is a subclass with one fixture.

Callers, and not stores, see to it that a ChangeSet has at most WRITES_MAX writes and names each record once.
"""

from typing import ClassVar

import pytest

from adapters.persistence.gathering import GatheringStore
from application.ports.store import (
    Store,
)
from tests.contracts.store_allotments import AllotmentContract
from tests.contracts.store_listing import ListingContract
from tests.contracts.store_races import RaceContract
from tests.contracts.store_records import RecordContract


class StoreContract(RecordContract, AllotmentContract, ListingContract, RaceContract):
    """Subclass it and give `backing`: two stores that are open on the same, empty database; they may be one."""

    adapter: ClassVar[str]

    @pytest.fixture(params=["bare", "gathered"])
    def pair(self, request: pytest.FixtureRequest, backing: tuple[Store, Store]) -> tuple[Store, Store]:
        if request.param == "bare":
            return backing
        return GatheringStore(backing[0]), GatheringStore(backing[1])

    @pytest.fixture
    def store(self, pair: tuple[Store, Store]) -> Store:
        return pair[0]

    @pytest.fixture
    def rival(self, pair: tuple[Store, Store]) -> Store:
        """Another store on the same database."""
        return pair[1]
