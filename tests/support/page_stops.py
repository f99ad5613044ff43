"""Every page of ours, and where a page has several faces the faces."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support.page_tour import ADMIN, APPLICANT, BUYER, ORGANIZER, STRANGER, Stop
from tests.support.pictures import png
from tests.support.window import Window


def _signs_in_wrongly(window: Window) -> None:
    window.write("E-mail address", "nobody@example.com")
    window.write("Password", "no password of anybody")
    window.press("Sign in")


def _chooses_as_a_guest(window: Window) -> None:
    window.write("Standard", "2")
    window.press("Book without an account")


def _asks_the_price(window: Window) -> None:
    window.write("Standard", "2")
    window.write("Promotion code", "LAMPS-20")
    window.press("Show the price")


def _holds(window: Window) -> None:
    window.write("Standard", "2")
    window.press("Hold places")


def _leaves_the_payment(window: Window) -> None:
    _holds(window)
    window.press("Pay 998.00 INR")
    window.sees("What shall happen?")
    window.driver.back()
    window.driver.refresh()


def _makes_a_key(window: Window) -> None:
    window.write("What to call it", "A program")
    window.field("It may").click()
    window.press("Make the key")


def _shows_a_face(window: Window) -> None:
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "face.png"
        picture.write_bytes(png())
        window.field("Your picture").send_keys(str(picture))
        window.press("Show this picture")
        window.sees("Show no picture")


STOPS: Final = (
    Stop("events.html", STRANGER, "/"),
    Stop("events.html", STRANGER, "/events?words=nothing+of+this+name", words="Nothing was found"),
    Stop("event.html", STRANGER, "/events/{on_sale}", words="Sign in to hold places"),
    Stop("event.html", STRANGER, "/events/{sold_out}"),
    Stop("event.html", STRANGER, "/events/{open_now}", words="Pictures"),
    Stop("guest_hold.html", STRANGER, "/events/{on_sale}", _chooses_as_a_guest, words="Who are the tickets for?"),
    Stop("guest_link.html", STRANGER, "/guest"),
    Stop("guest_link.html", STRANGER, "/guest/open?token=abc", words="One press"),
    Stop("signup.html", STRANGER, "/signup"),
    Stop("sign_in.html", STRANGER, "/sign-in?done=confirmed", words="Your address is confirmed"),
    Stop("sign_in.html", STRANGER, "/sign-in", _signs_in_wrongly, words="do not match", is_refused=True),
    Stop("confirm_email.html", STRANGER, "/confirm-email"),
    Stop("confirm_email.html", STRANGER, "/confirm-email?token=abc", words="One press"),
    Stop("mail_sent.html", STRANGER, "/mail-sent"),
    Stop("forgot_password.html", STRANGER, "/forgot-password"),
    Stop("reset_password.html", STRANGER, "/reset-password?token=abc", words="It signs you out everywhere"),
    Stop("mailed_code.html", STRANGER, "/confirm-code"),
    Stop("mailed_code.html", STRANGER, "/reset-code", words="New password"),
    Stop("problem.html", STRANGER, "/no-such-page", is_refused=True),
    Stop("events.html", BUYER, "/events", words="Sign out"),
    Stop("event.html", BUYER, "/events/{on_sale}", _asks_the_price, words="What it would cost"),
    Stop("booking.html", BUYER, "/events/{on_sale}", _holds, words="Give up these places"),
    Stop("booking.html", BUYER, "/events/{on_sale}", _leaves_the_payment, words="We wait to hear"),
    Stop("booking.html", BUYER, "/bookings/{paid}", words="The whole party"),
    Stop("booking.html", BUYER, "/bookings/{cancelled}", words="This booking is cancelled"),
    Stop("bookings.html", BUYER, "/bookings", words="Confirmed"),
    Stop("me.html", BUYER, "/me?done=saved", words="Your profile is saved"),
    Stop("me.html", BUYER, "/me", _shows_a_face),
    Stop("confirm.html", BUYER, "/me/confirm"),
    Stop("security.html", BUYER, "/me/security"),
    Stop("data.html", BUYER, "/me/data"),
    Stop("sessions.html", BUYER, "/me/sessions"),
    Stop("api_keys.html", BUYER, "/me/api-keys"),
    Stop("new_key.html", BUYER, "/me/api-keys", _makes_a_key),
    Stop("api_keys.html", BUYER, "/me/api-keys", words="New secret for A program"),
    Stop("organizer.html", BUYER, "/organizer", words="Send a request"),
    Stop("join_team.html", BUYER, "/join-team"),
    Stop("join_team.html", BUYER, "/join-team?token=abc", words="Say yes"),
    Stop("organizer.html", APPLICANT, "/organizer", words="Add a document"),
    Stop("organizer.html", ORGANIZER, "/organizer", words="Your events"),
    Stop("team.html", ORGANIZER, "/organizer/events/{open_now}/team", words="Withdraw the role"),
    Stop("event.html", ORGANIZER, "/events/{open_now}"),
    Stop("problem.html", ORGANIZER, "/admin/kyc-requests", is_refused=True),
    Stop("events.html", ADMIN, "/", words="Identity checks"),
    Stop("kyc_requests.html", ADMIN, "/admin/kyc-requests", words="Pia Novak"),
    Stop("kyc_request.html", ADMIN, "/admin/kyc-requests/{check}", words="Decide"),
)
"""But for those that come between the steps of a sign-in."""
BETWEEN_STEPS: Final = {
    "new_app.html": "/me/security/totp",
    "recovery_codes.html": "",
    "second_step.html": "/sign-in/step",
    "new_password.html": "/sign-in/password",
}
"""Those, with their addresses if they have one."""
