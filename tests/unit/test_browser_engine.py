"""The browser of the tests is one that is installed, and none is ever downloaded."""

import shutil

import pytest

from tests.support.browser import pytest_report_header
from tests.support.chromium import BROWSER, DRIVER, has_chromium


@pytest.mark.parametrize("missing", [BROWSER, DRIVER])
def test_without_browser_or_driver_the_header_says_that_its_tests_skip(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else name)
    assert not has_chromium()
    assert "skip" in pytest_report_header()

    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert has_chromium()
    assert pytest_report_header() == "Browser: Chromium"
