"""Every part, each made from those above it: the container. Only bootstrap.py imports this, when it is needed."""

import operator
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from dependency_injector import containers, providers

from adapters import from_settings
from adapters.auditing import ring_signer
from adapters.auditing.file_witness import FileWitness
from adapters.clock import SystemClock
from adapters.codec import digest
from adapters.identity import password_list
from adapters.identity.argon2_hasher import Argon2Hasher
from adapters.identity.authenticator_codes import AuthenticatorCodes
from adapters.identity.webauthn_passkeys import WebauthnPasskeys
from adapters.limiting.memory_limiter import MemoryLimiter
from adapters.limiting.store_limiter import StoreLimiter
from adapters.messaging.english_texts import EnglishTexts
from adapters.messaging.letters import EnglishLetters
from adapters.monitoring.counting_store import CountingStore
from adapters.pictures import PictureLimits, PillowPictures
from adapters.randomness import SystemRandomness
from adapters.receipts.fpdf_receipts import FpdfReceipts
from adapters.registry import MAILERS, OBJECT_STORES, STORES
from adapters.sealing import file_keyed_hash, file_vault
from adapters.sealing.envelope_sealer import EnvelopeSealer
from adapters.settings import Settings, check_sandbox_is_meant, load_settings
from adapters.tickets import file_key_ring, qr_drawer, sealer
from application.asked_elsewhere import Questions
from application.changes import Digest
from application.deeds import Deeds, Health
from application.document_custody import FILE_BYTES_MAX, DocumentCustody
from application.erasure_check import ErasureCheck
from application.even_work import EvenWork
from application.factor_check import FactorCheck
from application.guess_guard import GuessGuard
from application.ids import Ids
from application.limits import Limits
from application.listing import AccountListing
from application.opening import Opening
from application.passing import unwatched
from application.password_policy import PasswordPolicy
from application.promo_guesses import PromoGuesses
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
from application.reactions.everything import (
    elsewhere_reactions,
    follow_reactions,
    mail_reactions,
    reacted_to,
    reactions_of,
    text_reactions,
)
from application.reactions.issue_tickets import IssueTickets
from application.reactions.move_money import ApplyNotice, ClosePaymentPage, SendRefund
from application.reactions.send_mail import Post
from application.reactions.set_aside_images import SetAsideImages
from application.relay import News, Relay
from application.schedule import schedule
from application.seen import Seen
from application.use_cases.administer_accounts import AdministerAccount, CreateAccount
from application.use_cases.administer_factors import AdministerFactors
from application.use_cases.answer_elsewhere import AnswerElsewhere
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
from application.use_cases.compare_books import CompareBooks
from application.use_cases.create_event import CreateEvent
from application.use_cases.decide_finding import DecideFinding
from application.use_cases.decide_kyc import DecideKyc
from application.use_cases.edit_event import EditEvent
from application.use_cases.edit_profile import EditProfile
from application.use_cases.end_sessions import EndOwnSessions, SignEverybodyOut
from application.use_cases.enrol_factors import EnrolFactors
from application.use_cases.erase_account import EraseAccount
from application.use_cases.event_images import AddEventImage, Gallery, RemoveEventImage
from application.use_cases.event_team import GrantAtEvent, InviteToTeam, JoinTeam, LeaveTeam
from application.use_cases.expire_holds import ExpireHolds
from application.use_cases.export_audit import ExportAudit
from application.use_cases.export_person import ExportPerson
from application.use_cases.find_answer import FindAnswer
from application.use_cases.follow_refunds import FollowRefunds
from application.use_cases.forget_checks import ForgetChecks
from application.use_cases.give_consent import ConsentRecord, GiveConsent
from application.use_cases.guest_bookings import AskForGuestLink, BookAsGuest, OpenGuestSession
from application.use_cases.heal_finding import HealFinding
from application.use_cases.keep_documents import ExpireApprovals, ForgetDocuments, RewrapDocuments
from application.use_cases.keep_time import Forget, SettleEvents
from application.use_cases.learn_payment import LearnPayment
from application.use_cases.move_event import MoveEvent
from application.use_cases.note_finding import NoteFinding
from application.use_cases.passkey_sign_in import AskPasskey, SignInByPasskey
from application.use_cases.poll_gateways import PollGateways
from application.use_cases.promo_codes import CreatePromoCode, EndPromoCode
from application.use_cases.quote_places import QuotePlaces
from application.use_cases.read_document import ReadDocument
from application.use_cases.receive_notice import ReceiveNotice
from application.use_cases.reconcile import Reconcile
from application.use_cases.reconcile_daily import ReconcileDaily
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
from application.use_cases.settle_dispute import SettleDispute
from application.use_cases.settle_outcomes import PayByHand, RefundAgain
from application.use_cases.settle_payment import SettlePayment
from application.use_cases.settle_refund import SettleRefund
from application.use_cases.sign_in import SignIn, SignOut
from application.use_cases.sign_up import ConfirmEmail, ResendConfirmation, SignUp
from application.use_cases.start_payment import StartPayment
from application.use_cases.steer_cancellation import SteerCancellation
from application.use_cases.step_up import OwnFactors, StepUp
from application.use_cases.sweep_erased import SweepErased
from application.use_cases.temporary_password import ChangePassword, GiveTemporaryPassword
from application.use_cases.undo_admission import UndoAdmission
from application.use_cases.upload_image import ForgetUploads, OfferImageUpload, ReceiveUpload, UseImageUpload
from application.use_cases.welcome import Welcome
from application.work import Beginning

