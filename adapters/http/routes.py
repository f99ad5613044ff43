"""What every route says of itself: who may call it, what it is for, and how it may refuse."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self

from attrs import frozen
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from adapters.http.asked import TAKES_BODY
from adapters.http.key_scope import SCOPE
from adapters.http.limited import LIMIT
from adapters.http.policy import NEEDS_FRESH, Policy
from adapters.http.problems import PROBLEM_JSON, STATUS, Problem, title_of
from application.limits import Limit
from domain.api_key import Scope

_SIGNED_IN: Final = ("sign_in_required", "second_factor_required", "password_change_required", "cross_site")
_BY_POLICY: Final[dict[Policy, tuple[str, ...]]] = {
    Policy.ANYONE: (),
    Policy.PASSWORD_GIVEN: ("sign_in_required", "password_change_required", "cross_site"),
    Policy.SIGNED_IN: _SIGNED_IN,
    Policy.BUYER: _SIGNED_IN,
    Policy.TEAM: _SIGNED_IN,
    Policy.ORGANIZER: (*_SIGNED_IN, "not_allowed"),
    Policy.ADMIN: (*_SIGNED_IN, "not_allowed"),
    Policy.SUPERADMIN: (*_SIGNED_IN, "not_allowed"),
    Policy.GATEWAY: ("notice_not_genuine",),
    Policy.MONITOR: ("not_found",),
}
_ALWAYS: Final = ("invalid_request", "internal", "unavailable")
_WITHOUT_ACTOR: Final = frozenset({Policy.GATEWAY, Policy.MONITOR})
_SIGNED_IN_BY: Final[tuple[dict[str, list[str]], ...]] = ({"bearer": []}, {"cookie": []})
_OPEN_TO_STRANGERS: Final = frozenset({Policy.ANYONE, Policy.GATEWAY, Policy.MONITOR})


def route(
    policy: Policy,
    summary: str,
    *codes: str,
    takes_body: bool = False,
    needs_fresh: bool = False,
    limit: Limit | None = None,
    scope: Scope | None = None,
) -> dict[str, Any]:
    """The keywords of a handler: its policy, its summary, and the problems that it may answer with, by their codes.

    A handler without `data` refuses a body, unless it `takes_body` to read it itself. What `needs_fresh` is for whoever
    gave a password or a second factor in the last minutes. An API key opens what declares a `scope` of its, and nothing
    else.
    """
    assert scope is None or not needs_fresh, "no key is fresh"
    if scope is not None or policy not in _WITHOUT_ACTOR:
        codes = (*codes, "key_not_let_in")
    if needs_fresh:
        codes = (*codes, "fresh_sign_in_required")
    if limit is not None or scope is not None:
        codes = (*codes, "too_many_requests")
    return {
        "opt": {"policy": policy, TAKES_BODY: takes_body, NEEDS_FRESH: needs_fresh, LIMIT: limit, SCOPE: scope},
        "summary": summary,
        "responses": _Refusals.of((*_ALWAYS, *_BY_POLICY[policy], *codes)),
        "security": [] if policy in _OPEN_TO_STRANGERS else [*_SIGNED_IN_BY, *([{"key": [scope]}] if scope else [])],
    }


@frozen
class _Refusals(Mapping[int, ResponseSpec]):
    """The problems that a route may answer with, by their status: written out when the description is asked for.

    Litestar copies each handler twice at start, with all that it carries. This never changes, and so is its own copy.
    """

    _by_status: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, codes: Iterable[str]) -> Self:
        """KeyError if no problem has one of the codes."""
        by_status: dict[int, tuple[str, ...]] = {}
        for code in dict.fromkeys(codes):
            by_status[STATUS[code]] = (*by_status.get(STATUS[code], ()), code)
        return cls(by_status)

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._by_status))

    def __len__(self) -> int:
        return len(self._by_status)

    def __getitem__(self, status: int) -> ResponseSpec:
        codes = self._by_status[status]
        return ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            description=", ".join(f"`{code}`" for code in codes),
            media_type=PROBLEM_JSON,
            examples=[
                Example(summary=code, value={"title": title_of(code), "status": status, "code": code, **_REST})
                for code in codes
            ],
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


_REST: Final = {"detail": "what went wrong, in words for a person", "type": "about:blank"}
