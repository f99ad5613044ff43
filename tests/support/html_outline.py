"""What a page is made of, without its words: whatever a person types must not change it."""

from html.parser import HTMLParser

from attrs import Factory, define


@define
class Outline:
    """The tags in their order with the names of their attributes, the addresses that they name, and the words."""

    tags: list[tuple[str, tuple[str, ...]]] = Factory(list)
    addresses: list[str] = Factory(list)
    words: str = ""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outline.tags.append((tag, tuple(name for name, _ in attrs)))
        self.outline.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        self.outline.words += data


def outline(html: str) -> Outline:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.outline
