"""Those who have an account: signing up and in, second factors, keys, identity checks, erasure."""

from dependency_injector import providers

from adapters import from_settings
from adapters.identity import password_list
from adapters.identity.authenticator_codes import AuthenticatorCodes
from adapters.identity.late_passkeys import LatePasskeys
from adapters.pictures import PictureLimits, PillowPictures
from adapters.sealing import file_keyed_hash, file_vault
from adapters.sealing.envelope_sealer import EnvelopeSealer
from application.asked_elsewhere import Questions
from application.document_custody import FILE_BYTES_MAX, DocumentCustody
from application.erasure_check import ErasureCheck
from application.factor_check import FactorCheck
from application.guess_guard import GuessGuard
from application.listing import AccountListing
from application.password_policy import PasswordPolicy
from application.queries.accounts import Accounts
from application.queries.api_keys import ApiKeys
from application.queries.identity_checks import IdentityChecks
from application.queries.own_sessions import OwnSessions
from application.seen import Seen
from application.use_cases.administer_accounts import AdministerAccount, CreateAccount
from application.use_cases.administer_factors import AdministerFactors
from application.use_cases.answer_elsewhere import AnswerElsewhere
from application.use_cases.api_keys import CreateApiKey, ReportLeakedKey, RevokeApiKey, RotateApiKey
from application.use_cases.apply_for_kyc import ApplyForKyc, FollowUpKyc
from application.use_cases.authenticate import Authenticate
from application.use_cases.codes_by_mail import ConfirmByCode, ResetByCode
from application.use_cases.decide_kyc import DecideKyc
from application.use_cases.edit_profile import EditProfile
from application.use_cases.end_sessions import EndOwnSessions, SignEverybodyOut
from application.use_cases.enrol_factors import EnrolFactors
from application.use_cases.erase_account import EraseAccount
from application.use_cases.export_person import ExportPerson
from application.use_cases.forget_checks import ForgetChecks
from application.use_cases.give_consent import ConsentRecord, GiveConsent
from application.use_cases.keep_documents import ForgetDocuments, RewrapDocuments
from application.use_cases.passkey_sign_in import AskPasskey, SignInByPasskey
from application.use_cases.profile_pictures import (
    PROFILE_PICTURE_BYTES_MAX,
    PROFILE_PICTURE_SIDE_PX_MAX,
    ProfilePictures,
    SetOwnPicture,
)
from application.use_cases.read_document import ReadDocument
from application.use_cases.reset_password import AskForReset, ResetPassword
from application.use_cases.sign_in import SignIn, SignOut
from application.use_cases.sign_up import ConfirmEmail, ResendConfirmation, SignUp
from application.use_cases.step_up import OwnFactors, StepUp
from application.use_cases.sweep_erased import SweepErased
from application.use_cases.temporary_password import ChangePassword, GiveTemporaryPassword
from application.use_cases.welcome import Welcome
from wiring.parts import PRODUCT, Parts, folder_of

S = providers.Singleton


