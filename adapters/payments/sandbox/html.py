"""How every page of the sandbox is made: from templates, without scripts, under one strict policy."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response, get

SEE_OTHER: Final = 303

_HERE: Final = Path(__file__).parent / "templates"
_TEMPLATES: Final = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
_STYLE: Final = (_HERE / "pay.css").read_text()


@get("/pay.css", media_type=MediaType.CSS, sync_to_thread=False)
def style() -> str:
    return _STYLE


def rendered(template: str, **shown: Any) -> str:
    return _TEMPLATES.get_template(template).render(**shown)


def html_response(html: str, status: int, form_action: str = "'none'") -> Response[str]:
    """A page that runs no script, loads nothing from elsewhere, fits in no frame and is kept by nobody."""
    headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
    return Response(html, status_code=status, headers=headers, media_type=MediaType.HTML)


def problem_page(message: str, status: int) -> Response[str]:
    return html_response(rendered("problem.html", message=message), status)


def see_other(url: str) -> Response[str]:
    headers = {"location": url, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response("", status_code=SEE_OTHER, headers=headers, media_type=MediaType.TEXT)
