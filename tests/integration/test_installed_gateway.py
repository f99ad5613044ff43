"""A gateway that a package brings: installed beside us, found by its entry point, and used without a change of ours."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox_provider import API_KEY, ROOT, WEBHOOK_SECRET, SandboxProvider, running_sandbox

PACKAGE = ROOT / "tests" / "packages" / "example_gateway"

OPEN_A_PAGE = """
import asyncio, sys
from adapters.settings import load_settings
from tests.contracts.payment_gateway import order, sought
from wiring.container import build, close

async def main():
    container = build(load_settings())
    gateway = container.gateways().taking("EUR")
    asked = order()
    page = await gateway.pages.open_page(asked)
    charge = await gateway.charges.look_up(sought(asked))
    print(gateway.name, type(gateway.pages).__module__, page.url, charge.state)
    await close(container)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip put the package, without any index."""
    folder = tmp_path_factory.mktemp("installed")
    source = shutil.copytree(PACKAGE, folder / "source")  # Building leaves traces beside the sources.
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", "--quiet"]
    target = folder / "site"
    built = subprocess.run(
        [*pip, "--disable-pip-version-check", "--target", str(target), str(source)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return target


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProvider]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3") as provider:
        yield provider


def run(
    script: str, *folders: Path, provider: SandboxProvider, data: Path, payments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """A fresh process, which finds what is installed in those folders."""
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (*folders, ROOT))),
        "RELEX_PAYMENTS": payments,
        "RELEX_DATA_DIR": str(data),
        "RELEX_STORE": "memory",
        "RELEX_SANDBOX_URL": provider.base_url,
        "RELEX_SANDBOX_API_KEY": API_KEY,
        "RELEX_SANDBOX_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        **more,
    }
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=data, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_an_installed_gateway_takes_payments_once_it_is_chosen(
    installed: Path, provider: SandboxProvider, tmp_path: Path
) -> None:
    ran = run(OPEN_A_PAGE, installed, provider=provider, data=tmp_path, payments="example")

    assert ran.returncode == 0, ran.stderr
    name, module, url, state = ran.stdout.split()
    assert (name, module, state) == ("example", "example_gateway", "pending")
    assert url.startswith(provider.base_url)


def test_without_the_package_there_is_no_such_gateway(provider: SandboxProvider, tmp_path: Path) -> None:
    ran = run(OPEN_A_PAGE, provider=provider, data=tmp_path, payments="example")

    assert ran.returncode != 0
    assert "there is no 'example', but " in ran.stderr


def test_a_package_cannot_take_a_name_of_ours(installed: Path, provider: SandboxProvider, tmp_path: Path) -> None:
    site = tmp_path / "intruder"
    metadata = site / "intruder-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: intruder\nVersion: 1.0\n")
    group = "[relexbooking.payment_gateways]\n"
    (metadata / "entry_points.txt").write_text(
        group + "sandbox = example_gateway:build\nmine = example_gateway:build\n"
    )
    folders = (site, installed)

    ours = run(OPEN_A_PAGE, *folders, provider=provider, data=tmp_path, payments="sandbox")
    theirs = run(OPEN_A_PAGE, *folders, provider=provider, data=tmp_path, payments="mine")

    assert ours.stdout.split()[:2] == ["sandbox", "adapters.payments.sandbox_gateway"], ours.stderr
    assert theirs.stdout.split()[1] == "example_gateway", "the intruder is seen: only the name is not its own"


def test_a_gateway_that_only_pretends_must_be_meant_whoever_brings_it(
    installed: Path, provider: SandboxProvider, tmp_path: Path
) -> None:
    public = "https://tickets.example.com"
    told = [
        run(
            OPEN_A_PAGE,
            installed,
            provider=provider,
            data=tmp_path,
            payments="example",
            RELEX_BASE_URL=public,
            RELEX_ALLOW_SANDBOX=allowed,
        )
        for allowed in ("false", "true")
    ]

    assert [ran.returncode for ran in told] == [1, 0], told[1].stderr
    assert "RELEX_ALLOW_SANDBOX" in told[0].stderr
