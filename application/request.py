"""Which request or command is being served: its number stands in the answer, in the log and in the audit."""

import secrets
from contextvars import ContextVar
from typing import Final

REQUEST_BYTES: Final = 12

current_request: Final[ContextVar[str]] = ContextVar("current_request", default="")
"""Empty for what no request and no command asked for, such as jobs."""


def begin_request(prefix: str) -> str:
    """A new number, which holds for all that this task does from now on. Never what a caller says of itself."""
    request_id = f"{prefix}_{secrets.token_hex(REQUEST_BYTES)}"
    current_request.set(request_id)
    return request_id
