"""Nothing is stored of which nobody has decided what an export tells and what an erasure does."""

from pathlib import Path
from typing import Any

import pytest
from attrs import fields

from application import personal_file
from application.kinds import KINDS
from application.personal_data import PERSONAL_DATA, PersonalData
from application.personal_file import told
from tests.build import EXAMPLES

ROOT = Path(__file__).parents[3]


def _undecided(decided: dict[str, PersonalData]) -> set[str]:
    """Kinds and fields that an export neither tells nor leaves out for a reason, or does both."""
    found = {kind for kind in KINDS if kind not in decided}
    found |= {kind for kind, data in decided.items() if kind not in KINDS or bool(data.told) == bool(data.untold)}
    for kind, data in decided.items():
        if data.told and kind in KINDS:
            names = {field.name for field in fields(KINDS[kind].type)} - {"version", "facts"}
            found |= {f"{kind}.{name}" for name in names ^ {*data.told, *data.left_out}}
            found |= {f"{kind}.{name}" for name in {*data.told} & {*data.left_out}}
    return found


def test_every_kind_and_field_is_told_or_left_out_for_a_reason() -> None:
    assert _undecided(dict(PERSONAL_DATA)) == set()
    assert all(data.when_erased for data in PERSONAL_DATA.values())


def test_a_kind_or_field_that_nobody_decided_about_is_seen() -> None:
    without = {kind: data for kind, data in PERSONAL_DATA.items() if kind != "ticket"}
    session = PERSONAL_DATA["session"]
    without["session"] = PersonalData(session.when_erased, session.told[1:], session.left_out)

    assert _undecided(without) == {"ticket", f"session.{session.told[0]}"}


@pytest.mark.parametrize("kind", personal_file.kinds_told())
def test_what_is_told_is_plain_and_no_secret(kind: str) -> None:
    record: Any = EXAMPLES[kind]()

    document = told(kind, record)

    assert document
    secrets = {str(getattr(record, name)) for name in PERSONAL_DATA[kind].left_out if "token" in name or "hash" in name}
    assert {secret for secret in secrets if secret and secret in str(document)} == set()


def test_the_page_for_people_says_the_same() -> None:
    written = (ROOT / "docs" / "privacy.md").read_text()

    for kind, data in PERSONAL_DATA.items():
        is_told = "yes" if data.told else f"no: {data.untold}"
        assert f"| `{kind}` | {is_told} | {data.when_erased} |" in written
