"""What doctor finds about keys other than the tickets', and about the audit."""

import asyncio
from pathlib import Path

import pytest

from adapters.cli.operations import Verdict
from adapters.diagnosis.audit import audit_in, chain
from adapters.diagnosis.key_folders import KEY_FOLDERS, keys
from adapters.settings import Settings
from tests.support.meddling import sealed_on
from wiring.container import Container


def _installed(folder: Path) -> Settings:
    """A data folder as a server leaves it behind."""
    settings = Settings(data_dir=folder)
    container = Container(settings=settings)
    container.key_ring()
    for part in (container.vault, container.factor_vault, container.audit_ring, container.key_wrapper):
        part()
    container.hashes()
    return settings


def _verdicts(settings: Settings) -> dict[str, Verdict]:
    return {finding.subject: finding.verdict for finding in keys(settings)}


def test_every_folder_of_keys_is_looked_at(tmp_path: Path) -> None:
    settings = _installed(tmp_path)
    made = {file.parent for pattern in ("keys.json", "ring.json") for file in tmp_path.rglob(pattern)}

    assert made == {tmp_path / each.path for each in KEY_FOLDERS}
    assert set(_verdicts(settings).values()) == {Verdict.OK}


def test_folders_that_are_not_there_yet_are_not_made(tmp_path: Path) -> None:
    assert set(_verdicts(Settings(data_dir=tmp_path)).values()) == {Verdict.NOTE}
    assert list(tmp_path.iterdir()) == []


def test_keys_that_kms_keeps_are_not_missed_here(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, kyc_kms_key="alias/identity")

    assert "identity document keys" not in _verdicts(settings)


@pytest.mark.parametrize("each", KEY_FOLDERS, ids=lambda each: each.path)
def test_keys_that_are_gone_are_told_and_not_replaced(tmp_path: Path, each: object) -> None:
    settings = _installed(tmp_path)
    [named] = [known for known in KEY_FOLDERS if known is each]
    [file] = [file for file in (tmp_path / named.path).iterdir() if file.suffix == ".json"]
    file.unlink()

    assert _verdicts(settings)[named.subject] is Verdict.WRONG
    assert not file.exists()


@pytest.mark.parametrize("each", KEY_FOLDERS, ids=lambda each: each.path)
def test_keys_that_others_may_read_are_wrong(tmp_path: Path, each: object) -> None:
    settings = _installed(tmp_path)
    [named] = [known for known in KEY_FOLDERS if known is each]
    (tmp_path / named.path).chmod(0o755)

    findings = [finding for finding in keys(settings) if finding.verdict is not Verdict.OK]
    # Who may enter a folder may also enter those in it.
    inner = [known.subject for known in KEY_FOLDERS if known.path.startswith(f"{named.path}/")]
    assert [finding.subject for finding in findings] == [named.subject, *inner]
    assert all("chmod 700" in finding.said for finding in findings)


def test_a_ring_that_others_may_read_is_wrong(tmp_path: Path) -> None:
    settings = _installed(tmp_path)
    (tmp_path / "keys" / "ring.json").chmod(0o644)

    [finding] = [finding for finding in keys(settings) if finding.verdict is not Verdict.OK]
    assert finding.subject == "ticket keys"
    assert "chmod 600" in finding.said


async def test_a_whole_chain_is_well_and_one_that_was_meddled_with_is_not(tmp_path: Path) -> None:
    async with sealed_on("", tmp_path) as sealed:
        await sealed.grow(5)
        store, clock = sealed.world.container.store(), sealed.world.clock
        settings = Settings(data_dir=tmp_path)
        assert (await chain(store, settings, clock)).verdict is Verdict.OK

        await sealed.hand.remove((await sealed.links())[2])

        assert (await chain(store, settings, clock)).verdict is Verdict.WRONG


def test_without_a_chain_none_is_made(tmp_path: Path) -> None:
    assert asyncio.run(audit_in(Settings(data_dir=tmp_path), 5)).verdict is Verdict.NOTE
    assert list(tmp_path.iterdir()) == []
