"""How every test of ours runs.

An `async def test_…`, or an `async def` fixture, just works: pytest's plugin of anyio runs it, on asyncio, with all
that belongs to one test on one event loop. `anyio_mode = "auto"` in pyproject.toml spares the mark on each test.
"""

import pytest

pytest_plugins = [
    "tests.support.aws",
    "tests.support.browser",
    "tests.support.cognito",
    "tests.support.command_line",
    "tests.support.dynamo",
    "tests.support.postgres",
    "tests.support.site",
    "tests.support.sqlite",
    "tests.support.worlds",
]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop that we ship on, and no other."""
    return "asyncio"
