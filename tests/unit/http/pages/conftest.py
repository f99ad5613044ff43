from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.page_stage import PageStage


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[PageStage]:
    pages = PageStage.of(tmp_path)
    yield pages
    await pages.close()
