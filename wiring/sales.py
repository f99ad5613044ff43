"""What is sold: events and their teams, promo codes, bookings, cancellations, tickets and the door."""

from dependency_injector import providers

from adapters import from_settings
from adapters.pictures import PillowPictures
from adapters.tickets import file_key_ring, sealer
from application.promo_guesses import PromoGuesses
from application.queries.announcements import Announcements
from application.queries.bookings import Bookings
from application.queries.cancellation_preview import PreviewCancellation
from application.queries.cancellations import Cancellations
from application.queries.events import Events
from application.queries.promo_codes import PromoCodes
from application.queries.receipts import Receipts
from application.queries.teams import Teams
from application.use_cases.book_places import BookPlaces
from application.use_cases.cancel_booking import CancelBooking
from application.use_cases.cancel_bookings import CancelBookings
from application.use_cases.change_capacity import ChangeCapacity
from application.use_cases.create_event import CreateEvent
from application.use_cases.edit_event import EditEvent
from application.use_cases.event_images import AddEventImage, Gallery, RemoveEventImage
from application.use_cases.event_team import GrantAtEvent, InviteToTeam, JoinTeam, LeaveTeam
from application.use_cases.expire_holds import ExpireHolds
from application.use_cases.follow_refunds import FollowRefunds
from application.use_cases.guest_bookings import AskForGuestLink, BookAsGuest, OpenGuestSession
from application.use_cases.move_event import MoveEvent
from application.use_cases.promo_codes import CreatePromoCode, EndPromoCode
from application.use_cases.quote_places import QuotePlaces
from application.use_cases.reissue_ticket import ReissueTicket
from application.use_cases.rotate_keys import RotateKeys
from application.use_cases.scan_ticket import ScanTicket
from application.use_cases.settle_outcomes import PayByHand, RefundAgain
from application.use_cases.steer_cancellation import SteerCancellation
from application.use_cases.undo_admission import UndoAdmission
from application.use_cases.upload_image import ForgetUploads, OfferImageUpload, ReceiveUpload, UseImageUpload
from wiring.parts import Parts, folder_of, now

S = providers.Singleton


class Sales(Parts):
    """Events and those who work at them, bookings, tickets and the door."""

    begin, clock, ids, store = Parts.begin, Parts.clock, Parts.ids, Parts.store
    settings, objects, limits = Parts.settings, Parts.objects, Parts.limits

    pictures = S(PillowPictures)
    key_ring = S(file_key_ring.build, S(folder_of, Parts.key_folders, "keys"), Parts.randomness, S(now, clock))
    sealer = S(sealer.build, key_ring, Parts.randomness)

    expire_holds = S(ExpireHolds, begin, clock, store)
    promo_guesses = S(PromoGuesses, limits, clock)

    create_event = S(CreateEvent, begin, clock, ids)
    edit_event = S(EditEvent, begin, clock, store)
    move_event = S(MoveEvent, begin, clock, Parts.factor_policy)
    change_capacity = S(ChangeCapacity, begin, clock)
    gallery = S(Gallery, begin, clock, pictures, objects)
    own_uploads = S(from_settings.own_uploads, settings, objects, Parts.key_folders, clock, Parts.randomness)
    add_event_image = S(AddEventImage, gallery, ids)
    remove_event_image = S(RemoveEventImage, begin, objects)
    offer_image_upload = S(OfferImageUpload, gallery, clock, ids, S(from_settings.upload_links, objects, own_uploads))
    receive_upload = S(ReceiveUpload, own_uploads)
    use_image_upload = S(UseImageUpload, gallery, objects)
    forget_uploads = S(ForgetUploads, gallery, clock, objects)
    events = S(Events, begin, clock, store, objects)
    announcements = S(Announcements, begin, clock, store, settings.provided.payments)

    invite_to_team = S(InviteToTeam, begin, clock, limits)
    join_team = S(JoinTeam, begin, clock)
    leave_team = S(LeaveTeam, begin)
    grant_at_event = S(GrantAtEvent, begin, clock)
    teams = S(Teams, begin, clock, store)

    create_promo_code = S(CreatePromoCode, begin, clock)
    end_promo_code = S(EndPromoCode, begin, clock)
    promo_codes = S(PromoCodes, begin, store)
    quote_places = S(QuotePlaces, begin, clock, expire_holds, promo_guesses)
    book_places = S(
        BookPlaces, begin, clock, ids, expire_holds, promo_guesses, live_holds_max=settings.provided.hold_live_max
    )
    book_as_guest = S(BookAsGuest, begin, clock, ids, limits, book_places)
    open_guest_session = S(OpenGuestSession, begin, clock, Parts.opening)
    ask_for_guest_link = S(AskForGuestLink, begin, clock, limits, Parts.even_work)
    bookings = S(Bookings, begin, clock, store)
    receipts = S(Receipts, begin, bookings)

    follow_refunds = S(FollowRefunds, begin, clock, ids, store)
    cancel_booking = S(CancelBooking, begin, clock, ids, Parts.four_eyes)
    cancel_bookings = S(CancelBookings, begin, clock, store, cancel_booking, follow_refunds)
    steer_cancellation = S(SteerCancellation, begin)
    preview_cancellation = S(PreviewCancellation, begin, clock, store)
    cancellations = S(Cancellations, begin, store)
    refund_again = S(RefundAgain, begin, clock, ids, store, Parts.four_eyes)
    pay_by_hand = S(PayByHand, begin)

    scan_ticket = S(ScanTicket, begin, clock, sealer)
    undo_admission = S(UndoAdmission, begin, clock, ids)
    reissue_ticket = S(ReissueTicket, begin, clock, sealer)
    rotate_keys = S(RotateKeys, begin, clock, key_ring)
