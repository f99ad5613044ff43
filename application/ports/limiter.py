from typing import Protocol

from domain.rate_limit import Rate


class Limiter(Protocol):
    """Counts how often things happen, each under a key of its own."""

    async def take(self, key: str, rate: Rate) -> None:
        """Count one more under this key; LimitReached, and nothing is counted, if the rate does not allow it now.

        Of those who come at the same moment exactly as many pass as the rate allows, in whichever process they are if
        the limiter is shared. StoreUnavailable means that nobody knows.
        """
