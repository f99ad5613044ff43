"""What may be shown and kept of words that came from outside: all but secrets and addresses."""

import json
import re
from typing import Any, Final

HIDDEN: Final = "(hidden)"
_ADDRESS: Final = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")
_SECRET_WORDS: Final = ("secret", "token", "password", "signature", "api_key", "card", "cvc", "vpa", "account_number")


def without_secrets(body: bytes) -> Any:
    """The document in a JSON body, with the values of fields hidden whose names speak of secrets or of means to pay.

    What is no JSON is not shown at all: nobody can tell what in it is secret.
    """
    try:
        return _shown(json.loads(body))
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are no JSON)"


def _shown(value: Any) -> Any:
    match value:
        case dict():
            return {name: HIDDEN if _is_secret(name) and said else _shown(said) for name, said in value.items()}
        case list():
            return [_shown(item) for item in value]
        case _:
            return value


def _is_secret(name: str) -> bool:
    return any(word in name.casefold() for word in _SECRET_WORDS)


def without_addresses(words: str) -> str:
    """The same without e-mail addresses, which mail servers repeat in what they refuse."""
    return _ADDRESS.sub(HIDDEN, words)
