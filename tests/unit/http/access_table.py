"""Who reaches what belongs to somebody: one row for every route whose path names a thing.

The things are those of tests/support/cast.py. `user` bought the booking, asked for the identity check and has the API
key and the session; `organizer` owns the event, `co_organizer` and `door` work at it, `guest` bought something else
without an account. A route that names nothing is judged by its policy alone, and needs no row.
"""

from typing import Final

PEOPLE: Final = (
    *("anonymous", "guest", "user", "other", "door", "co_organizer"),
    *("organizer", "other_organizer", "admin", "superadmin"),
)

EVERYBODY: Final = frozenset(PEOPLE)
SIGNED_IN: Final = EVERYBODY - {"anonymous", "guest"}
SUPERADMIN: Final = frozenset({"superadmin"})
ADMINS: Final = frozenset({"admin", "superadmin"})
OWNERS: Final = ADMINS | {"organizer"}
MANAGERS: Final = OWNERS | {"co_organizer"}
DOOR: Final = MANAGERS | {"door"}
BUYER: Final = frozenset({"user"})
BUYER_AND_MANAGERS: Final = MANAGERS | BUYER
APPLICANT: Final = frozenset({"user"})
APPLICANT_AND_REVIEWERS: Final = ADMINS | APPLICANT

_EVENT: Final = "/api/v1/events/{event_id:str}"
_BOOKING: Final = "/api/v1/bookings/{booking_id:str}"
_REQUEST: Final = "/api/v1/kyc-requests/{request_id:str}"
_DOCUMENT: Final = "/api/v1/kyc-documents/{document_id:str}/{side:str}"

