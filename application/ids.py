from attrs import frozen

from application.ports.randomness import Randomness
from domain.ids import ID_BYTES, make_id


@frozen
class Ids:
    """Makes identifiers that nobody can guess."""

    randomness: Randomness

    def new(self, prefix: str) -> str:
        return make_id(prefix, self.randomness.token_bytes(ID_BYTES))
