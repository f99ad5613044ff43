"""The commands on the real wiring, by settings alone: make, compare, mend, take away."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.cli.app import relexbooking
from adapters.cli.exits import Exit
from adapters.settings import Settings
from bootstrap import Installation
from tests.support.site import BUCKET

Typed = Callable[..., tuple[int, Any]]


@pytest.fixture
def typed(site_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    monkeypatch.chdir(tmp_path)
    for name in ("aws_endpoint_url", "dynamo_endpoint_url", "aws_region", "base_url"):
        monkeypatch.setenv(f"RELEX_{name.upper()}", getattr(site_settings, name))

    def type_(*words: str) -> tuple[int, Any]:
        result = CliRunner().invoke(relexbooking, ["aws", *words, "--json"], obj=Installation())
        return result.exit_code, json.loads(result.stdout)

    return type_


def test_an_installation_is_made_compared_mended_and_taken_away(typed: Typed) -> None:
    code, dry = typed("provision", "--env", "dev", "--dry-run")
    assert (code, {item["stands"] for item in dry["items"]}) == (Exit.OK, {"would be created"})
    code, absent = typed("verify", "--env", "dev")
    assert (code, {item["mend"] for item in absent["items"]}) == (
        Exit.UNEXPECTED,
        {"relexbooking aws provision --env dev"},
    )

    code, made = typed("provision", "--env", "dev")
    assert (code, {item["stands"] for item in made["items"]}) == (Exit.OK, {"created"})
    assert f"bucket {BUCKET}" in [item["thing"] for item in made["items"]]
    assert typed("verify", "--env", "dev")[0] == Exit.OK

    code, gone = typed("destroy", "--env", "dev", "--confirm", "dev")
    assert (code, {item["became"] for item in gone["items"]}) == (Exit.OK, {"gone"})
    assert len(gone["items"]) == len(made["items"])


def test_production_is_refused_before_anything_is_asked(typed: Typed) -> None:
    code, said = typed("destroy", "--env", "prod", "--confirm", "prod")

    assert (code, said["error"]["code"]) == (Exit.REFUSED, "SiteRefused")


def test_a_template_needs_no_credentials(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    code, document = typed("template", "--env", "prod")

    assert code == Exit.OK
    assert "TableEvent" in document["Resources"]
    assert typed("verify", "--env", "prod")[0] == Exit.UNAVAILABLE
