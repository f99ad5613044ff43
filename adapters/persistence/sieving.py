"""What a listing lets through, for the stores that look at records one by one."""

from collections.abc import Mapping

from application.ports.store import Listing


def lets_through(listing: Listing, values: Mapping[str, str | int | None]) -> bool:
    """Whether a record that is found by these values has all that is asked for."""
    if any(values[name] != value for name, value in listing.equal.items()):
        return False
    return all(
        word in value if isinstance(value := values[name], str) else False
        for name, words in listing.containing.items()
        for word in words
    )
