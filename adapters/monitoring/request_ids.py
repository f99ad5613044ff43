"""The number of the request in each line of the log."""

import logging

NONE = "-"
"""For lines that no request brought about."""


class RequestIds(logging.Filter):
    """Keeps every line, and notes on it which request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        from application.request import current_request  # noqa: PLC0415 - only what logs pays for it, not --help

        record.request_id = current_request.get() or NONE
        return True
