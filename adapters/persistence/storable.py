"""Which texts a record can be found by, whatever store keeps it."""


def can_be_stored(text: str) -> bool:
    """Whether every database could keep this text: what cannot be kept does not exist either."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
