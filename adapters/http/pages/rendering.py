"""How a page is made: templates compiled once, when a page first needs them, and the headers that every page has."""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Request

from adapters.http.pages.kept import KeptPages
from adapters.http.pages.ready import Headers, Ready
from adapters.http.pages.static_files import ADDRESSES
from adapters.http.pages.words import money_words, places_words, sentence
from adapters.http.picture_body import picture_path
from application.access import Actor
from application.gateways import Gateway
from domain.account import Account

PRODUCT: Final = "RelexBooking"
_TEMPLATES: Final = Path(__file__).parent / "templates"
_KEY_BYTES: Final = 16
SCRIPTED: Final = frozenset({"sign_in.html", "second_step.html", "confirm.html", "security.html", "booking.html"})
"""Pages on which a script of ours runs: passkeys cannot be had without, and it waits for a payment without loading the
page again and again. All else on them works without it.
"""
_SCRIPTS: Final = "; script-src 'self'; connect-src 'self'"
_HTML: Final = (b"content-type", b"text/html; charset=utf-8")
NO_STORE: Final = (b"cache-control", b"no-store")


def page_templates(*, escaping: bool = True) -> Environment:
    """Templates in which what is not given is an error. `escaping` is off only where a test proves what it is for."""
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"] if escaping else []),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters |= {"money": money_words, "places": places_words, "sentence": sentence}
    templates.globals |= {
        "product": PRODUCT,
        "style": ADDRESSES["style.css"],
        "icon": ADDRESSES["icon.svg"],
        "passkeys_script": ADDRESSES["passkeys.js"],
        "waiting_script": ADDRESSES["waiting.js"],
        "picture_path": picture_path,
        # A form that is sent twice has one effect: see Once.
        "new_key": lambda: secrets.token_urlsafe(_KEY_BYTES),
    }
    return templates


def content_policy(pay_origins: Iterable[str]) -> str:
    """No script; forms go to us. Browsers hold the redirect after a form to `form-action` too."""
    targets = " ".join(("'self'", *sorted(pay_origins)))
    return (
        f"default-src 'none'; img-src 'self'; style-src 'self'; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


@define(eq=False)
class Pages:
    """What all pages of one application share."""

    templates: Environment
    headers: Headers
    headers_of_scripted: Headers
    is_sandbox: bool
    kept: KeptPages = field(factory=KeptPages)

    @classmethod
    def of(cls, gateways: Iterable[Gateway]) -> "Pages":
        known = list(gateways)
        policy = content_policy(origin for gateway in known for origin in gateway.page_origins)
        headers, scripted = (
            (_HTML, (b"content-security-policy", rule.encode("ascii"))) for rule in (policy, policy + _SCRIPTS)
        )
        return cls(page_templates(), headers, scripted, any(gateway.is_sandbox for gateway in known))

    def html(self, template: str, account: Account | None, values: dict[str, Any]) -> bytes:
        return (
            self.templates.get_template(template)
            .render(
                viewer=account,
                is_sandbox=self.is_sandbox,
                **values,
            )
            .encode()
        )


def pages_of(request: Request[Any, Any, Any]) -> Pages:
    pages = request.app.state.pages
    assert isinstance(pages, Pages), "put there when the application is made"
    return pages


def viewer_of(request: Request[Any, Any, Any]) -> Account | None:
    """Who looks; nobody too if it failed before that was known."""
    actor = request.scope.get("user")
    return actor.account if isinstance(actor, Actor) else None


def page(
    request: Request[Any, Any, Any], template: str, status: int = 200, headers: Headers = (NO_STORE,), **values: Any
) -> Ready:
    """A page written for this request, which nobody keeps."""
    pages = pages_of(request)
    own = pages.headers_of_scripted if template in SCRIPTED else pages.headers
    return Ready(status, pages.html(template, viewer_of(request), values), (*own, *headers))
