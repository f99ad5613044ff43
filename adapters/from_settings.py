"""Parts that are made from the settings alone."""

from datetime import timedelta
from pkgutil import resolve_name
from typing import Final

from adapters.identity.own_keeper import OwnKeeper
from adapters.registry import PAYMENT_GATEWAYS
from adapters.sealing import file_key_wrapper, file_vault
from adapters.sealing.file_keyring import FILE_NAME
from adapters.sealing.moved_key_wrapper import MovedKeyWrapper
from adapters.secret_folder import KeyFolders
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings, check_sandbox_is_meant
from adapters.tickets.private_folder import PrivateFolder
from application.gateways import Gateways
from application.own_uploads import OwnUploads
from application.ports.clock import Clock
from application.ports.credentials import CredentialKeeper
from application.ports.identity import PasswordHasher
from application.ports.key_wrapper import KeyWrapper
from application.ports.object_store import ObjectStore
from application.ports.randomness import Randomness
from application.ports.texts import Texter
from application.ports.upload_links import UploadLinks
from application.session_rules import SessionRules, SessionSpan
from domain.errors import InvalidValue
from domain.kyc import KycPolicy
from domain.refund_policy import FourEyes

DOCUMENTS: Final = "keys/identity-files"
"""The folder of the keys of identity documents, which KMS may keep in its place."""


def return_url(settings: Settings) -> str:
    """Where a gateway sends buyers back to."""
    return settings.base_url.rstrip("/") + "/bookings/{booking_id}"


def gateways(settings: Settings) -> Gateways:
    """Those that are switched on; WrongSetting if the sandbox stands where money is meant."""
    known = {name: PAYMENT_GATEWAYS.build(name, settings) for name in settings.payments}
    check_sandbox_is_meant(settings, [name for name, gateway in known.items() if gateway.is_sandbox])
    return Gateways(known)


def four_eyes(settings: Settings) -> FourEyes:
    """From which sums on a refund takes two people."""
    return FourEyes({limit.currency: limit for limit in settings.four_eyes_limits})


def key_folders(settings: Settings, *, only_look: bool = False) -> KeyFolders:
    """Where our own keys are: on this machine, unless the settings say so. Who only looks moves none of them."""
    if settings.keys == "folder":
        return lambda name: local_keys(settings, name)
    elsewhere: KeyFolders = resolve_name("adapters.aws.services:keys")(settings, only_look=only_look)
    return elsewhere


def local_keys(settings: Settings, name: str) -> PrivateFolder:
    """Some of our keys on this machine."""
    outer, inner, _ = name.partition("/")
    # The folder above holds other secrets: whoever makes it first makes it private.
    folder = PrivateFolder.open(settings.data_dir / outer)
    return PrivateFolder.open(settings.data_dir / name) if inner else folder


def key_wrapper(settings: Settings, keys: KeyFolders, randomness: Randomness) -> KeyWrapper:
    """The keys of identity documents in KMS, if the settings say so; otherwise beside our other keys.

    Those that are there already open what they wrapped, wherever new ones are.
    """
    if not settings.kyc_kms_key:
        return file_key_wrapper.build(keys(DOCUMENTS), randomness)
    in_kms: KeyWrapper = resolve_name("adapters.aws.services:kms")(settings)
    is_here = settings.keys == "folder"
    if not (settings.data_dir / DOCUMENTS).exists() if is_here else keys(DOCUMENTS).stamp(FILE_NAME) is None:
        return in_kms
    return MovedKeyWrapper(in_kms, file_key_wrapper.build(keys(DOCUMENTS), randomness), file_key_wrapper.ID_PREFIX)


def keeper(settings: Settings, hasher: PasswordHasher, clock: Clock) -> CredentialKeeper:
    """Who keeps people's passwords: ourselves, unless the settings say so."""
    return OwnKeeper(hasher) if settings.identity == "builtin" else keeper_elsewhere(settings, clock)


def keeper_elsewhere(settings: Settings, clock: Clock) -> CredentialKeeper:
    """The identity provider of the settings; WrongSetting if it cannot be used."""
    elsewhere: CredentialKeeper = resolve_name("adapters.aws.building:cognito")(settings, clock)
    return elsewhere


def own_uploads(
    settings: Settings, objects: ObjectStore, keys: KeyFolders, clock: Clock, randomness: Randomness
) -> OwnUploads | None:
    """Links to ourselves, unless the object store has links of its own."""
    if isinstance(objects, UploadLinks):
        return None
    vault = file_vault.build(keys("upload-keys"), randomness)
    return OwnUploads(vault, clock, objects, f"{settings.base_url.rstrip('/')}/api/v1/uploads/")


def upload_links(objects: ObjectStore, own: OwnUploads | None) -> UploadLinks:
    """The ones of `own_uploads`, or of the object store."""
    if own is not None:
        return own
    assert isinstance(objects, UploadLinks), "one of the two has links"
    return objects


def texter(settings: Settings) -> Texter | None:
    """Who sends texts: nobody unless the settings say so."""
    if settings.texts == "none":
        return None
    chosen: Texter = resolve_name("adapters.aws.services:sns")(settings)
    return chosen


def kyc_policy(settings: Settings) -> KycPolicy:
    """How long identity checks are good for and kept."""
    return KycPolicy(
        valid=timedelta(days=settings.kyc_valid_days),
        keep_rejected=timedelta(days=settings.kyc_keep_rejected_days),
        keep_ended=timedelta(days=settings.kyc_keep_ended_days),
    )


def session_rules(settings: Settings) -> SessionRules:
    """How long people stay signed in."""
    staff = timedelta(minutes=settings.session_staff_idle_minutes), timedelta(hours=settings.session_staff_hours)
    others = timedelta(days=settings.session_idle_days), timedelta(days=settings.session_days)
    try:
        return SessionRules(SessionSpan(*staff), SessionSpan(*others))
    except InvalidValue as error:
        raise WrongSetting(f"RELEX_SESSION_STAFF_HOURS or RELEX_SESSION_DAYS: {error}") from None
