"""Everything that the application can do, for those who drive it: HTTP, the command line, tests."""

from attrs import frozen

from application.gateways import Gateways
from application.jobs import Jobs
from application.limits import Limits
from application.ports.clock import Clock
from application.ports.receipts import ReceiptDrawer
from application.ports.second_factors import LinkDrawer
from application.ports.store import Store
from application.ports.ticket_codes import QrDrawer
from application.queries.accounts import Accounts
from application.queries.announcements import Announcements
from application.queries.api_keys import ApiKeys
from application.queries.audit_trail import AuditTrail
from application.queries.bookings import Bookings
from application.queries.books import Books
from application.queries.cancellation_preview import PreviewCancellation
from application.queries.cancellations import Cancellations
from application.queries.events import Events
from application.queries.identity_checks import IdentityChecks
from application.queries.money import MoneyMatters
from application.queries.notices import Notices
from application.queries.outbox import Outbox
from application.queries.own_sessions import OwnSessions
from application.queries.payments import Payments
from application.queries.promo_codes import PromoCodes
from application.queries.receipts import Receipts
from application.queries.reconciliations import Reconciliations
from application.queries.reports import Reports
from application.queries.storage import Storage
from application.queries.teams import Teams
from application.relay import Relay
from application.use_cases.administer_accounts import AdministerAccount, CreateAccount
from application.use_cases.administer_factors import AdministerFactors
from application.use_cases.api_keys import CreateApiKey, ReportLeakedKey, RevokeApiKey, RotateApiKey
from application.use_cases.apply_for_kyc import ApplyForKyc, FollowUpKyc
from application.use_cases.approve_refund import ApproveRefund
from application.use_cases.ask_about_payment import AskAboutPayment
from application.use_cases.authenticate import Authenticate
from application.use_cases.book_places import BookPlaces
from application.use_cases.cancel_booking import CancelBooking
from application.use_cases.cancel_bookings import CancelBookings
from application.use_cases.change_capacity import ChangeCapacity
from application.use_cases.codes_by_mail import ConfirmByCode, ResetByCode
from application.use_cases.create_event import CreateEvent
from application.use_cases.decide_finding import DecideFinding
from application.use_cases.decide_kyc import DecideKyc
from application.use_cases.edit_event import EditEvent
from application.use_cases.edit_profile import EditProfile
from application.use_cases.end_sessions import EndOwnSessions, SignEverybodyOut
from application.use_cases.enrol_factors import EnrolFactors
from application.use_cases.erase_account import EraseAccount
from application.use_cases.event_images import AddEventImage, RemoveEventImage
from application.use_cases.event_team import GrantAtEvent, InviteToTeam, JoinTeam, LeaveTeam
from application.use_cases.export_audit import ExportAudit
from application.use_cases.export_person import ExportPerson
from application.use_cases.find_answer import FindAnswer
from application.use_cases.give_consent import GiveConsent
from application.use_cases.guest_bookings import AskForGuestLink, BookAsGuest, OpenGuestSession
from application.use_cases.keep_documents import ForgetDocuments, RewrapDocuments
from application.use_cases.move_event import MoveEvent
from application.use_cases.passkey_sign_in import AskPasskey, SignInByPasskey
from application.use_cases.poll_gateways import PollGateways
from application.use_cases.profile_pictures import ProfilePictures, SetOwnPicture
from application.use_cases.promo_codes import CreatePromoCode, EndPromoCode
from application.use_cases.quote_places import QuotePlaces
from application.use_cases.read_document import ReadDocument
from application.use_cases.receive_notice import ReceiveNotice
from application.use_cases.reconcile import Reconcile
from application.use_cases.refund_booking import RefundBooking
from application.use_cases.reissue_ticket import ReissueTicket
from application.use_cases.replay_facts import ReplayFacts
from application.use_cases.replay_notices import ReplayNotices
from application.use_cases.reset_password import AskForReset, ResetPassword
from application.use_cases.return_from_checkout import ReturnFromCheckout
from application.use_cases.rotate_audit_key import RotateAuditKey
from application.use_cases.rotate_keys import RotateKeys
from application.use_cases.rotate_vault import RotateVault
from application.use_cases.scan_ticket import ScanTicket
from application.use_cases.seal_audit import SealAudit, SignCheckpoint
from application.use_cases.settle_outcomes import PayByHand, RefundAgain
from application.use_cases.sign_in import SignIn, SignOut
from application.use_cases.sign_up import ConfirmEmail, ResendConfirmation, SignUp
from application.use_cases.start_payment import StartPayment
from application.use_cases.steer_cancellation import SteerCancellation
from application.use_cases.step_up import OwnFactors, StepUp
from application.use_cases.temporary_password import ChangePassword, GiveTemporaryPassword
from application.use_cases.undo_admission import UndoAdmission
from application.use_cases.upload_image import OfferImageUpload, ReceiveUpload, UseImageUpload


