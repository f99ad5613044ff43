import secrets
from random import SystemRandom

from attrs import field, frozen


@frozen
class SystemRandomness:
    """The operating system's randomness, fit for secrets."""

    _random: SystemRandom = field(init=False, factory=SystemRandom, repr=False)

    def token_bytes(self, count: int) -> bytes:
        """See Randomness."""
        return secrets.token_bytes(count)

    def uniform(self, low: float, high: float) -> float:
        """See Randomness."""
        return self._random.uniform(low, high)
