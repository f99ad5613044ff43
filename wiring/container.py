"""The container of all topics, and how it is opened and closed. Only bootstrap.py imports this, when it is needed."""

from collections.abc import Awaitable, Callable
from typing import Any

from attrs import fields
from dependency_injector import providers

from adapters.settings import Settings, check_sandbox_is_meant, load_settings
from application.deeds import Deeds
from wiring.money import Money
from wiring.parts import Parts
from wiring.people import People
from wiring.sales import Sales
from wiring.upkeep import Upkeep

S = providers.Singleton


def _asked_for(*topics: type[Parts]) -> dict[str, providers.Provider[Any]]:
    """Each use case and query under the name by which Deeds asks for it; one that nobody makes stops the start."""
    made = {name: part for topic in topics for name, part in topic.providers.items()}
    return {field.name: made[field.name] for field in fields(Deeds)}


class Container(People, Sales, Money, Upkeep):
    """Every part once, each made from those above it."""

    deeds = S(Deeds, **_asked_for(People, Sales, Money, Upkeep))


def build(settings: Settings | None = None) -> Container:
    """Everything, ready: a wrong setting or a store that does not answer stops here, and not the first buyer."""
    settings = settings or load_settings()
    check_sandbox_is_meant(settings)
    container = Container(settings=settings)
    container.deeds()
    return container


async def close(container: Container) -> None:
    """Give back what was opened."""
    await container.seen().settle()
    await container.store().close()
    for gateway in container.gateways().known.values():
        shut: Callable[[], Awaitable[None]] | None = getattr(gateway.pages, "aclose", None)
        if shut is not None:
            await shut()
