"""A start costs what it needs. Nothing here is timed: what is not imported takes neither time nor memory."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
NOT_ASKED_FOR: Final = {
    "AWS": {"boto3", "botocore", "joserfc", "mangum", "adapters.aws"},
    "the vendors of payments, and the HTTP under them": {"stripe", "razorpay", "requests", "urllib3", "httpx"},
    "pictures and codes": {"PIL", "qrcode"},
    "receipts": {"fpdf", "fontTools", "uharfbuzz"},
    "passkeys": {"webauthn", "OpenSSL", "pyasn1", "cbor2"},
    "migrations of a database that has its schema": {"alembic", "mako", "adapters.persistence.schema"},
    "PostgreSQL, where SQLite is used": {"asyncpg", "sqlalchemy.dialects.postgresql"},
    "what SQLAlchemy has beside its statements": {"sqlalchemy.orm", "sqlalchemy.ext.asyncio"},
    "the command line": {"rich", "pygments", "adapters.cli.app"},
}
"""What an installation with the settings as they come does without until somebody asks for it."""
_MAKE: Final = """
import json, sys
{before}
{make}
{after}
print(json.dumps(sorted(sys.modules)))
"""
_APPLICATION: Final = "import bootstrap; app = bootstrap.http_app()"
_PASSKEY: Final = """
from adapters.identity.late_passkeys import LatePasskeys
LatePasskeys("http://127.0.0.1", "here").request_options(b"challenge", (), alone=True)
"""


def imported(data: Path, *, before: str = "", make: str = _APPLICATION, after: str = "", **variables: str) -> set[str]:
    """What a fresh interpreter has imported when it has made the application."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RELEX_")}
    done = subprocess.run(
        [sys.executable, "-c", _MAKE.format(before=before, make=make, after=after)],
        cwd=ROOT,
        env={**environment, "RELEX_DATA_DIR": str(data), "RELEX_LOG_LEVEL": "error", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def for_nothing(modules: set[str]) -> dict[str, set[str]]:
    found = {what: names & modules for what, names in NOT_ASKED_FOR.items()}
    return {what: names for what, names in found.items() if names}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that was started before: it has its keys and its schema."""
    folder = tmp_path_factory.mktemp("installation")
    imported(folder)
    return folder


def test_what_is_not_asked_for_is_not_imported(data: Path) -> None:
    assert for_nothing(imported(data)) == {}


def test_what_is_asked_for_is_imported_and_would_be_noticed(data: Path, tmp_path: Path) -> None:
    """The control: each of them shows where it is used."""
    key = {"RELEX_STRIPE_API_KEY": "sk_test_secret1", "RELEX_STRIPE_WEBHOOK_SECRETS": "whsec_secret2"}
    asked = partial(imported, data)

    assert {"stripe", "httpx"} <= asked(RELEX_PAYMENTS="stripe", **key)
    assert {"alembic", "adapters.persistence.schema"} <= imported(tmp_path / "new")
    assert {"PIL", "qrcode"} <= asked(after="app.state.deeds.drawer.png('RELEX')")
    assert "webauthn" in asked(after=_PASSKEY)
    assert "rich" in for_nothing(asked(before="import rich"))["the command line"]


def test_a_store_in_memory_needs_no_sql(tmp_path: Path) -> None:
    names = imported(tmp_path, RELEX_STORE="memory")

    assert "litestar" in names
    assert not any(name.partition(".")[0] in {"sqlalchemy", "alembic", "sqlite3"} for name in names)


def test_what_was_made_at_start_is_left_out_of_every_later_collection(data: Path) -> None:
    kept = "import gc; assert gc.get_freeze_count() > 100_000 and gc.get_threshold()[0] > 10_000"

    assert imported(data, after=kept)
    with pytest.raises(subprocess.CalledProcessError):
        imported(data, before="import gc; gc.freeze = lambda: None", after=kept)


@pytest.mark.parametrize(("shared", "is_left_to_the_workers"), [("bootstrap._share_with_workers()", False), ("", True)])
def test_workers_that_are_forked_have_all_modules_already(
    data: Path, shared: str, *, is_left_to_the_workers: bool
) -> None:
    """Each worker of `relexbooking serve` begins with what the first process imported, and shares its memory."""
    forked = f"import bootstrap, sys\ncontainer = bootstrap.build()\n{shared}\nbefore = set(sys.modules)"
    worker = (
        "bootstrap.http_app(container)\nsys.modules = {name: sys.modules[name] for name in sys.modules.keys() - before}"
    )

    imported_by_worker = imported(data, before=forked, make=worker)

    assert ("litestar.app" in imported_by_worker) is is_left_to_the_workers
