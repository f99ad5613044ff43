"""The number of the request in each line of the log."""

import logging

from application.request import current_request

NONE = "-"
"""For lines that no request brought about."""


class RequestIds(logging.Filter):
    """Keeps every line, and notes on it which request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request.get() or NONE
        return True
