"""Parts that are made from the settings alone."""

from datetime import timedelta
from pathlib import Path

from adapters.registry import PAYMENT_GATEWAYS
from adapters.sealing import file_keyring
from adapters.settings import Settings, WrongSetting, check_sandbox_is_meant
from adapters.tickets.private_folder import PrivateFolder
from application.gateways import Gateways
from application.session_rules import SessionRules, SessionSpan
from domain.errors import InvalidValue
from domain.kyc import KycPolicy
from domain.refund_policy import FourEyes


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


def kyc_keys(settings: Settings) -> Path:
    """Where the keys of identity documents are, each sort in a folder of its own."""
    # The folder above holds other secrets: whoever makes it first makes it private.
    return PrivateFolder.open(settings.data_dir / "keys", file_keyring.LOCK_TIMEOUT_S).path


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