PRODUCT: Final = "RelexBooking"
S = providers.Singleton


def _now(clock: SystemClock) -> datetime:
    return clock.now()


def _digest() -> Digest:
    return digest


class Container(containers.DeclarativeContainer):
    """Every part once, each made from those above it."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    passing: providers.Provider[Any] = providers.Object(unwatched)

    clock = S(SystemClock)
    randomness = S(SystemRandomness)
    ids = S(Ids, randomness)
    store = S(CountingStore, S(STORES.build, settings.provided.store, settings))
    objects = S(OBJECT_STORES.build, settings.provided.objects, settings)
    mailer = S(MAILERS.build, settings.provided.mailer, settings)
    texter = S(from_settings.texter, settings)
    gateways = S(from_settings.gateways, settings)
    hasher = S(Argon2Hasher)
    keeper = S(from_settings.keeper, settings, hasher, clock)
    pictures = S(PillowPictures)
    drawer = S(qr_drawer.build)
    receipts = S(FpdfReceipts)
    letters = S(EnglishLetters, settings.provided.base_url, PRODUCT, drawer)
    key_ring = S(
        file_key_ring.build, S(lambda settings: settings.data_dir / "keys", settings), randomness, S(_now, clock)
    )
    sealer = S(sealer.build, key_ring, randomness)
    vault = S(file_vault.build, S(lambda settings: settings.data_dir / "notice-keys", settings), randomness)

    audit_ring = S(
        file_key_ring.build,
        S(lambda settings: settings.data_dir / "audit-keys", settings),
        randomness,
        S(_now, clock),
        use=file_key_ring.AUDIT,
    )
    signer = S(ring_signer.RingSigner, audit_ring)
    witness = S(FileWitness, settings.provided.audit_folder)
    factor_vault = S(file_vault.build, S(lambda settings: settings.data_dir / "factor-keys", settings), randomness)
    passkeys = S(WebauthnPasskeys, settings.provided.base_url, PRODUCT)
    totp = S(AuthenticatorCodes, PRODUCT)
    kyc_keys = S(from_settings.kyc_keys, settings)
    key_wrapper = S(from_settings.key_wrapper, settings, kyc_keys, randomness)
    hashes = S(file_keyed_hash.build, S(lambda keys: keys / "identity-hashes", kyc_keys), randomness)
    envelopes = S(EnvelopeSealer, key_wrapper, randomness)
    scans = S(PillowPictures, PictureLimits(upload_bytes_max=FILE_BYTES_MAX))
    custody = S(DocumentCustody, clock, ids, scans, objects, envelopes, hashes)
    kyc_policy = S(from_settings.kyc_policy, settings)

    news = S(News)
    begin = S(
        Beginning,
        store,
        clock,
        randomness,
        S(reacted_to, keeper),
        passing,
        news.provided.ring,
        digest=providers.Object(digest),
    )

    seal_audit = S(SealAudit, begin, clock, store)
    sign_checkpoint = S(SignCheckpoint, begin, clock, store, signer, witness)

    limiter_here = S(MemoryLimiter, clock)
    limiter_shared = S(StoreLimiter, begin, clock)
    limits = S(Limits, limiter_here, limiter_shared, settings.provided.rates)
    promo_guesses = S(PromoGuesses, limits, clock)
    even_work = S(EvenWork, clock, randomness)
    guess_guard = S(GuessGuard, begin, clock, randomness)
    passwords = S(PasswordPolicy, S(password_list.build, settings.provided.password_blocklist))
    factor_policy = S(lambda settings: settings.factor_policy, settings)
    session_rules = S(from_settings.session_rules, settings)
    seen = S(Seen, begin, clock)
    opening = S(Opening, randomness, session_rules)
    factor_check = S(FactorCheck, clock, totp, factor_vault, passkeys)
    questions = S(Questions, factor_vault)
    elsewhere = S(AnswerElsewhere, begin, clock, keeper, opening, questions)

    consents = S(ConsentRecord, clock, ids, settings.provided.terms_version)
    expire_holds = S(ExpireHolds, begin, clock, store)
    four_eyes = S(from_settings.four_eyes, settings)
    cancel_booking = S(CancelBooking, begin, clock, ids, four_eyes)
    settle_payment = S(SettlePayment, begin, clock, ids, expire_holds)
    settle_refund = S(SettleRefund, begin, clock)
    settle_dispute = S(SettleDispute, begin, clock)
    learn_payment = S(LearnPayment, begin, gateways, settle_payment, settle_refund, settle_dispute)
    poll_gateways = S(PollGateways, begin, clock, store, gateways, learn_payment, settle_refund)

    follow_refunds = S(FollowRefunds, begin, clock, ids, store)
    cancel_bookings = S(CancelBookings, begin, clock, store, cancel_booking, follow_refunds)
    compare = S(CompareBooks, begin, clock, store)
    heal = S(HealFinding, begin, clock, ids, compare, learn_payment)
    reconcile = S(Reconcile, begin, clock, store, gateways, compare, S(NoteFinding, begin, clock), heal)

    post = S(Post, begin, clock, randomness, store, letters, mailer, passing)
    reactions = S(
        reactions_of,
        S(operator.add, S(mail_reactions, post, keeper), S(text_reactions, begin, store, texter, S(EnglishTexts))),
        S(operator.add, S(follow_reactions, begin, follow_refunds), S(elsewhere_reactions, begin, keeper)),
        S(IssueTickets, begin, clock, ids, sealer),
        S(ApplyNotice, begin, clock, store, learn_payment),
        S(SendRefund, begin, clock, gateways, settle_refund, passing),
        S(ClosePaymentPage, begin, gateways),
        S(SetAsideImages, begin, objects),
    )
    forget_documents = S(ForgetDocuments, begin, clock, store, custody, kyc_policy)
    erasure_check = S(ErasureCheck, begin, clock, store)
    sweep_erased = S(SweepErased, begin, clock, store, S(ForgetChecks, begin, clock, store, forget_documents))
    relay = S(Relay, begin, clock, store, reactions, news, passing)
    jobs = S(
        schedule,
        clock,
        expire=expire_holds,
        cancel=cancel_bookings,
        events=S(SettleEvents, begin, clock, store),
        poll=poll_gateways,
        forget=S(Forget, begin, clock, store),
        reconcile=S(ReconcileDaily, clock, reconcile),
        seal=seal_audit,
        sign=sign_checkpoint,
        expire_approvals=S(ExpireApprovals, begin, clock, store),
        forget_documents=forget_documents,
        sweep_erased=sweep_erased,
        forget_uploads=S(ForgetUploads, clock, objects),
    )

    own_sessions = S(OwnSessions, begin, clock, store, session_rules)
    gallery = S(Gallery, begin, clock, pictures, objects)
    own_uploads = S(from_settings.own_uploads, settings, objects, clock, randomness)
    upload_links = S(from_settings.upload_links, objects, own_uploads)
    bookings = S(Bookings, begin, clock, store)
    book_places = S(
        BookPlaces, begin, clock, ids, expire_holds, promo_guesses, live_holds_max=settings.provided.hold_live_max
    )
    deeds = S(
        Deeds,
        clock=clock,
        sign_up=S(SignUp, begin, clock, ids, keeper, passwords, limits, consents),
        confirm_email=S(ConfirmEmail, begin, clock),
        confirm_by_code=S(ConfirmByCode, begin, clock, keeper, limits),
        resend_confirmation=S(ResendConfirmation, begin, clock, limits, even_work),
        sign_in=S(
            *(SignIn, begin, clock, keeper, S(Welcome, begin, clock, ids), questions),
            *(guess_guard, opening, factor_policy),
        ),
        sign_out=S(SignOut, begin),
        authenticate=S(Authenticate, begin, clock, factor_policy, session_rules, seen),
        own_sessions=own_sessions,
        end_own_sessions=S(EndOwnSessions, begin, clock, opening, own_sessions),
        sign_everybody_out=S(SignEverybodyOut, begin, clock),
        create_api_key=S(CreateApiKey, begin, clock, ids, randomness, store),
        rotate_api_key=S(RotateApiKey, begin, clock, randomness),
        revoke_api_key=S(RevokeApiKey, begin, clock),
        report_leaked_key=S(ReportLeakedKey, begin, clock),
        api_keys=S(ApiKeys, begin, clock, store),
        step_up=S(StepUp, begin, clock, opening, factor_check, keeper, elsewhere, guess_guard, factor_policy),
        own_factors=S(OwnFactors, begin, factor_policy),
        enrol_factors=S(EnrolFactors, begin, clock, ids, randomness, opening, factor_check, factor_policy),
        ask_passkey=S(AskPasskey, begin, clock, randomness, factor_check),
        sign_in_by_passkey=S(SignInByPasskey, begin, clock, opening, factor_check),
        administer_factors=S(AdministerFactors, begin, clock, factor_policy),
        ask_for_reset=S(AskForReset, begin, clock, limits, even_work),
        reset_by_code=S(ResetByCode, begin, clock, keeper, passwords, guess_guard, limits),
        reset_password=S(ResetPassword, begin, clock, hasher, passwords, guess_guard),
        edit_profile=S(EditProfile, begin),
        apply_for_kyc=S(ApplyForKyc, begin, clock, ids, custody, limits),
        follow_up_kyc=S(FollowUpKyc, begin, clock, custody, limits),
        decide_kyc=S(DecideKyc, begin, clock, kyc_policy),
        identity_checks=S(IdentityChecks, begin, store),
        read_document=S(ReadDocument, begin, clock, custody, hashes),
        forget_documents=forget_documents,
        rewrap_documents=S(RewrapDocuments, begin, store, custody),
        create_account=S(CreateAccount, begin, clock, ids, keeper, passwords),
        administer_account=S(AdministerAccount, begin, clock, S(AccountListing, store)),
        erase_account=S(EraseAccount, begin, clock, S(AccountListing, store), erasure_check, sweep_erased),
        give_temporary_password=S(GiveTemporaryPassword, begin, clock, randomness, keeper, guess_guard),
        change_password=S(ChangePassword, begin, clock, keeper, passwords, opening, elsewhere),
        export_person=S(ExportPerson, begin, clock, store),
        give_consent=S(GiveConsent, begin, store, consents),
        create_event=S(CreateEvent, begin, clock, ids),
        edit_event=S(EditEvent, begin, clock, store),
        move_event=S(MoveEvent, begin, clock, factor_policy),
        change_capacity=S(ChangeCapacity, begin, clock),
        add_event_image=S(AddEventImage, gallery, ids),
        remove_event_image=S(RemoveEventImage, begin, objects),
        offer_image_upload=S(OfferImageUpload, gallery, clock, ids, upload_links),
        receive_upload=S(ReceiveUpload, own_uploads),
        use_image_upload=S(UseImageUpload, gallery, objects),
        invite_to_team=S(InviteToTeam, begin, clock, limits),
        join_team=S(JoinTeam, begin, clock),
        leave_team=S(LeaveTeam, begin),
        grant_at_event=S(GrantAtEvent, begin, clock),
        teams=S(Teams, begin, clock, store),
        book_as_guest=S(BookAsGuest, begin, clock, ids, limits, book_places),
        open_guest_session=S(OpenGuestSession, begin, clock, opening),
        ask_for_guest_link=S(AskForGuestLink, begin, clock, limits, even_work),
        create_promo_code=S(CreatePromoCode, begin, clock),
        end_promo_code=S(EndPromoCode, begin, clock),
        quote_places=S(QuotePlaces, begin, clock, expire_holds, promo_guesses),
        book_places=book_places,
        cancel_booking=cancel_booking,
        cancel_bookings=cancel_bookings,
        steer_cancellation=S(SteerCancellation, begin),
        refund_again=S(RefundAgain, begin, clock, ids, store, four_eyes),
        pay_by_hand=S(PayByHand, begin),
        start_payment=S(StartPayment, begin, clock, ids, gateways, passing, S(from_settings.return_url, settings)),
        receive_notice=S(ReceiveNotice, begin, clock, gateways, vault),
        replay_notices=S(ReplayNotices, begin, clock, store),
        poll_gateways=poll_gateways,
        ask_about_payment=S(AskAboutPayment, begin, learn_payment),
        reconcile=reconcile,
        decide_finding=S(DecideFinding, begin, clock),
        scan_ticket=S(ScanTicket, begin, clock, sealer),
        undo_admission=S(UndoAdmission, begin, clock, ids),
        reissue_ticket=S(ReissueTicket, begin, clock, sealer),
        rotate_keys=S(RotateKeys, begin, clock, key_ring),
        seal_audit=seal_audit,
        sign_checkpoint=sign_checkpoint,
        export_audit=S(ExportAudit, begin, clock, store, signer),
        rotate_audit_key=S(RotateAuditKey, begin, clock, audit_ring),
        audit_trail=S(AuditTrail, begin, clock, store, signer, witness, providers.Object(ring_signer.holds)),
        rotate_vault=S(RotateVault, begin, vault),
        replay_facts=S(ReplayFacts, begin, clock, store),
        find_answer=S(FindAnswer, begin, clock),
        refund_booking=S(RefundBooking, begin, clock, ids, gateways, four_eyes, factor_policy),
        return_from_checkout=S(ReturnFromCheckout, begin, gateways, learn_payment),
        approve_refund=S(ApproveRefund, begin, clock),
        money=S(MoneyMatters, begin, store),
        events=S(Events, begin, clock, store, objects),
        bookings=bookings,
        promo_codes=S(PromoCodes, begin, store),
        receipts=S(Receipts, begin, bookings),
        receipt_drawer=receipts,
        preview_cancellation=S(PreviewCancellation, begin, clock, store),
        cancellations=S(Cancellations, begin, store),
        accounts=S(Accounts, begin, store),
        outbox=S(Outbox, begin, clock, store),
        storage=S(Storage, objects),
        reports=S(Reports, begin, store, settings.provided.report_zone),
        books=S(Books, begin, clock, store),
        notices=S(Notices, begin, clock, store, vault),
        payments=S(Payments, begin, store),
        reconciliations=S(Reconciliations, begin, store),
        announcements=S(Announcements, begin, clock, store, settings.provided.payments),
        drawer=drawer,
        link_drawer=S(qr_drawer.QrcodeDrawer),
        gateways=gateways,
        health=S(Health, store),
        limits=limits,
        mails_codes=keeper.provided.is_elsewhere,
        relay=relay,
        jobs=jobs,
    )


def build(settings: Settings | None = None) -> Container:
    """Everything, ready: a wrong setting or a store that does not answer stops here, and not the first buyer."""
    settings = settings or load_settings()
    check_sandbox_is_meant(settings)
    container = Container(settings=settings)
    container.deeds()
    return container


async def close(container: Container) -> None:
    """Give back what was opened."""
    await container.seen().settle()
    await container.store().close()
    for gateway in container.gateways().known.values():
        shut: Callable[[], Awaitable[None]] | None = getattr(gateway.pages, "aclose", None)
        if shut is not None:
            await shut()
