"""What a browser or program calls itself, in a few words by which a person knows it again."""

from typing import Final

UNKNOWN: Final = "Unknown device"
_BROWSERS: Final = (
    # The first that fits: most of them also name those below, to be served what those are served.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a Python program"),
    ("Go-http-client", "a Go program"),
    ("okhttp/", "an Android app"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """Such as "Firefox on Linux": words of ours alone, whatever a stranger wrote into the header."""
    browser = _named(user_agent, _BROWSERS)
    system = _named(user_agent, _SYSTEMS)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or UNKNOWN


def _named(user_agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((words for sign, words in known if sign in user_agent), "")
