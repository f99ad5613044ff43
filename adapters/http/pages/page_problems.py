"""What an error looks like to a person: the same statuses as elsewhere, as a page."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from adapters.http.authentication import CrossSite
from adapters.http.methods import methods_of
from adapters.http.pages.own_paths import HOME, own_path, sign_in_then, then
from adapters.http.pages.ready import Headers, Ready, see_other
from adapters.http.pages.rendering import NO_STORE, page
from adapters.http.problems import EXCEPTION_HANDLERS, STATUS, Problem, on_http_exception
from application.errors import FreshSignInRequired, PasswordChangeRequired, SecondFactorRequired, SignInRequired
from domain.errors import DomainError
from domain.rate_limit import LimitReached

Handler = Callable[[Request[Any, Any, Any], Any], Response[Any]]

_DATA: Final = frozenset({"api", "health", "metrics", "schema"})
"""First parts of the paths at which programs call."""
_PASSED_ON: Final = frozenset({"retry-after", "allow"})
_HEADINGS: Final = {
    "not_found": "There is nothing here",
    "not_allowed": "This is not for you",
    "cross_site": "This form came from elsewhere",
    "method_not_allowed": "This is no page",
    "too_large": "That was too much",
    "unavailable": "We cannot answer right now",
    "internal": "Something went wrong here",
    "stale_version": "Somebody else was faster",
    "too_many_requests": "That was too often",
}
_DETAILS: Final = {
    "not_found": "There is no such page, or it is not yours to see.",
    "not_allowed": "Your account may not do this.",
    "unavailable": "Something that we depend on does not answer. Nothing is lost: try again in a moment.",
    "internal": "It is our fault and was written down. Please try again, or tell us the number below.",
    "stale_version": "It was changed at the same moment. Look at it again, and try once more.",
}


def refusal_status(error: DomainError) -> int:
    """For a form that is shown again. 401 is for programs that were challenged, which a form is not."""
    status = STATUS[error.code]
    return 400 if status == 401 else status  # noqa: PLR2004 - see above


def refusal_headers(error: DomainError) -> Headers:
    """For the same form: nobody keeps it, and a program learns too how long to wait."""
    waits = [(b"retry-after", str(error.wait_s).encode())] if isinstance(error, LimitReached) else []
    return [NO_STORE, *waits]


def _problem_page(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> Ready:
    passed_on = [
        (name.lower().encode(), value.encode()) for name, value in headers.items() if name.lower() in _PASSED_ON
    ]
    return page(
        request,
        "problem.html",
        problem.status,
        [NO_STORE, *passed_on],
        heading=_HEADINGS.get(problem.code, "That did not work"),
        detail=_DETAILS.get(problem.code, problem.detail),
        error_id=problem.error_id or "",
        back=_page_behind(request),
    )


def _page_behind(request: Request[Any, Any, Any]) -> str:
    """Where a person comes from: the page itself, or that above the address of a form."""
    path: str = request.scope["path"]
    if request.method == "GET":
        return HOME
    return own_path(path if "GET" in methods_of(request.app, path).split(", ") else path.rpartition("/")[0])


def _as_page(tell: Handler) -> Handler:
    def answer(request: Request[Any, Any, Any], error: Any) -> Ready:
        told = tell(request, error)
        assert isinstance(told.content, Problem), "all errors are told as problems"
        return _problem_page(request, told.content, dict(told.headers))

    return answer


def _on_stranger(request: Request[Any, Any, Any], _error: SignInRequired) -> Ready:
    """Sign in, and come back."""
    return see_other(sign_in_then(_own(request)))


def _on_half(request: Request[Any, Any, Any], _error: SecondFactorRequired) -> Ready:
    """Give the second factor, and come back."""
    return see_other(then("/sign-in/step", _own(request)))


def _on_seen_password(request: Request[Any, Any, Any], _error: PasswordChangeRequired) -> Ready:
    """Choose one of one's own, and come back."""
    return see_other(then("/sign-in/password", _own(request)))


def _on_stale(request: Request[Any, Any, Any], _error: FreshSignInRequired) -> Ready:
    """Confirm, and come back."""
    return see_other(then("/me/confirm", _own(request)))


def _own(request: Request[Any, Any, Any]) -> str:
    """The page that was asked for, or that a form stands on."""
    query: str = request.scope["query_string"].decode("ascii", "replace")
    own = request.scope["path"] + (f"?{query}" if query else "")
    return own if request.method == "GET" else _page_behind(request)


def _on_cross_site(request: Request[Any, Any, Any], error: CrossSite) -> Ready:
    detail = (
        f"For your safety, forms are taken from our own pages only. Open {request.app.state.base_url} and try there."
    )
    return _problem_page(request, Problem("", STATUS[error.code], detail, error.code), {})


def _on_no_route(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What no route was found for: a program's mistake is told to a program, a person's to a person."""
    if request.scope["path"].split("/", 2)[1] in _DATA:
        return on_http_exception(request, error)
    return _as_page(on_http_exception)(request, error)


PAGE_HANDLERS: Final[dict[int | type[Exception], Any]] = {
    **{kind: _as_page(tell) for kind, tell in EXCEPTION_HANDLERS.items()},
    SignInRequired: _on_stranger,
    SecondFactorRequired: _on_half,
    PasswordChangeRequired: _on_seen_password,
    FreshSignInRequired: _on_stale,
    CrossSite: _on_cross_site,
}
NO_ROUTE_HANDLERS: Final[dict[int | type[Exception], Any]] = {
    NotFoundException: _on_no_route,
    MethodNotAllowedException: _on_no_route,
}
