"""The form of all letters: one list of blocks, written out as plain text and as HTML by one template each.

Both forms say the same because they are made from the same blocks. Every word of a block is a value to the templates
and stands on one line: nothing that a person typed can be markup, a placeholder, or a paragraph of its own.
"""

from pathlib import Path
from typing import Final

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.messaging.plain_words import one_line
from application.ports.mailer import Attachment, Mail

_TEMPLATES: Final = Path(__file__).parent / "templates"


def _words(text: str) -> str:
    return one_line(text)


def _rows(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((_words(name), _words(value)) for name, value in rows)


@frozen
class Paragraph:
    kind = "paragraph"
    text: str = field(converter=_words)


@frozen
class Details:
    """What, when, where: names with their values."""

    kind = "details"
    rows: tuple[tuple[str, str], ...] = field(converter=_rows)


@frozen
class Link:
    """The one thing to do next. `url` is made by us."""

    kind = "link"
    words: str = field(converter=_words)
    url: str


@frozen
class Code:
    """A QR code, shown where pictures are shown and attached in any case."""

    kind = "code"
    words: str = field(converter=_words)
    picture: Attachment


Block = Paragraph | Details | Link | Code


@frozen
class Letter:
    """What a person reads."""

    subject: str = field(converter=_words)
    heading: str = field(converter=_words)
    blocks: tuple[Block, ...]


@frozen
class LetterForm:
    """Writes letters in the name of one product, found at one address."""

    product: str = field(converter=_words)
    base_url: str
    templates: Environment = field(repr=False)

    def mail(self, mail_id: str, to: str, letter: Letter) -> Mail:
        values = {"letter": letter, "product": self.product, "base_url": self.base_url}
        return Mail(
            id=mail_id,
            to=to,
            subject=letter.subject,
            text=self.templates.get_template("letter.txt").render(values),
            html=self.templates.get_template("letter.html").render(values),
            attachments=tuple(block.picture for block in letter.blocks if isinstance(block, Code)),
        )


def letter_templates(*, escaping: bool = True) -> Environment:
    """Templates in which what is not given is an error. `escaping` is off only where a test proves what it is for."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"] if escaping else []),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
