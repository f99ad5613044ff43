"""What the container puts together, since dependency-injector compares no types and lets one name hide another."""

from pathlib import Path
from typing import Any

from attrs import evolve, fields
from dependency_injector import containers, providers

from adapters.clock import SystemClock
from adapters.settings import Settings
from application.deeds import Deeds
from wiring.container import Container
from wiring.money import Money
from wiring.parts import Parts
from wiring.people import People
from wiring.sales import Sales
from wiring.upkeep import Upkeep

TOPICS = (People, Sales, Money, Upkeep)


class _OtherParts(Parts):
    clock = providers.Singleton(SystemClock)


def _deeds(folder: Path) -> Deeds:
    made: Deeds = Container(settings=Settings(data_dir=folder, store="memory")).deeds()
    return made


def _fits(part: object, asked: Any) -> bool:
    """A port by what it can do, and anything else by what it is."""
    if not getattr(asked, "_is_protocol", False):
        return isinstance(part, asked)
    return all(hasattr(part, name) for name in vars(asked) if not name.startswith("_"))


def _misfits(deeds: Deeds) -> list[str]:
    return [field.name for field in fields(Deeds) if not _fits(getattr(deeds, field.name), field.type)]


def _made_twice(*topics: type[containers.DeclarativeContainer]) -> set[str]:
    """Names under which two topics make different things, of which the container would show one."""
    first: dict[str, object] = {}
    return {
        name for topic in topics for name, part in topic.providers.items() if first.setdefault(name, part) is not part
    }


def test_every_deed_is_what_it_is_asked_for_as(tmp_path: Path) -> None:
    assert _misfits(_deeds(tmp_path)) == []


def test_a_deed_under_the_name_of_another_would_be_found(tmp_path: Path) -> None:
    deeds = _deeds(tmp_path)
    crossed: Any = {"sign_in": deeds.sign_out, "clock": deeds.drawer}

    assert _misfits(evolve(deeds, **crossed)) == ["clock", "sign_in"]


def test_no_two_topics_make_different_things_under_one_name() -> None:
    assert _made_twice(*TOPICS) == set()


def test_a_name_that_two_topics_make_would_be_found() -> None:
    assert _made_twice(*TOPICS, _OtherParts) == {"clock"}


def test_two_topics_stand_on_the_same_parts() -> None:
    container = Container(settings=Settings(store="memory"))

    assert container.cancel_booking().begin is container.start_payment().begin is container.begin()
