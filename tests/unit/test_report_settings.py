import asyncio
from datetime import date
from pathlib import Path

import pytest
from attrs import evolve

from adapters.setting_checks import WrongSetting
from adapters.settings import load_settings
from tests.support.world import World


def test_a_zone_that_does_not_exist_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEX_REPORT_ZONE", "Mars/Olympus")

    with pytest.raises(WrongSetting, match=r"RELEX_REPORT_ZONE='Mars/Olympus'.*Asia/Kolkata"):
        load_settings()


@pytest.mark.parametrize("zone", ["", "Asia/Kolkata"])
def test_reports_are_of_the_zone_that_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, zone: str) -> None:
    if zone:
        monkeypatch.setenv("RELEX_REPORT_ZONE", zone)
    world = World.of(tmp_path, settings=evolve(load_settings(), data_dir=tmp_path))

    report = asyncio.run(world.deeds.reports.daily(world.operator, date(2026, 11, 6)))

    assert report.span.zone == (zone or "UTC")
