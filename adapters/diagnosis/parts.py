"""The parts that this installation stands on, each asked whether it works."""

import asyncio
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from adapters.cli.operations import Finding, SchemaState, Verdict
from adapters.clock import SystemClock
from adapters.diagnosis.schema import schema_of
from adapters.from_settings import keeper_elsewhere
from adapters.registry import MAILERS, PAYMENT_GATEWAYS
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.payment_gateway import GatewayRefused, GatewayUnavailable, Sought
from domain.ids import PaymentId, make_id
from domain.money import Money

SMTP_TIMEOUT_S: Final = 5.0
_NEVER_MADE: Final = Sought(
    PaymentId(make_id("pay", bytes(16))), "", Money.zero("EUR"), datetime(2026, 1, 1, tzinfo=UTC)
)

_SCHEMA: Final = {
    SchemaState.CURRENT: (Verdict.OK, ""),
    SchemaState.EMPTY: (Verdict.NOTE, "run `relexbooking db upgrade`, or just start: the schema is made then"),
    SchemaState.BEHIND: (Verdict.WRONG, "run `relexbooking db upgrade`"),
    SchemaState.NEWER: (Verdict.WRONG, "start the version that made it, or restore a backup from before the upgrade"),
}


async def store(settings: Settings) -> Finding:
    schema = await schema_of(settings)
    verdict, mend = _SCHEMA[schema.state]
    said = f"schema {schema.revision or 'not there yet'}, needed {schema.head}"
    return Finding("store", verdict, said, mend)


async def gateway(settings: Settings, name: str) -> Finding:
    """Whether it answers us, and takes our key: it is asked about a payment that was never made."""
    subject = f"payments: {name}"
    try:
        built = PAYMENT_GATEWAYS.build(name, settings)
    except WrongSetting as error:
        return Finding(subject, Verdict.WRONG, str(error), "as said; the server does not start otherwise")
    try:
        await built.charges.look_up(_NEVER_MADE)
    except (GatewayUnavailable, GatewayRefused) as error:
        return Finding(subject, Verdict.WRONG, str(error), _mend_of_gateway(settings, name))
    finally:
        shut: Callable[[], Awaitable[None]] | None = getattr(built.pages, "aclose", None)
        if shut is not None:
            await shut()
    return Finding(subject, Verdict.OK, "answers")


def _mend_of_gateway(settings: Settings, name: str) -> str:
    match name:
        case "sandbox":
            return (
                f"`relexbooking serve` starts it, `relexbooking sandbox` too; it must be at {settings.sandbox_url} "
                "with our RELEX_SANDBOX_API_KEY"
            )
        case "stripe":
            return (
                f"this machine must reach {settings.stripe_api_base}, and RELEX_STRIPE_API_KEY must be allowed to "
                "write Checkout Sessions and refunds, and to read payments, disputes and balance transactions"
            )
        case "razorpay":
            return (
                f"this machine must reach {settings.razorpay_api_base}, and RELEX_RAZORPAY_KEY_SECRET must belong to "
                "RELEX_RAZORPAY_KEY_ID"
            )
        case _:
            return "look at its address and key in the settings"


async def identity(settings: Settings) -> Finding:
    """Whether whoever keeps people's passwords can be used."""
    if settings.identity == "builtin":
        return Finding("identity", Verdict.OK, "passwords are kept here, as hashes")
    try:
        keeper_elsewhere(settings, SystemClock())
    except WrongSetting as error:
        return Finding("identity", Verdict.WRONG, str(error), "as said; the server does not start otherwise")
    return Finding("identity", Verdict.OK, f"Cognito answers for the pool {settings.cognito_pool_id}")


async def mail(settings: Settings) -> Finding:
    match settings.mailer:
        case "local":
            return _mailbox(settings.data_dir / "mailbox")
        case "smtp":
            return await asyncio.to_thread(_smtp, settings)
        case "ses":
            return await asyncio.to_thread(_ses, settings)
        case other:
            return Finding("mail", Verdict.NOTE, f"{other!r} comes from a package that doctor does not know")


def _mailbox(folder: Path) -> Finding:
    if folder.exists() and not folder.is_dir():
        return Finding("mail", Verdict.WRONG, f"{folder} is no folder", "move that file away")
    return Finding("mail", Verdict.OK, f"files in {folder}: nobody gets them by mail")


def _ses(settings: Settings) -> Finding:
    try:
        MAILERS.build("ses", settings)
    except WrongSetting as error:
        return Finding("mail", Verdict.WRONG, str(error), "as said; the server does not start otherwise")
    return Finding("mail", Verdict.OK, f"SES knows {settings.mail_from}")


def _smtp(settings: Settings) -> Finding:
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    if not settings.smtp_host:
        return Finding("mail", Verdict.WRONG, "no mail server is named", "set RELEX_SMTP_HOST, or RELEX_MAILER=local")
    secure: dict[str, Any] = {"context": ssl.create_default_context()}
    kind, extra = (smtplib.SMTP_SSL, secure) if settings.smtp_security == "tls" else (smtplib.SMTP, {})
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_S, **extra) as server:
            if settings.smtp_security == "starttls":
                server.starttls(**secure)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        mend = "look at RELEX_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD"
        return Finding("mail", Verdict.WRONG, f"{place}: {type(error).__name__}", mend)
    return Finding("mail", Verdict.OK, f"{place} answers")
