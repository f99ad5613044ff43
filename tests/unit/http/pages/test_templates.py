"""Templates are compiled when a page first needs them: so it is here that a broken one is found."""

import pytest
from jinja2 import DictLoader, Environment, TemplateSyntaxError

from adapters.http.pages.rendering import page_templates


def broken(templates: Environment) -> list[str]:
    """Those that cannot be compiled."""
    found = []
    for name in templates.list_templates():
        try:
            templates.get_template(name)
        except TemplateSyntaxError:
            found.append(name)
    return found


def test_every_template_can_be_compiled() -> None:
    templates = page_templates()

    assert len(templates.list_templates()) > 20
    assert broken(templates) == []


@pytest.mark.parametrize("body", ["{% if %}", "{{ price | no_such_filter }}", "{% extends %}"])
def test_a_broken_template_would_be_found(body: str) -> None:
    templates = page_templates()
    templates.loader = DictLoader({"whole.html": "{{ product }}", "broken.html": body})

    assert broken(templates) == ["broken.html"]
