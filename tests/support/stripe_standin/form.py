"""The nested parameters of Stripe's requests: `a[b][0][c]=v`, in a body or a query."""

import re
from typing import Any
from urllib.parse import parse_qsl

_KEY = re.compile(r"[^\[\]]+")


def parameters(encoded: str) -> dict[str, Any]:
    """The tree that the pairs describe; everything in it is text, a mapping or a list."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(encoded)):
        *way, last = _KEY.findall(name)
        place = tree
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}
