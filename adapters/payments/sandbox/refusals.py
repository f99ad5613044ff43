"""How the sandbox says no."""


class Refused(Exception):
    """The bank says no, with a stable code for programs and words for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unknown(Refused):
    """Nothing here has that name."""


class Conflict(Refused):
    """The name is taken by something else, or its state does not allow it."""
