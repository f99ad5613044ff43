"""A real browser: Debian's Chromium without a screen, driven by its own driver."""

import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

BROWSER: Final = "chromium"
DRIVER: Final = "chromedriver"
PAGE_S: Final = 30.0
_QUIET: Final = (
    "--headless=new",
    "--no-sandbox",  # Its own sandbox wants rights that a container does not give, and it opens our pages alone.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # It asks for news at the start, and hangs where nobody answers.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


def has_chromium() -> bool:
    """Whether browser and driver are installed: nothing is ever downloaded for them."""
    return None not in (shutil.which(BROWSER), shutil.which(DRIVER))


@contextmanager
def running_chromium(folder: Path, certificate: Path) -> Iterator["Chrome"]:
    """A browser with an empty profile, which believes this one certificate and no other that signs itself."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = shutil.which(BROWSER) or BROWSER
    trusted = f"--ignore-certificate-errors-spki-list={_key_of(certificate)}"
    for argument in (*_QUIET, f"--user-data-dir={folder / 'profile'}", trusted):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # With the driver's path given, selenium looks for none, here or elsewhere.
    service = ChromeService(shutil.which(DRIVER), log_output=str(folder / "chromedriver.log"))
    driver = Chrome(options, service)
    try:
        driver.set_page_load_timeout(PAGE_S)
        driver.set_script_timeout(PAGE_S)
        yield driver
    finally:
        driver.quit()


def _key_of(certificate: Path) -> str:
    """As Chromium names a key that it is told to believe."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    digest = Hash(SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return b64encode(digest.finalize()).decode()