@frozen
class Health:
    """Whether what everything stands on answers."""

    store: Store

    async def check(self) -> None:
        """StoreUnavailable if the store does not answer."""
        await self.store.ping()


@frozen
class Deeds:
    """The use cases and queries of one installation, ready to be called."""

    clock: Clock
    sign_up: SignUp
    confirm_email: ConfirmEmail
    confirm_by_code: ConfirmByCode
    resend_confirmation: ResendConfirmation
    sign_in: SignIn
    sign_out: SignOut
    authenticate: Authenticate
    own_sessions: OwnSessions
    end_own_sessions: EndOwnSessions
    sign_everybody_out: SignEverybodyOut
    create_api_key: CreateApiKey
    rotate_api_key: RotateApiKey
    revoke_api_key: RevokeApiKey
    report_leaked_key: ReportLeakedKey
    api_keys: ApiKeys
    step_up: StepUp
    own_factors: OwnFactors
    enrol_factors: EnrolFactors
    ask_passkey: AskPasskey
    sign_in_by_passkey: SignInByPasskey
    administer_factors: AdministerFactors
    ask_for_reset: AskForReset
    reset_by_code: ResetByCode
    reset_password: ResetPassword
    edit_profile: EditProfile
    set_own_picture: SetOwnPicture
    profile_pictures: ProfilePictures
    apply_for_kyc: ApplyForKyc
    follow_up_kyc: FollowUpKyc
    decide_kyc: DecideKyc
    identity_checks: IdentityChecks
    read_document: ReadDocument
    forget_documents: ForgetDocuments
    rewrap_documents: RewrapDocuments
    create_account: CreateAccount
    administer_account: AdministerAccount
    give_temporary_password: GiveTemporaryPassword
    change_password: ChangePassword
    erase_account: EraseAccount
    export_person: ExportPerson
    give_consent: GiveConsent
    create_event: CreateEvent
    edit_event: EditEvent
    move_event: MoveEvent
    change_capacity: ChangeCapacity
    add_event_image: AddEventImage
    remove_event_image: RemoveEventImage
    offer_image_upload: OfferImageUpload
    receive_upload: ReceiveUpload
    use_image_upload: UseImageUpload
    invite_to_team: InviteToTeam
    join_team: JoinTeam
    leave_team: LeaveTeam
    grant_at_event: GrantAtEvent
    teams: Teams
    book_as_guest: BookAsGuest
    open_guest_session: OpenGuestSession
    ask_for_guest_link: AskForGuestLink
    create_promo_code: CreatePromoCode
    end_promo_code: EndPromoCode
    quote_places: QuotePlaces
    book_places: BookPlaces
    cancel_booking: CancelBooking
    cancel_bookings: CancelBookings
    steer_cancellation: SteerCancellation
    refund_again: RefundAgain
    pay_by_hand: PayByHand
    start_payment: StartPayment
    receive_notice: ReceiveNotice
    replay_notices: ReplayNotices
    poll_gateways: PollGateways
    ask_about_payment: AskAboutPayment
    reconcile: Reconcile
    decide_finding: DecideFinding
    scan_ticket: ScanTicket
    undo_admission: UndoAdmission
    reissue_ticket: ReissueTicket
    rotate_keys: RotateKeys
    seal_audit: SealAudit
    sign_checkpoint: SignCheckpoint
    export_audit: ExportAudit
    rotate_audit_key: RotateAuditKey
    audit_trail: AuditTrail
    rotate_vault: RotateVault
    replay_facts: ReplayFacts
    find_answer: FindAnswer
    refund_booking: RefundBooking
    return_from_checkout: ReturnFromCheckout
    approve_refund: ApproveRefund
    money: MoneyMatters
    events: Events
    bookings: Bookings
    promo_codes: PromoCodes
    receipts: Receipts
    preview_cancellation: PreviewCancellation
    cancellations: Cancellations
    accounts: Accounts
    outbox: Outbox
    storage: Storage
    reports: Reports
    books: Books
    notices: Notices
    payments: Payments
    reconciliations: Reconciliations
    announcements: Announcements
    drawer: QrDrawer
    link_drawer: LinkDrawer
    receipt_drawer: ReceiptDrawer
    gateways: Gateways
    health: Health
    limits: Limits
    mails_codes: bool
    """Whether mails to confirm an address or set a password carry codes, and no links."""
    relay: Relay
    jobs: Jobs
