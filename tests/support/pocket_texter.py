"""A texter in memory, which can have a bad day."""

from attrs import Factory, define

from application.ports.texts import Text, TextFailed


@define(eq=False)
class PocketTexter:
    """Keeps what it was given; takes nothing for the numbers in `deaf`."""

    received: list[tuple[str, str]] = Factory(list)
    deaf: set[str] = Factory(set)

    async def send(self, text: Text) -> None:
        if text.to in self.deaf:
            raise TextFailed("nobody answers")
        self.received.append((text.to, text.words))
