"""Our own style sheet, icon and script: read at start, under names that change with their content."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from litestar import get
from litestar.params import FromPath

from adapters.http.call import Call
from adapters.http.pages.ready import Ready
from adapters.http.policy import Policy
from application.errors import NotFound

_HERE: Final = Path(__file__).parent / "static"
_TYPES: Final = {".js": b"text/javascript; charset=utf-8", ".css": b"text/css; charset=utf-8", ".svg": b"image/svg+xml"}
_FOREVER: Final = b"public, max-age=31536000, immutable"


def _read() -> tuple[dict[str, str], dict[str, Ready]]:
    """Each file's address by its name, and the answer for the last part of each address."""
    addresses: dict[str, str] = {}
    answers: dict[str, Ready] = {}
    for path in sorted(_HERE.iterdir()):
        if path.suffix not in _TYPES:
            continue
        data = path.read_bytes()
        name = f"{path.stem}.{sha256(data).hexdigest()[:16]}{path.suffix}"
        addresses[path.name] = f"/static/{name}"
        headers = [(b"content-type", _TYPES[path.suffix]), (b"cache-control", _FOREVER)]
        answers[name] = Ready(200, data, headers)
    return addresses, answers


ADDRESSES, _ANSWERS = _read()


@get("/static/{name:str}", opt={"policy": Policy.ANYONE}, sync_to_thread=False)
def static_file(request: Call, name: FromPath[str]) -> Ready:  # noqa: ARG001 - the pages' handlers are all alike
    """Only what was read at start is found: no name reaches the file system."""
    try:
        return _ANSWERS[name]
    except KeyError:
        raise NotFound("no such file") from None
