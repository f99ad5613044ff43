"""Passkeys by our own script in a real browser, whose authenticator is pretended by the browser itself."""

from collections.abc import Iterator

import pytest
from attrs import frozen
from selenium.webdriver.common.virtual_authenticator import Credential, VirtualAuthenticatorOptions

from tests.support.browser_people import Visitor, gives_password, signs_out
from tests.support.browser_site import BrowserSite
from tests.support.window import Window

pytestmark = pytest.mark.browser


@frozen
class Phone:
    """It keeps passkeys, and knows whose finger is on it."""

    window: Window

    def only(self) -> Credential:
        [passkey] = self.window.driver.get_credentials()
        return passkey

    def counts_from(self, count: int) -> None:
        """As another phone that holds the same passkey, and has signed this often."""
        passkey, driver = self.only(), self.window.driver
        driver.remove_all_credentials()
        names = (passkey.id, passkey.rp_id, passkey.user_handle, passkey.private_key)
        told = dict(zip(("credentialId", "rpId", "userHandle", "privateKey"), names, strict=True))
        copy = Credential.from_dict({**told, "isResidentCredential": True, "signCount": count})
        driver.add_credential(copy)


@pytest.fixture
def phone(window: Window) -> Iterator[Phone]:
    options = VirtualAuthenticatorOptions(
        protocol=VirtualAuthenticatorOptions.Protocol.CTAP2,
        transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
        has_resident_key=True,
        has_user_verification=True,
        is_user_verified=True,
    )
    window.driver.add_virtual_authenticator(options)
    yield Phone(window)
    window.driver.remove_virtual_authenticator()


@pytest.fixture
def owner(installation: BrowserSite, window: Window, phone: Phone) -> Visitor:
    """Somebody who is signed in, and has just added the phone's passkey."""
    owner = Visitor.at(installation, window)
    owner.signs_up()
    owner.signs_in()
    window.open("/me/security")
    window.write("What to call it", "My phone")
    window.press("Add a passkey")
    window.sees("Your recovery codes, told this once")
    return owner


def test_a_passkey_is_added_signs_in_alone_and_is_removed(owner: Visitor, window: Window, phone: Phone) -> None:
    assert phone.only().rp_id == "localhost"
    signs_out(window)

    window.open("/sign-in?next=/me/security")
    window.press("Sign in with a passkey")
    window.press("Remove My phone")
    window.sees("There is none yet")
    assert window.complaints() == []
    signs_out(window)
    window.open("/sign-in")
    window.press("Sign in with a passkey")

    window.sees("this passkey opens nothing here")


def test_after_the_password_the_passkey_is_the_second_step(owner: Visitor, window: Window) -> None:
    signs_out(window)
    window.open("/sign-in?next=/bookings")
    gives_password(window, owner.address)
    window.sees("Second step")
    window.open("/bookings")
    window.sees("Second step")

    window.press("Use a passkey")

    window.sees("My bookings")


@pytest.mark.parametrize(("count", "is_taken"), [(1, False), (100, True)])
def test_a_copied_passkey_whose_count_goes_back_is_refused(
    owner: Visitor, window: Window, phone: Phone, count: int, is_taken: bool
) -> None:
    """One whose count goes on, which nobody can tell from the right one, is the control."""
    phone.counts_from(10)
    signs_out(window)
    window.open("/sign-in")
    window.press("Sign in with a passkey")
    window.sees("Sign out")
    signs_out(window)

    phone.counts_from(count)
    window.open("/sign-in")
    window.press("Sign in with a passkey")

    window.sees("Sign out" if is_taken else "this passkey opens nothing here")


def test_who_takes_the_finger_away_is_told_and_may_try_again(owner: Visitor, window: Window) -> None:
    signs_out(window)
    window.open("/sign-in")
    window.driver.set_user_verified(verified=False)
    window.press("Sign in with a passkey")
    window.sees("The passkey was not used.")

    window.driver.set_user_verified(verified=True)
    window.press("Sign in with a passkey")

    window.sees("Sign out")


def test_where_no_passkey_can_be_made_none_is_offered(installation: BrowserSite, window: Window) -> None:
    """Browsers make them for names alone; the same page at a number is the control of the other."""
    offered = "return !document.querySelector('[data-needs-passkeys]').hidden"
    window.open("/sign-in")
    assert window.ask(offered)

    window.open(f"{installation.demo.url}/sign-in")

    assert not window.ask(offered)
    assert window.ask("return 'PublicKeyCredential' in window"), "the browser itself has them there"
