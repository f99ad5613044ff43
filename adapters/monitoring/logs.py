"""The log: what happened, in words of ours, with the few fields that may be said. All else is left out.

An address, a name, a secret or a token gets into logs through values that somebody meant to be harmless: a path, a
parameter, the words of an exception. So nothing passes because it looks harmless. Our own words are constants of the
code, and a field passes if its name is listed below and its value has that field's form. What other libraries say is
left out, and where they said it is kept. Of exceptions the kinds and the places are told, never the words.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, TextIO

from adapters.monitoring.request_ids import RequestIds

_ID: Final = re.compile(r"[a-z]{2,5}_[0-9a-z]{26}", re.ASCII)
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_TYPE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_HEX: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
_ROUTE: Final = re.compile(r"/[a-z0-9_{}:/.-]{0,119}", re.ASCII)
_METHOD: Final = re.compile(r"[A-Z]{3,7}", re.ASCII)
_FOLDER: Final = re.compile(r"[^\x00-\x1f\x7f]{1,300}")

FIELDS: Final[Mapping[str, re.Pattern[str]]] = {
    "audit_record": _ID,
    "booking": _ID,
    "count": _NUMBER,
    "error": _TYPE,
    "error_id": _HEX,
    "event": _ID,
    "fact": _TYPE,
    "folder": _FOLDER,
    "job": _WORD,
    "keys": _WORD,
    "kind": _WORD,
    "limit": _WORD,
    "method": _METHOD,
    "payment": _ID,
    "reaction": _WORD,
    "reconciliation": _ID,
    "record": _ID,
    "refund": _ID,
    "route": _ROUTE,
    "tries": _NUMBER,
}
"""What may be said of a happening, and the form that it has."""

HIDDEN: Final = "(hidden)"
NOT_OURS: Final = "(words of another library, left out)"
_OURS: Final = frozenset({"adapters", "application", "domain", "bootstrap", "wiring"})
_ABOUT_ITSELF: Final = re.compile(r"[\w .:,()/\[\]-]{1,120}", re.ASCII)
"""What granian says of its own start and end, at the level of information. Of requests it only tells errors."""


class Form(StrEnum):
    """How lines of the log look."""

    TEXT = "text"
    JSON = "json"


class AllowListed(logging.Formatter):
    """Writes what may be said of a record, and nothing else."""

    def __init__(self, form: str = Form.TEXT) -> None:
        super().__init__()
        self._form = Form(form)

    def format(self, record: logging.LogRecord) -> str:
        """One line; further ones for an exception, in the form for people."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", "-"),
            "said": _words(record),
        }
        said |= _fields(record) if _is_ours(record) else {"where": f"{record.module}:{record.lineno}"}
        raised = list(_told(record.exc_info)) if record.exc_info else []
        if self._form is Form.JSON:
            return json.dumps(said | ({"raised": raised} if raised else {}))
        first, rest = list(said.values())[:5], list(said.items())[5:]
        return "\n".join([" ".join([*first, *(f"{name}={value}" for name, value in rest)]), *raised])


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _words(record: logging.LogRecord) -> str:
    if _is_ours(record):
        # The template alone: what is put into it came from elsewhere.
        return str(record.msg)
    if _is_servers(record) and record.levelno == logging.INFO and _ABOUT_ITSELF.fullmatch(record.getMessage()):
        return record.getMessage()
    return NOT_OURS


def _is_servers(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "_granian"


def _fields(record: logging.LogRecord) -> dict[str, str]:
    given = vars(record)
    return {
        name: str(given[name]) if form.fullmatch(str(given[name])) else HIDDEN
        for name, form in FIELDS.items()
        if name in given
    }


def _told(raised: Any) -> Iterator[str]:
    """The exception and those behind it, the first cause first: which they were, and by which lines they went."""
    error: BaseException | None = raised[1]
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for one in reversed(chain):
        yield f"  {type(one).__module__}.{type(one).__qualname__}"
        yield from _places(one.__traceback__)


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"    {code.co_filename}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next


class _OursOrServer(logging.Filter):
    """Other libraries are heard when something is wrong; what they say of every call is theirs."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _is_ours(record) or _is_servers(record) or record.levelno >= logging.WARNING


def start_log(level: str, form: str = Form.TEXT, stream: TextIO | None = None) -> None:
    """Write everything that is logged in this process to the standard error, as far as it may be said."""
    # A line that cannot be written is lost: Python would print its parts as they came.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(AllowListed(form))
    handler.addFilter(_OursOrServer())
    # The number of its request is in each line, which the answer and the audit have too.
    handler.addFilter(RequestIds())
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one.formatter, AllowListed)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())


def for_granian(form: str) -> dict[str, Any]:
    """The same for the server's own log, in its terms."""
    return {
        "formatters": {"allow_listed": {"()": "adapters.monitoring.logs.AllowListed", "form": form}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "allow_listed", "stream": "ext://sys.stderr"}
        },
        "loggers": {
            "_granian": {"handlers": ["console"], "level": "INFO", "propagate": False},
            "granian.access": {"handlers": [], "level": "WARNING", "propagate": False},
        },
    }
