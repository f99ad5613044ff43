"""A browser without JavaScript: it reads forms, presses buttons and follows nothing that it is not told to."""

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

import httpx
from attrs import define, field


@define
class Form:
    """A form as HTML means it: its fields, and each button with what it adds, and where else it sends them."""

    action: str
    method: str
    fields: dict[str, str] = field(factory=dict)
    buttons: dict[str, tuple[str, str]] = field(factory=dict)
    actions: dict[str, str] = field(factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._button: tuple[str, str] | None = None
        self._action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"], given["method"]))
        elif tag == "input" and "name" in given:  # Browsers send no others.
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button = (given.get("name", ""), given.get("value", ""))
            self._action = given.get("formaction", "")

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self.forms[-1].buttons[data.strip()] = self._button
            self.forms[-1].actions[data.strip()] = self._action

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None


class FormBrowser:
    """Opens a page and presses its buttons by their labels. The last response is kept."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client: Final = client
        self.response: httpx.Response

    async def open(self, url: str) -> httpx.Response:
        self.response = await self.client.get(url)
        return self.response

    @property
    def labels(self) -> set[str]:
        """What can be pressed."""
        return {label for form in self._forms() for label in form.buttons}

    async def press(self, label: str, **filled: str) -> str:
        """Send the button's form, with fields filled in, and return where the browser is sent."""
        form = self.form(label)
        assert form.method == "post"
        assert set(filled) <= set(form.fields), "only what can be filled in"
        name, value = form.buttons[label]
        data = form.fields | filled | ({name: value} if name else {})
        action = form.actions[label] or form.action
        self.response = await self.client.post(urljoin(str(self.response.url), action), data=data)
        location: str = self.response.headers.get("location", "")
        return urljoin(str(self.response.url), location)

    def form(self, label: str) -> Form:
        """That of a button."""
        return next(form for form in self._forms() if label in form.buttons)

    def _forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.response.text)
        return parser.forms
