"""Everything that doctor looks at, one after the other. Nothing is changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from adapters.cli.operations import Finding, Verdict
from adapters.diagnosis import machine, parts
from adapters.diagnosis.audit import audit_in
from adapters.diagnosis.key_folders import keys
from adapters.diagnosis.money import money
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_sandbox_is_meant

WITHIN_S: Final = 15.0
"""How long one part may take to answer."""


async def examine(load: Callable[[], Settings]) -> AsyncIterator[Finding]:
    """Each finding as soon as it is made. Without settings that can be read there is nothing more to look at."""
    yield machine.python()
    try:
        settings = load()
    except WrongSetting as error:
        yield Finding("settings", Verdict.WRONG, str(error), "correct it in the environment or relexbooking.toml")
        return
    yield _settings(settings)
    yield machine.data_folder(settings)
    yield machine.disk(settings)
    yield machine.clock(settings, datetime.now(UTC))
    for finding in machine.addresses(settings):
        yield finding
    yield machine.sources(settings)
    yield await _asked("store", lambda: parts.store(settings))
    for finding in keys(settings):
        yield finding
    yield await audit_in(settings, WITHIN_S)
    for name in settings.payments:
        yield await _asked(f"payments: {name}", lambda name=name: parts.gateway(settings, name))  # type: ignore[misc]  # mypy types no default of a lambda
    for finding in await _books(settings):
        yield finding
    yield await _asked("identity", lambda: parts.identity(settings))
    yield await _asked("mail", lambda: parts.mail(settings))


def _settings(settings: Settings) -> Finding:
    try:
        check_sandbox_is_meant(settings)
    except WrongSetting as error:
        return Finding("settings", Verdict.WRONG, str(error), "as said")
    return Finding("settings", Verdict.OK, "can be read, and fit together")


async def _books(settings: Settings) -> list[Finding]:
    try:
        return await asyncio.wait_for(_all(money(settings)), WITHIN_S)
    except Exception as error:  # noqa: BLE001 - as below
        return [Finding("books", Verdict.WRONG, f"{type(error).__name__}: {error}", "see what is said of the store")]


async def _all(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


async def _asked(subject: str, question: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await asyncio.wait_for(question(), WITHIN_S)
    except TimeoutError:
        return Finding(subject, Verdict.WRONG, f"no answer within {WITHIN_S:.0f} s", "see whether it runs")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part is what doctor is there to tell
        return Finding(subject, Verdict.WRONG, f"{type(error).__name__}: {error}", "see its settings, and try again")
