"""Where a page ended, in a form that clients pass back and do not read."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from application.errors import InvalidCursor

_INTEGER_BOUND = 2**63


def encode_cursor(sort: int, record_id: str) -> str:
    """The position after the record of this sort value and id."""
    return urlsafe_b64encode(f"{sort}:{record_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[int, str]:
    """The sort value and id of a position; InvalidCursor if we never wrote it."""
    try:
        sort, colon, record_id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
        position = int(sort)
    except ValueError:
        raise InvalidCursor("the cursor is not one of ours: start again without it") from None
    # No id has a NUL in it, and PostgreSQL would not even compare one.
    if not colon or "\0" in record_id or not -_INTEGER_BOUND <= position < _INTEGER_BOUND:
        raise InvalidCursor("the cursor is not one of ours: start again without it")
    return position, record_id