REACHES: Final = {
    # Events, and what organizers do with theirs
    f"GET {_EVENT}": EVERYBODY,
    f"PATCH {_EVENT}": MANAGERS,
    f"DELETE {_EVENT}": OWNERS,
    f"POST {_EVENT}/archive": OWNERS,
    f"POST {_EVENT}/cancel": OWNERS,
    f"POST {_EVENT}/publish": OWNERS,
    f"PUT {_EVENT}/capacity": MANAGERS,
    f"GET {_EVENT}/bookings": MANAGERS,
    f"GET {_EVENT}/report": MANAGERS,
    f"GET {_EVENT}/cancellation": MANAGERS,
    f"GET {_EVENT}/cancellation/preview": MANAGERS,
    f"GET {_EVENT}/cancellation/bookings": MANAGERS,
    f"POST {_EVENT}/cancellation/bookings/{{booking_id:str}}/paid-by-hand": OWNERS,
    f"POST {_EVENT}/cancellation/pause": OWNERS,
    f"POST {_EVENT}/cancellation/resume": OWNERS,
    f"POST {_EVENT}/cancellation/retries": OWNERS,
    f"POST {_EVENT}/images": MANAGERS,
    f"GET {_EVENT}/images/{{name:str}}": EVERYBODY,
    f"DELETE {_EVENT}/images/{{name:str}}": MANAGERS,
    f"POST {_EVENT}/image-uploads": MANAGERS,
    f"POST {_EVENT}/image-uploads/{{name:str}}": MANAGERS,
    f"GET {_EVENT}/promo-codes": MANAGERS,
    f"POST {_EVENT}/promo-codes": MANAGERS,
    f"GET {_EVENT}/promo-codes/{{code:str}}": MANAGERS,
    f"POST {_EVENT}/promo-codes/{{code:str}}/end": MANAGERS,
    f"GET {_EVENT}/team": MANAGERS,
    f"DELETE {_EVENT}/team/{{account_id:str}}": MANAGERS,
    f"GET {_EVENT}/team/invitations": MANAGERS,
    f"POST {_EVENT}/team/invitations": MANAGERS,
    f"DELETE {_EVENT}/team/invitations/{{invitation_id:str}}": MANAGERS,
    f"GET {_EVENT}/scans": DOOR,
    f"POST {_EVENT}/scans": DOOR,
    "GET /events/{event_id:str}": EVERYBODY,
    "POST /events/{event_id:str}/hold": SIGNED_IN,
    "POST /events/{event_id:str}/price": SIGNED_IN,
    "POST /events/{event_id:str}/guest": EVERYBODY,
    "POST /events/{event_id:str}/guest-hold": EVERYBODY,
    "GET /organizer/events/{event_id:str}/team": MANAGERS,
    "POST /organizer/events/{event_id:str}/team": MANAGERS,
    "POST /organizer/events/{event_id:str}/team/withdrawal": MANAGERS,
    # Bookings and tickets
    f"GET {_BOOKING}": BUYER_AND_MANAGERS,
    f"GET {_BOOKING}/admissions": BUYER_AND_MANAGERS,
    f"GET {_BOOKING}/payment": BUYER_AND_MANAGERS,
    f"GET {_BOOKING}/qr.png": BUYER_AND_MANAGERS,
    f"GET {_BOOKING}/receipt": BUYER_AND_MANAGERS,
    f"POST {_BOOKING}/cancellation": BUYER_AND_MANAGERS,
    f"POST {_BOOKING}/payment": BUYER,
    f"POST {_BOOKING}/payment/embedded": BUYER,
    f"POST {_BOOKING}/refunds": BUYER_AND_MANAGERS,
    f"POST {_BOOKING}/refunds/quote": BUYER_AND_MANAGERS,
    f"POST {_BOOKING}/reissue": BUYER_AND_MANAGERS,
    "GET /api/v1/tickets/{ticket_id:str}": BUYER_AND_MANAGERS,
    "GET /api/v1/tickets/{ticket_id:str}/qr.png": BUYER_AND_MANAGERS,
    "GET /api/v1/tickets/{ticket_id:str}/qr.svg": BUYER_AND_MANAGERS,
    "GET /api/v1/tickets/{ticket_id:str}/qr.txt": BUYER_AND_MANAGERS,
    "POST /api/v1/tickets/{ticket_id:str}/reissue": BUYER_AND_MANAGERS,
    "GET /api/v1/refunds/{refund_id:str}": BUYER_AND_MANAGERS,
    "POST /api/v1/refunds/{refund_id:str}/approval": ADMINS,
    "POST /api/v1/refunds/{refund_id:str}/rejection": ADMINS,
    "GET /bookings/{booking_id:str}": BUYER_AND_MANAGERS,
    "GET /bookings/{booking_id:str}/qr.png": BUYER_AND_MANAGERS,
    "GET /bookings/{booking_id:str}/receipt.pdf": BUYER_AND_MANAGERS,
    "POST /bookings/{booking_id:str}/cancel": BUYER_AND_MANAGERS,
    "POST /bookings/{booking_id:str}/pay": BUYER,
    "POST /bookings/{booking_id:str}/refund": BUYER_AND_MANAGERS,
    "GET /tickets/{ticket_id:str}/qr.png": BUYER_AND_MANAGERS,
    # Identity checks
    f"GET {_REQUEST}": APPLICANT_AND_REVIEWERS,
    f"POST {_REQUEST}/answer": APPLICANT,
    f"POST {_REQUEST}/documents": APPLICANT,
    f"POST {_REQUEST}/withdrawal": APPLICANT,
    f"POST {_REQUEST}/decision": ADMINS,
    f"POST {_DOCUMENT}/link": APPLICANT_AND_REVIEWERS,
    "POST /organizer/documents/{document_id:str}/{side:str}": APPLICANT_AND_REVIEWERS,
    "POST /organizer/{request_id:str}/answer": APPLICANT,
    "POST /organizer/{request_id:str}/documents": APPLICANT,
    "POST /organizer/{request_id:str}/withdrawal": APPLICANT,
    "GET /admin/kyc-requests/{request_id:str}": ADMINS,
    "POST /admin/kyc-requests/{request_id:str}": ADMINS,
    "POST /admin/kyc-requests/{request_id:str}/documents/{document_id:str}/{side:str}": ADMINS,
    # Keys and sessions of one's own
    "GET /api/v1/api-keys/{key_id:str}": ADMINS | {"user"},
    "DELETE /api/v1/api-keys/{key_id:str}": ADMINS | {"user"},
    "POST /api/v1/api-keys/{key_id:str}/rotation": frozenset({"user"}),
    "DELETE /api/v1/me/sessions/{session_id:str}": frozenset({"user"}),
    # Administration
    "GET /api/v1/accounts/{account_id:str}": ADMINS,
    "DELETE /api/v1/accounts/{account_id:str}": ADMINS,
    "GET /api/v1/accounts/{account_id:str}/erasure": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/temporary-password": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/disable": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/enable": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/reset-password": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/sign-out": ADMINS,
    "POST /api/v1/accounts/{account_id:str}/roles": ADMINS,
    "DELETE /api/v1/accounts/{account_id:str}/roles/{role:str}": ADMINS,
    "GET /api/v1/accounts/{account_id:str}/factors": ADMINS,
    "DELETE /api/v1/accounts/{account_id:str}/factors": ADMINS,
    "GET /api/v1/audit/{record_id:str}": SUPERADMIN,
    "GET /api/v1/findings/{finding_id:str}": ADMINS,
    "POST /api/v1/findings/{finding_id:str}/decision": ADMINS,
    "GET /api/v1/notices/{notice_id:str}": ADMINS,
    "POST /api/v1/notices/{notice_id:str}/replay": ADMINS,
    "POST /api/v1/outbox/{entry_id:str}/replay": SUPERADMIN,
    "POST /api/v1/keys/{purpose:str}/rotate": SUPERADMIN,
}

ELSEWHERE: Final = {
    f"GET {_DOCUMENT}": "it opens by a link that lives a minute and is bound to a session: test_identity_checks",
    "DELETE /api/v1/me/factors/{factor_id:str}": "a factor is looked for among one's own alone: test_second_factors",
    f"POST {_BOOKING}/payment/return": "the gateway of these tests has no page inside ours: test_razorpay_story",
    "POST /api/v1/webhooks/{gateway:str}": "gateways prove themselves by their signatures: test_inbox",
    "PUT /api/v1/uploads/{sealed:str}": "the link says what it is for, whoever sends it: test_image_uploads",
    "GET /api/v1/profiles/{account_id:str}/pictures/{name:str}": "what somebody shows of themselves is for everybody: "
    "test_profile_pictures",
    "GET /static/{name:str}": "the files of our pages, the same for everybody: test_every_page",
}
"""Routes that name something and are no case for the table, each with the test that looks at it."""
