"""How Stripe says no."""

from typing import Any

from attrs import frozen


@frozen
class Refusal(Exception):
    """An answer that is an error, in Stripe's envelope."""

    status: int
    message: str
    code: str = ""
    kind: str = "invalid_request_error"

    @property
    def body(self) -> dict[str, Any]:
        error = {"type": self.kind, "message": self.message} | ({"code": self.code} if self.code else {})
        return {"error": error}


def missing(what: str, identifier: str) -> Refusal:
    return Refusal(404, f"No such {what}: '{identifier}'", "resource_missing")


def unknown_parameter(name: str) -> Refusal:
    return Refusal(400, f"Received unknown parameter: {name}", "parameter_unknown")
