"""What a page owes to everybody: checked on the HTML alone."""

from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

from attrs import Factory, define

_VOID: Final = frozenset({"meta", "link", "img", "input", "br", "hr"})
_LANDMARKS: Final = frozenset({"header", "nav", "main", "footer"})


@define
class _Seen:
    tags: list[tuple[str, dict[str, str]]] = Factory(list)
    faults: list[str] = Factory(list)
    labelled: set[str] = Factory(set)


class _Audit(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = _Seen()
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.seen.faults.append(f"<{tag}> has an attribute twice")
        self.seen.tags.append((tag, given))
        if tag == "label":
            self.seen.labelled.add(given.get("for", ""))
        if tag not in _VOID:
            self._open.append((tag, []))

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script":
            self.seen.faults.append("a <script> with words of its own")
        for _, words in self._open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        opened, words = self._open.pop() if self._open else ("nothing", [])
        if opened != tag:
            self.seen.faults.append(f"</{tag}> closes <{opened}>")
        if tag in {"a", "button", "h1", "h2", "h3", "label", "title", "th"} and not "".join(words).strip():
            self.seen.faults.append(f"<{tag}> has no words")

    def close(self) -> None:
        super().close()
        if self._open:
            self.seen.faults.append(f"left open: {self._open}")


def faults_of(html: str) -> list[str]:
    """What a person who cannot see, or has no mouse, or a browser that reads strictly, would trip over."""
    audit = _Audit()
    audit.feed(html)
    audit.close()
    seen, faults = audit.seen, audit.seen.faults
    names = [tag for tag, _ in seen.tags]
    given = [attributes for _, attributes in seen.tags]
    ids = [attributes["id"] for attributes in given if "id" in attributes]
    if not html.startswith("<!doctype html>"):
        faults.append("no doctype")
    if ("html", {"lang": "en"}) not in seen.tags:
        faults.append("no language")
    faults += [f"{names.count(tag)} <{tag}>" for tag in ("h1", "main", "title") if names.count(tag) != 1]
    faults += [f"no <{tag}>" for tag in _LANDMARKS - set(names)]
    faults += [f"id {one} twice" for one in set(ids) if ids.count(one) > 1]
    headings = [int(name[1]) for name in names if name in {"h1", "h2", "h3"}]
    if "a" in names and seen.tags[names.index("a")][1].get("href") != "#main":
        faults.append("no way to skip the navigation")
    for tag, attributes in seen.tags:
        faults += _faults_of_tag(tag, attributes, seen.labelled, set(ids))
    if any(later > earlier + 1 for earlier, later in pairwise(headings) if earlier != 1):
        faults.append(f"headings jump: {headings}")
    return faults


def _faults_of_tag(tag: str, attributes: dict[str, str], labelled: set[str], ids: set[str]) -> list[str]:
    faults = []
    if tag == "img" and "alt" not in attributes:
        faults.append(f"no alt: {attributes}")
    if tag == "input" and attributes.get("type") != "hidden" and attributes.get("id") not in labelled:
        faults.append(f"no label: {attributes}")
    if tag == "nav" and "aria-label" not in attributes:
        faults.append("a <nav> without a name")
    if tag == "script" and not (attributes.keys() == {"src", "defer"} and attributes["src"].startswith("/static/")):
        faults.append(f"a <script> that is not a file of ours: {attributes}")
    if tag in {"style", "iframe", "object", "embed", "base"}:
        faults.append(f"<{tag}> is forbidden")
    faults += [f"{name} runs or styles" for name in attributes if name.startswith("on") or name == "style"]
    for name in ("aria-describedby", "aria-labelledby"):
        if name in attributes and attributes[name] not in ids:
            faults.append(f"{name} names {attributes[name]}, which is not there")
    if tag == "a" and attributes.get("href", "").startswith("#") and attributes["href"][1:] not in ids:
        faults.append(f"a link to {attributes['href']}, which is not there")
    return faults
