"""All pages."""

from adapters.http.limited import LimitedForms
from adapters.http.pages.account_pages import PasswordPages, ProfilePages, SignInPages, SignUpPages
from adapters.http.pages.booking_pages import BookingListPages, BookingPages, ticket_code
from adapters.http.pages.code_pages import CodePages
from adapters.http.pages.data_pages import DataPages, NewPasswordPages
from adapters.http.pages.event_pages import EventListPages, EventPages
from adapters.http.pages.forms import FORM_BYTES_MAX, OwnForms
from adapters.http.pages.guest_pages import GuestHoldPages, GuestPages
from adapters.http.pages.key_pages import KeyPages
from adapters.http.pages.kyc_pages import KycPages
from adapters.http.pages.organizer_pages import OrganizerPages
from adapters.http.pages.page_problems import PAGE_HANDLERS
from adapters.http.pages.security_pages import ConfirmPages, SecondStepPages, SecurityPages
from adapters.http.pages.session_pages import SessionPages
from adapters.http.pages.static_files import static_file
from adapters.http.pages.team_pages import JoinTeamPages, TeamPages
from adapters.http.routers import OnlyHere


def pages() -> OnlyHere:
    """Made anew for each application."""
    return OnlyHere(
        "/",
        route_handlers=[
            EventListPages,
            EventPages,
            GuestHoldPages,
            GuestPages,
            SignUpPages,
            SignInPages,
            SecondStepPages,
            PasswordPages,
            CodePages,
            ProfilePages,
            ConfirmPages,
            SecurityPages,
            DataPages,
            NewPasswordPages,
            SessionPages,
            KeyPages,
            OrganizerPages,
            TeamPages,
            JoinTeamPages,
            KycPages,
            BookingListPages,
            BookingPages,
            ticket_code,
            static_file,
        ],
        middleware=[OwnForms, LimitedForms],
        exception_handlers=PAGE_HANDLERS,
        request_max_body_size=FORM_BYTES_MAX,
        include_in_schema=False,
    )
