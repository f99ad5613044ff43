"""The README's journey works as it is written: the block is run by a shell, against a demo in its own folder."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import zxingcpp
from PIL import Image

from tests.support.dynamo_server import DynamoServer
from tests.support.running_demo import running_demo

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"<!-- journey:.*?-->\n```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    with running_demo(tmp_path) as demo:
        yield demo.url


@pytest.mark.slow
def test_the_journey_of_the_readme_works_with_curl_alone(demo: str, tmp_path: Path) -> None:
    make_the_journey(demo, tmp_path)


@pytest.mark.dynamo
@pytest.mark.slow
def test_the_journey_works_on_dynamodb_by_settings_alone(dynamo_server: DynamoServer, tmp_path: Path) -> None:
    settings = {"RELEX_STORE": "dynamodb", "RELEX_DYNAMO_ENDPOINT_URL": dynamo_server.url, "RELEX_AWS_ENV": "journey"}

    with running_demo(tmp_path, settings) as demo:
        make_the_journey(demo.url, tmp_path)

    assert not list((tmp_path / "var").glob("*.db"))


def make_the_journey(demo: str, tmp_path: Path, otherwise: Mapping[str, str] | None = None) -> None:
    """From nothing to an open door, as the README has it, but for what is said `otherwise`."""
    [block] = BLOCK.findall((ROOT / "README.md").read_text())
    script = "set -eu\n" + block
    for written, meant in {"BASE=http://127.0.0.1:8000": f"BASE={demo}", **(otherwise or {})}.items():
        assert written in script
        script = script.replace(written, meant)

    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    first, second = done.stdout.splitlines()[-2:]
    assert '"outcome":"admitted"' in first
    assert '"outcome":"refused"' in second
    assert '"reason":"ticket_used"' in second
    assert "gate North" in second
    [read] = zxingcpp.read_barcodes(Image.open(tmp_path / "ticket.png"))
    assert len(read.text) == 243
