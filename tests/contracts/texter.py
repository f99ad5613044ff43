"""What every texter owes."""

from collections.abc import Callable, Sequence

from application.ports.texts import Text, Texter

Received = Callable[[], Sequence[tuple[str, str]]]
"""Number and words of all that arrived, in order."""
ONE = Text("+919876543210", "Jazz night is called off.")


class TexterContract:
    """Fixtures of a subclass: `texter` and `received`, with nothing received yet."""

    async def test_a_text_arrives_at_its_number(self, texter: Texter, received: Received) -> None:
        await texter.send(ONE)

        assert list(received()) == [(ONE.to, ONE.words)]

    async def test_words_of_every_script_arrive_as_written(self, texter: Texter, received: Received) -> None:
        await texter.send(Text(ONE.to, "नमस्ते · 🎷 · Ünïcode"))

        assert received()[0][1] == "नमस्ते · 🎷 · Ünïcode"

    async def test_a_text_that_is_sent_again_comes_again(self, texter: Texter, received: Received) -> None:
        for _ in range(2):
            await texter.send(ONE)

        assert len(received()) == 2
