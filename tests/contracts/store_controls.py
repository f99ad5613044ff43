"""Negative controls: with a guard switched off, the race that it guards against must be lost."""

import pytest
from attrs import evolve

from adapters.persistence import deciding
from application.ports.store import Store
from domain.allotment import Allotment, AllotmentChange
from tests.contracts.store_races import BUYERS, HOT, LAST_PLACES, quarrel, rush


def admit_all(change: AllotmentChange, allotment: Allotment | None) -> Allotment:
    """Decide as if there were always room."""
    assert allotment is not None, "the scenario opens its allotment"
    return evolve(allotment, held=allotment.held + change.held)


class GuardlessContract:
    """A subclass gives `backing`, as a StoreContract does, on a database without checks of its own."""

    async def test_without_the_decision_everybody_gets_the_last_places(
        self, backing: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deciding, "apply", admit_all)

        assert await rush(backing) == BUYERS

        assert (await backing[0].allotments([HOT]))[HOT].held == BUYERS > LAST_PLACES

    async def test_without_versions_everybody_saves(
        self, backing: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deciding, "_stale", lambda *_: None)

        assert await quarrel(backing, people=20) == 20
