"""How things are said on pages."""

from domain.money import Money


def money_words(money: Money) -> str:
    return str(money) if money else "Free"


def places_words(count: int) -> str:
    if count <= 0:
        return "Sold out"
    return "1 place left" if count == 1 else f"{count} places left"


def sentence(text: str) -> str:
    """Our errors begin small, as parts of a log's line; on a page each is a sentence."""
    words = text.strip()
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else f"{words}."
