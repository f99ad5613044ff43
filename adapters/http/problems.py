"""What an error looks like from outside: RFC 9457 problem details with a stable `code`, made in one place."""

import logging
import secrets
from typing import Any, ClassVar, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_400_BAD_REQUEST, HTTP_500_INTERNAL_SERVER_ERROR, HTTP_503_SERVICE_UNAVAILABLE

from adapters.http.methods import methods_of
from adapters.monitoring import metrics
from adapters.secret_folder import SecretsUnusable
from application.errors import NotFound, StoreUnavailable
from application.ports.object_store import ObjectStoreUnavailable
from application.ports.payment_gateway import GatewayUnavailable, NoticeNotGenuine
from domain.errors import DomainError
from domain.rate_limit import LimitReached

log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = "5"

STATUS: Final[dict[str, int]] = {
    "refused": 409,
    "invalid_value": 400,
    "not_allowed_now": 409,
    "unknown_currency": 400,
    "currency_mismatch": 400,
    "amount_not_exact": 400,
    "code_refused": 400,
    "code_malformed": 400,
    "code_forged": 400,
    "code_key_revoked": 400,
    "code_for_other_event": 400,
    "sold_out": 409,
    "buyer_limit_reached": 409,
    "capacity_below_taken": 409,
    "live_holds_reached": 409,
    "take_refused": 409,
    "no_receipt": 409,
    "promo_code_unknown": 400,
    "promo_code_not_yet": 409,
    "promo_code_over": 409,
    "promo_code_not_for_tickets": 400,
    "promo_code_used_up": 409,
    "promo_code_limit_reached": 409,
    "event_not_on_sale": 409,
    "sale_closed": 409,
    "event_frozen": 409,
    "event_transition_refused": 409,
    "unknown_ticket_type": 400,
    "publishing_needs_approval": 403,
    "order_limit_reached": 400,
    "hold_expired": 409,
    "booking_over": 409,
    "ticket_void": 409,
    "ticket_used": 409,
    "code_superseded": 409,
    "too_early": 409,
    "too_late": 409,
    "doors_shut": 409,
    "too_many_reissues": 409,
    "wrong_amount": 409,
    "refund_too_large": 409,
    "nothing_to_refund": 409,
    "payment_disputed": 409,
    "already_decided": 409,
    "nothing_owed": 409,
    "refund_window_closed": 409,
    "beyond_refund_policy": 409,
    "quote_changed": 409,
    "embedding_unsupported": 409,
    "partial_refund_unsupported": 409,
    "ticket_blocked": 409,
    "tickets_not_made": 409,
    "not_allowed": 403,
    "last_superadmin": 409,
    "erasure_refused": 409,
    "being_erased": 409,
    "account_disabled": 403,
    "sign_in_locked": 429,
    "too_many_requests": 429,
    "password_closed": 403,
    "kyc_decided": 409,
    "already_applied": 409,
    "kyc_not_open": 409,
    "nothing_to_check": 409,
    "document_number_refused": 400,
    "document_gone": 409,
    "document_link_refused": 403,
    "still_wrapped": 409,
    "nothing_to_undo": 409,
    "reconciliation_running": 409,
    "nothing_to_compare": 409,
    "scan_number_reused": 422,
    "not_found": 404,
    "stale_version": 409,
    "precondition_failed": 412,
    "already_exists": 409,
    "invalid_cursor": 400,
    "idempotency_key_reused": 422,
    "idempotency_key_required": 400,
    "request_running": 409,
    "sign_in_failed": 401,
    "email_not_confirmed": 403,
    "identity_unavailable": 503,
    "token_invalid": 400,
    "password_refused": 400,
    "picture_refused": 400,
    "sign_in_required": 401,
    "second_factor_required": 401,
    "password_change_required": 401,
    "temporary_password_over": 403,
    "fresh_sign_in_required": 401,
    "factor_refused": 401,
    "last_factor_needed": 409,
    "factor_exists": 409,
    "second_factor_needed": 403,
    "payment_unavailable": 503,
    "payment_refused": 409,
    "no_gateway": 409,
    "confirmation_needed": 409,
    "cross_site": 403,
    "key_not_let_in": 403,
    "too_many_api_keys": 409,
    "api_key_ended": 409,
    "api_key_rotating": 409,
    "no_such_key": 404,
    "key_ids_used_up": 409,
    # Those below are made here and have no DomainError.
    "invalid_request": 400,
    "notice_not_genuine": 400,
    "method_not_allowed": 405,
    "too_large": 413,
    "uri_too_long": 414,
    "unsupported_media_type": 415,
    "internal": 500,
    "unavailable": 503,
}
"""One status for each code. A test walks the errors so that none is missing."""

