"""The ways to send mail that we ship, made from the settings."""

from adapters.clock import SystemClock
from adapters.messaging.local_mailbox import LocalMailbox
from adapters.messaging.smtp_mailer import SmtpMailer, SmtpSecurity
from adapters.setting_checks import WrongSetting
from adapters.settings import Settings
from application.ports.mailer import Mailer


def local(settings: Settings) -> Mailer:
    """Files in the data folder: for trying things out."""
    return LocalMailbox(settings.data_dir / "mailbox", SystemClock(), settings.mail_from)


def smtp(settings: Settings) -> Mailer:
    """A mail server; WrongSetting says which of its settings cannot be right."""
    if not settings.smtp_host:
        raise WrongSetting("RELEX_SMTP_HOST is empty: name the mail server, or set RELEX_MAILER=local")
    try:
        return SmtpMailer(
            settings.smtp_host,
            settings.mail_from,
            SystemClock(),
            port=settings.smtp_port,
            security=SmtpSecurity(settings.smtp_security),
            username=settings.smtp_user,
            password=settings.smtp_password,
        )
    except ValueError as error:
        raise WrongSetting(f"RELEX_SMTP_* or RELEX_MAIL_FROM: {error}") from error
