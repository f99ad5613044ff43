"""Doctor's own findings: every planted fault is found, and what is well is not complained of."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.cli.operations import Finding, Verdict
from adapters.diagnosis import machine, parts
from adapters.diagnosis.examination import examine
from adapters.diagnosis.schema import schema_of
from adapters.persistence.migrating import upgrade
from adapters.randomness import SystemRandomness
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from adapters.tickets import file_key_ring
from adapters.tickets.private_folder import PrivateFolder

NOW = datetime.now(UTC)


async def _all(findings: AsyncIterator[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding async for finding in findings}


def _with_keys(folder: Path) -> Settings:
    file_key_ring.build(PrivateFolder.open(folder / "keys"), SystemRandomness(), NOW)
    return Settings(data_dir=folder)


def test_a_good_folder_is_well_and_stays_empty(tmp_path: Path) -> None:
    assert machine.data_folder(Settings(data_dir=tmp_path)).verdict is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    finding = machine.data_folder(Settings(data_dir=tmp_path / "new" / "var"))

    assert finding.verdict is Verdict.OK
    assert "first start" in finding.said
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    finding = machine.data_folder(Settings(data_dir=in_the_way))

    assert finding.verdict is Verdict.WRONG
    assert "RELEX_DATA_DIR" in finding.mend


def test_a_clock_before_this_program_is_wrong(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    assert machine.clock(settings, datetime(2020, 1, 1, tzinfo=UTC)).verdict is Verdict.WRONG
    assert machine.clock(settings, NOW).verdict is Verdict.OK


def test_a_clock_behind_what_was_written_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "relexbooking.db"
    file.touch()
    later = time.time() + 3600
    os.utime(file, (later, later))

    assert machine.clock(Settings(data_dir=tmp_path), NOW).verdict is Verdict.WRONG
    assert machine.clock(Settings(data_dir=tmp_path), NOW + timedelta(hours=2)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (Settings(), Verdict.OK),
        (Settings(port=9000), Verdict.OK),
        (Settings(port=9000, base_url="http://127.0.0.1:8000"), Verdict.WRONG),
        (Settings(host="0.0.0.0"), Verdict.NOTE),  # noqa: S104 - as a person might set it
        (Settings(base_url="https://tickets.example.com"), Verdict.OK),
        (Settings(base_url="http://tickets.example.com"), Verdict.NOTE),
    ],
)
def test_links_must_lead_to_where_the_server_listens(settings: Settings, verdict: Verdict) -> None:
    assert [finding.verdict for finding in machine.addresses(settings)] == [verdict]


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (Settings(), Verdict.OK),
        (Settings(base_url="https://tickets.example.com"), Verdict.NOTE),
        (Settings(base_url="https://tickets.example.com", trusted_proxies=("127.0.0.1/32",)), Verdict.OK),
    ],
)
def test_a_proxy_that_nobody_named_makes_one_source_of_all(settings: Settings, verdict: Verdict) -> None:
    finding = machine.sources(settings)

    assert finding.verdict is verdict
    assert ("RELEX_TRUSTED_PROXIES" in finding.mend) is (verdict is Verdict.NOTE)


def test_a_database_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    assert asyncio.run(parts.store(Settings(data_dir=tmp_path))).verdict is Verdict.NOTE
    assert list(tmp_path.iterdir()) == []


async def test_a_schema_that_is_current_or_newer(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    await upgrade(settings.store_url)
    assert (await parts.store(settings)).verdict is Verdict.OK

    import sqlite3

    with sqlite3.connect(tmp_path / "relexbooking.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    finding = await parts.store(settings)
    assert finding.verdict is Verdict.WRONG
    assert "9999" in finding.said


async def test_a_store_without_a_schema_has_nothing_to_look_at() -> None:
    assert (await schema_of(Settings(store="memory"))).state == "current"


async def test_a_mail_server_must_be_named() -> None:
    assert (await parts.mail(Settings(mailer="smtp"))).verdict is Verdict.WRONG


async def test_a_file_in_the_place_of_the_mailbox_is_wrong(tmp_path: Path) -> None:
    assert (await parts.mail(Settings(data_dir=tmp_path))).verdict is Verdict.OK
    (tmp_path / "mailbox").touch()

    assert (await parts.mail(Settings(data_dir=tmp_path))).verdict is Verdict.WRONG


async def test_mail_by_a_package_is_noted() -> None:
    assert (await parts.mail(Settings(mailer="pigeon"))).verdict is Verdict.NOTE


async def test_settings_that_cannot_be_read_end_the_examination() -> None:
    def load() -> Settings:
        raise WrongSetting("RELEX_PORT=0: a port is 1 to 65535")

    findings = await _all(examine(load))

    assert list(findings) == ["python", "settings"]
    assert findings["settings"].verdict is Verdict.WRONG


async def test_a_part_that_stumbles_is_a_finding(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, payments=("nonesuch",), base_url="https://x.example", store="memory")
    findings = await _all(examine(lambda: settings))

    assert findings["payments: nonesuch"].verdict is Verdict.WRONG
    assert "nonesuch" in findings["payments: nonesuch"].said