class People(Parts):
    """Accounts from signing up to erasure, how they sign in, and who was shown to be whom."""

    begin, clock, ids, randomness, store = Parts.begin, Parts.clock, Parts.ids, Parts.randomness, Parts.store
    settings, keeper, limits = Parts.settings, Parts.keeper, Parts.limits

    factor_vault = S(file_vault.build, S(folder_of, Parts.key_folders, "factor-keys"), randomness)
    passkeys = S(LatePasskeys, settings.provided.base_url, PRODUCT)
    totp = S(AuthenticatorCodes, PRODUCT)
    key_wrapper = S(from_settings.key_wrapper, settings, Parts.key_folders, randomness)
    hashes = S(file_keyed_hash.build, S(folder_of, Parts.key_folders, "keys/identity-hashes"), randomness)
    envelopes = S(EnvelopeSealer, key_wrapper, randomness)
    scans = S(PillowPictures, PictureLimits(upload_bytes_max=FILE_BYTES_MAX))
    custody = S(DocumentCustody, clock, ids, scans, Parts.objects, envelopes, hashes)
    kyc_policy = S(from_settings.kyc_policy, settings)

    mails_codes = keeper.provided.is_elsewhere
    guess_guard = S(GuessGuard, begin, clock, randomness)
    passwords = S(PasswordPolicy, S(password_list.build, settings.provided.password_blocklist))
    seen = S(Seen, begin, clock)
    factor_check = S(FactorCheck, clock, totp, factor_vault, passkeys)
    questions = S(Questions, factor_vault)
    elsewhere = S(AnswerElsewhere, begin, clock, keeper, Parts.opening, questions)
    consents = S(ConsentRecord, clock, ids, settings.provided.terms_version)

    sign_up = S(SignUp, begin, clock, ids, keeper, passwords, limits, consents)
    confirm_email = S(ConfirmEmail, begin, clock)
    confirm_by_code = S(ConfirmByCode, begin, clock, keeper, limits)
    resend_confirmation = S(ResendConfirmation, begin, clock, limits, Parts.even_work)
    sign_in = S(
        *(SignIn, begin, clock, keeper, S(Welcome, begin, clock, ids), questions),
        *(guess_guard, Parts.opening, Parts.factor_policy),
    )
    sign_out = S(SignOut, begin)
    authenticate = S(Authenticate, begin, clock, Parts.factor_policy, Parts.session_rules, seen)
    own_sessions = S(OwnSessions, begin, clock, store, Parts.session_rules)
    end_own_sessions = S(EndOwnSessions, begin, clock, Parts.opening, own_sessions)
    sign_everybody_out = S(SignEverybodyOut, begin, clock)
    create_api_key = S(CreateApiKey, begin, clock, ids, randomness, store)
    rotate_api_key = S(RotateApiKey, begin, clock, randomness)
    revoke_api_key = S(RevokeApiKey, begin, clock)
    report_leaked_key = S(ReportLeakedKey, begin, clock)
    api_keys = S(ApiKeys, begin, clock, store)

    step_up = S(StepUp, begin, clock, Parts.opening, factor_check, keeper, elsewhere, guess_guard, Parts.factor_policy)
    own_factors = S(OwnFactors, begin, Parts.factor_policy)
    enrol_factors = S(EnrolFactors, begin, clock, ids, randomness, Parts.opening, factor_check, Parts.factor_policy)
    ask_passkey = S(AskPasskey, begin, clock, randomness, factor_check)
    sign_in_by_passkey = S(SignInByPasskey, begin, clock, Parts.opening, factor_check)
    administer_factors = S(AdministerFactors, begin, clock, Parts.factor_policy)
    ask_for_reset = S(AskForReset, begin, clock, limits, Parts.even_work)
    reset_by_code = S(ResetByCode, begin, clock, keeper, passwords, guess_guard, limits)
    reset_password = S(ResetPassword, begin, clock, Parts.hasher, passwords, guess_guard)
    give_temporary_password = S(GiveTemporaryPassword, begin, clock, randomness, keeper, guess_guard)
    change_password = S(ChangePassword, begin, clock, keeper, passwords, Parts.opening, elsewhere)

    accounts = S(Accounts, begin, store)
    edit_profile = S(EditProfile, begin)
    faces = S(PillowPictures, PictureLimits(PROFILE_PICTURE_BYTES_MAX, side_px_max=PROFILE_PICTURE_SIDE_PX_MAX))
    set_own_picture = S(SetOwnPicture, begin, ids, faces, Parts.objects)
    profile_pictures = S(ProfilePictures, begin, Parts.objects)
    create_account = S(CreateAccount, begin, clock, ids, keeper, passwords)
    administer_account = S(AdministerAccount, begin, clock, S(AccountListing, store))
    export_person = S(ExportPerson, begin, clock, store)
    give_consent = S(GiveConsent, begin, store, consents)

    apply_for_kyc = S(ApplyForKyc, begin, clock, ids, custody, limits)
    follow_up_kyc = S(FollowUpKyc, begin, clock, custody, limits)
    decide_kyc = S(DecideKyc, begin, clock, kyc_policy)
    identity_checks = S(IdentityChecks, begin, store)
    read_document = S(ReadDocument, begin, clock, custody, hashes)
    forget_documents = S(ForgetDocuments, begin, clock, store, custody, kyc_policy)
    rewrap_documents = S(RewrapDocuments, begin, store, custody)

    erasure_check = S(ErasureCheck, begin, clock, store)
    forget_checks = S(ForgetChecks, begin, clock, store, forget_documents)
    sweep_erased = S(SweepErased, begin, clock, store, forget_checks, Parts.objects)
    erase_account = S(EraseAccount, begin, clock, S(AccountListing, store), erasure_check, sweep_erased)
