"""Who may use the dashboard: whoever showed the API key, for a while, and only by the dashboard's own forms."""

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from attrs import field, frozen

LASTS: Final = timedelta(hours=12)

_WRITTEN: Final = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


@frozen
class DashboardPass:
    """A pass is a date with our signature, so that nothing need be kept, and the key itself stays out of cookies."""

    api_key: str = field(repr=False)

    def is_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.api_key.encode())

    def issue(self, at: datetime) -> str:
        until = str(int((at + LASTS).timestamp()))
        return f"{until}.{self._signature(f'pass {until}')}"

    def admits(self, given: str, at: datetime) -> bool:
        written = _WRITTEN.fullmatch(given)
        if written is None:
            return False
        is_signed = hmac.compare_digest(written[2], self._signature(f"pass {written[1]}"))
        return is_signed and at.timestamp() < int(written[1])

    def proof_of(self, given: str) -> str:
        """What each form of a holder's pages carries. Pages of other ports of this machine send our cookie along,
        since browsers take them for the same site, but they cannot read this.
        """
        return self._signature(f"form {given}")

    def is_proof(self, proof: str, given: str) -> bool:
        return hmac.compare_digest(proof.encode(), self.proof_of(given).encode())

    def _signature(self, text: str) -> str:
        return hmac.new(self.api_key.encode(), f"sandbox dashboard {text}".encode(), sha256).hexdigest()
