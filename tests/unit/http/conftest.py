from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.http_stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage.of(tmp_path) as stage:
        yield stage