_NOT_FOUND: Final = "there is no such thing here, or it is not yours to see"
"""The same words for both, whatever was asked for."""


NO_BODY: Final = [{"message": "'data'", "key": "data", "source": "body"}]
"""Litestar's words for it."""
_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` is for programs and never changes; `detail` is for people."""

    EXAMPLE: ClassVar = {
        "title": "Sold out",
        "status": 409,
        "detail": "only 2 left",
        "code": "sold_out",
        "type": "about:blank",
    }

    title: str
    status: int
    detail: str
    code: str
    type: str = "about:blank"
    error_id: str | None = None
    """Names the entry in the server's log."""


def problem(
    status: int, code: str, detail: str, *, error_id: str | None = None, retry_after_s: int | None = None
) -> Response[Problem]:
    headers = {"Cache-Control": "no-store"}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    elif status == HTTP_503_SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER_S
    if status == 401:  # noqa: PLR2004 - RFC 9110 wants the challenge named
        headers["WWW-Authenticate"] = 'Bearer realm="RelexBooking"'
    return Response(
        Problem(title_of(code), status, detail, code, error_id=error_id),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def problem_body(status: int, code: str, detail: str) -> bytes:
    """For what is refused before Litestar is asked."""
    return msgspec.json.encode(Problem(title_of(code), status, detail, code))


def title_of(code: str) -> str:
    return code.replace("_", " ").capitalize()


def on_domain_error(_request: Request[Any, Any, Any], error: DomainError) -> Response[Problem]:
    detail = _NOT_FOUND if isinstance(error, NotFound) else str(error)
    wait_s = error.wait_s if isinstance(error, LimitReached) else None
    return problem(STATUS[error.code], error.code, detail, retry_after_s=wait_s)


def on_unavailable(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    log.warning("something we depend on does not answer", extra={"error": type(error).__name__})
    return problem(
        HTTP_503_SERVICE_UNAVAILABLE, "unavailable", "something we depend on does not answer: try again in a moment"
    )


def on_forged_notice(request: Request[Any, Any, Any], _error: NoticeNotGenuine) -> Response[Problem]:
    # Only a gateway that we know reads a notice: there is an end to these labels.
    metrics.REFUSED.labels(request.path_params.get("gateway", "")).inc()
    return problem(HTTP_400_BAD_REQUEST, "notice_not_genuine", "the signature does not hold")


def on_validation(_request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    extra = error.extra if isinstance(error.extra, list) else []
    if extra == NO_BODY:
        return problem(HTTP_400_BAD_REQUEST, "invalid_request", "send a JSON body, as application/json")
    where = "; ".join(f"{item.get('key') or 'body'}: {item.get('message')}" for item in extra if isinstance(item, dict))
    return problem(HTTP_400_BAD_REQUEST, "invalid_request", where or error.detail)


def on_bad_json(_request: Request[Any, Any, Any], error: msgspec.MsgspecError) -> Response[Problem]:
    return problem(HTTP_400_BAD_REQUEST, "invalid_request", str(error))


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What Litestar itself refuses."""
    code = _HTTP_CODES.get(error.status_code)
    if code is None:
        # Litestar also raises these for what went wrong inside it, with words about the inside.
        is_ours = error.status_code >= HTTP_500_INTERNAL_SERVER_ERROR
        return on_anything_else(request, error) if is_ours else problem(400, "invalid_request", error.detail)
    answer = problem(error.status_code, code, _NOT_FOUND if code == "not_found" else error.detail)
    if code == "method_not_allowed":
        answer.headers["Allow"] = methods_of(request.app, request.scope["path"])
    return answer


def on_anything_else(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Our own fault. The caller learns a number, and the log what went wrong."""
    error_id = secrets.token_hex(8)
    # The route and not the path, which may carry the secret of a link.
    where = {"method": request.method, "route": request.scope.get("path_template", "")}
    log.error("an error of ours", extra={"error_id": error_id, **where}, exc_info=error)
    return problem(
        HTTP_500_INTERNAL_SERVER_ERROR, "internal", "an error of ours: it was written down", error_id=error_id
    )


EXCEPTION_HANDLERS: Final[dict[int | type[Exception], Any]] = {
    DomainError: on_domain_error,
    StoreUnavailable: on_unavailable,
    ObjectStoreUnavailable: on_unavailable,
    GatewayUnavailable: on_unavailable,
    TimeoutError: on_unavailable,
    SecretsUnusable: on_unavailable,
    NoticeNotGenuine: on_forged_notice,
    ValidationException: on_validation,
    msgspec.MsgspecError: on_bad_json,
    HTTPException: on_http_exception,
    Exception: on_anything_else,
}
