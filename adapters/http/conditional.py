"""ETag, If-None-Match and If-Match, for what many fetch and several edit."""

from litestar import Response

from adapters.http.call import Call
from application.errors import PreconditionFailed
from application.queries.events import EventWithPlaces


def etag_of(shown: EventWithPlaces) -> str:
    """Changes with the event, its state and the places left. The version comes first: edits are checked by it."""
    places = "-".join(str(allotment.available) for allotment in shown.allotments)
    return f'"{shown.event.version}.{shown.status}.{places}"'


def version_seen(request: Call) -> int | None:
    """The version in If-Match; None without one. PreconditionFailed for a tag that no event of ours ever had."""
    tag = request.headers.get("if-match")
    if tag is None or tag == "*":
        return None
    version = tag.strip('"').partition(".")[0]
    if not version.isascii() or not version.isdecimal():
        raise PreconditionFailed("send If-Match with the ETag that you were given")
    return int(version[:18])


def not_modified(request: Call, etag: str, headers: dict[str, str]) -> Response[bytes] | None:
    """The answer to somebody who has this already; None for everybody else."""
    given = request.headers.get("if-none-match")
    if given is None:
        return None
    known = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if etag in known or "*" in known:
        return Response(b"", status_code=304, headers={**headers, "ETag": etag})
    return None
