"""Settings: one frozen class, read from RELEX_* variables and relexbooking.toml. Without any, everything is local."""

import difflib
import os
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from pathlib import Path
from pkgutil import resolve_name
from typing import Final
from urllib.parse import urlsplit

import typed_settings
from attrs import field, fields, frozen
from typed_settings.converters import get_default_cattrs_converter

from adapters.setting_checks import (
    PREFIX,
    WrongSetting,
    amount_of,
    are_amounts,
    are_limits,
    are_networks,
    are_roles,
    is_alias_or_empty,
    is_business_zone,
    is_environment,
    is_environment_or_empty,
    is_not_negative,
    is_one_of,
    is_port,
    is_positive,
    is_shards,
    is_short,
    is_url,
    is_url_or_empty,
    one_by_one,
    variable_of,
)
from application.limits import Rates, rates_of
from domain.account import Role
from domain.money import Money
from domain.second_factors import FactorPolicy

_OF_THE_SANDBOX: Final = "RELEX_SANDBOX_"
"""The sandbox provider is a process of its own and reads these itself."""


@frozen
class Settings:
    """Everything that an installation may set. `NAME` is set by the variable `RELEX_NAME` or in the file."""

    data_dir: Path = Path("var")
    """Where the local stores keep their files."""
    audit_dir: str = ""
    """Where the signed checkpoints of the audit are kept, best on a disk that whoever reaches the store cannot write.

    Empty: in the data folder.
    """
    store: str = "sql"
    """Which store keeps the records: sql, memory, dynamodb, or one that a package brings."""
    database_url: str = typed_settings.secret(default="", converter=str)
    """sqlite:///path or postgresql://user:password@host/name; empty: SQLite in the data folder."""
    aws_region: str = ""
    """Empty: that of AWS's own settings, such as AWS_REGION."""
    aws_env: str = field(default="dev", validator=is_environment)
    """Which installation of one AWS account this is: a part of every name there."""
    dynamo_endpoint_url: str = field(default="", validator=is_url_or_empty)
    """DynamoDB Local, or an endpoint in your own network; empty: that of the region."""
    dynamo_shards: int = field(default=1, validator=is_shards)
    """Over how many counters the places of a new allotment are spread; more than one for very hot events."""
    dynamo_create_tables: bool = False
    """Whether tables that are missing at AWS are made at the start; on this machine they always are."""
    host: str = "127.0.0.1"
    port: int = field(default=8000, validator=is_port)
    base_url: str = field(validator=is_url)
    """What people type. All links are made from it, never from what a request says."""
    payments: tuple[str, ...] = ("sandbox",)
    """The payment gateways, the preferred one first."""
    sandbox_url: str = field(default="http://127.0.0.1:8001", validator=is_url)
    sandbox_api_key: str = typed_settings.secret(default="sandbox-development-key", converter=str)
    sandbox_webhook_secrets: tuple[str, ...] = typed_settings.secret(
        default=("whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0zMi1ieXRlcw==",), converter=one_by_one
    )
    stripe_api_key: str = typed_settings.secret(default="", converter=str)
    """The secret or restricted key, of the live or the test mode."""
    stripe_webhook_secrets: tuple[str, ...] = typed_settings.secret(default=(), converter=one_by_one)
    """Of the endpoint at Stripe that sends us events; several while one is rolled."""
    stripe_account: str = ""
    """The connected account that the payments are for; empty: the one to which the key belongs."""
    stripe_currencies: tuple[str, ...] = ()
    """Which currencies Stripe is used for; empty: all that it takes."""
    stripe_api_base: str = field(default="https://api.stripe.com", validator=is_url)
    allow_sandbox: bool = False
    """Whether people may "pay" at the sandbox though others than this machine reach us."""
    razorpay_key_id: str = ""
    razorpay_key_secret: str = typed_settings.secret(default="", converter=str)
    razorpay_webhook_secrets: tuple[str, ...] = typed_settings.secret(default=(), converter=one_by_one)
    """All that Razorpay's notices may be signed with: during a rotation the old one too."""
    razorpay_account: str = ""
    """acc_…: notices of any other account are refused. Empty: the secret alone decides."""
    razorpay_currencies: tuple[str, ...] = ("INR",)
    """What it takes; more than INR only if the account may."""
    razorpay_api_base: str = field(default="https://api.razorpay.com", validator=is_url)
    refund_approval_above: tuple[str, ...] = field(default=(), validator=are_amounts)
    """Amounts such as "500 EUR": whoever refunds more needs a second administrator to agree. Empty: nobody does."""
    mfa_required: tuple[str, ...] = field(default=("admin", "superadmin"), validator=are_roles)
    """Which roles may do nothing without a second factor. Organizers need one before money moves all the same.
    `none`: nobody needs one."""
    session_staff_idle_minutes: int = field(default=60, validator=is_positive)
    """After how long unused an administrator's session ends."""
    session_staff_hours: int = field(default=24, validator=is_positive)
    """How long it lasts at most."""
    session_idle_days: int = field(default=14, validator=is_positive)
    """After how long unused the session of an organizer or a buyer ends."""
    session_days: int = field(default=30, validator=is_positive)
    """How long it lasts at most."""
    kyc_valid_days: int = field(default=730, validator=is_positive)
    """How long an approved identity check holds; after that, publishing needs a new one."""
    kyc_keep_rejected_days: int = field(default=90, validator=is_positive)
    """How long the documents of a rejected request are kept."""
    kyc_keep_ended_days: int = field(default=365, validator=is_positive)
    """How long documents are kept after their account has ended."""
    hold_live_max: int = field(default=5, validator=is_not_negative)
    """How many unpaid holds one person may have at a time; 0: any number."""
    terms_version: str = field(default="1", validator=is_short)
    """Which version of your terms people agree to when they sign up; raise it with the terms."""
    kyc_kms_key: str = field(default="", validator=is_alias_or_empty)
    """alias/… of the key in KMS that wraps the keys of identity documents; empty: keys in the data folder."""
    keys: str = field(default="folder", validator=is_one_of("folder", "ssm"))
    """Where our own keys are: folder (of this machine, in the data folder), or ssm (the Parameter Store)."""
    report_zone: str = field(default="UTC", validator=is_business_zone)
    """The IANA zone whose days and months reports are of, where no other is asked for."""
    mailer: str = "local"
    """How mail goes out: local (files in the data folder), smtp, ses, or one that a package brings."""
    mail_from: str = "RelexBooking <tickets@localhost>"
    smtp_host: str = ""
    smtp_port: int = field(default=587, validator=is_port)
    smtp_security: str = "starttls"
    """starttls, tls or none."""
    smtp_user: str = ""
    smtp_password: str = typed_settings.secret(default="", converter=str)
    texts: str = field(default="none", validator=is_one_of("none", "sns"))
    """Whether buyers who gave a number get a text when an event is called off or moved: none, or sns."""
    ses_configuration_set: str = ""
    """By which SES tells what became of mails; empty: the one of the address, or none."""
    objects: str = "local"
    """Where files are kept: local, memory, s3, or one that a package brings."""
    ssm_env: str = field(default="", validator=is_environment_or_empty)
    """The installation whose settings stand in the Parameter Store, under /relexbooking/<it>/; empty: none do."""
    aws_endpoint_url: str = field(default="", validator=is_url_or_empty)
    """One endpoint for all services of AWS but DynamoDB, as for tests; empty: those of the region."""
    s3_bucket: str = ""
    """The bucket that RELEX_OBJECTS=s3 keeps files in."""
    relay: bool = True
    """Whether the server process also works through the outbox and the jobs; else run `relexbooking worker`."""
    open_docs: bool = True
    """Whether /schema is served."""
    metrics_token: str = typed_settings.secret(default="", converter=str)
    """Who sends it as a bearer token may read /metrics; empty: whoever calls from this machine, past no proxy."""
    cloudwatch: bool = False
    """Whether each process sends its counts to CloudWatch every minute."""
    trusted_proxies: tuple[str, ...] = field(default=(), validator=are_networks)
    """The networks of your own proxies, such as 10.0.0.0/8: only they may say by X-Forwarded-For for whom they ask."""
    limits: tuple[str, ...] = field(default=(), validator=are_limits)
    """What may happen more or less often than by docs/limits.md: hold=50/h, export=off."""
    password_blocklist: str = ""
    """A file of passwords that nobody may set, one on each line, beside the 30,000 that we bring."""
    identity: str = field(default="builtin", validator=is_one_of("builtin", "cognito"))
    """Who keeps people's passwords: builtin (hashes in the store), or cognito."""
    cognito_pool_id: str = ""
    cognito_client_id: str = ""
    cognito_client_secret: str = typed_settings.secret(default="", converter=str)
    """Empty for an app client that has none."""
    pool_size: int = field(default=8, validator=is_positive)
    """Connections to PostgreSQL that one process may use."""
    log_level: str = field(default="info", validator=is_one_of("critical", "error", "warning", "info", "debug"))
    log_format: str = field(default="text", validator=is_one_of("text", "json"))
    """How lines of the log look: text for people, json for collectors."""

    @base_url.default
    def _on_this_machine(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def four_eyes_limits(self) -> tuple[Money, ...]:
        return tuple(amount_of(words) for words in self.refund_approval_above)

    @property
    def audit_folder(self) -> Path:
        return Path(self.audit_dir) if self.audit_dir else self.data_dir / "audit"

    @property
    def rates(self) -> Rates:
        return rates_of(self.limits)

    @property
    def factor_policy(self) -> FactorPolicy:
        if self.mfa_required == ("none",):
            return FactorPolicy()
        return FactorPolicy(frozenset(Role(name) for name in self.mfa_required), before_money_moves=True)

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'relexbooking.db').absolute()}"

    @property
    def is_stripe_a_trial(self) -> bool:
        """Whether its key is of the test mode, in which no money moves."""
        return self.stripe_api_key.startswith(("sk_test_", "rk_test_"))

    @property
    def is_razorpay_a_trial(self) -> bool:
        """Whether its key is of the test mode, in which no money moves."""
        return self.razorpay_key_id.startswith("rzp_test_")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def is_loopback(url: str) -> bool:
    """Whether only this machine reaches that address."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_sandbox_is_meant(settings: Settings, pretending: Iterable[str] = ("sandbox",)) -> None:
    """WrongSetting if people elsewhere could get tickets for pretended money without anybody having said so.

    `pretending` are the gateways that only pretend, as far as that is known.
    """
    if settings.allow_sandbox or is_loopback(settings.base_url):
        return
    for name in set(pretending) & set(settings.payments):
        raise WrongSetting(
            f"RELEX_PAYMENTS includes the {name}, where nobody really pays, and others reach {settings.base_url}: "
            "choose a real payment provider, or set RELEX_ALLOW_SANDBOX=true if this is a trial"
        )
    if "stripe" in settings.payments and settings.is_stripe_a_trial:
        raise WrongSetting(
            "RELEX_STRIPE_API_KEY is a key of the test mode, in which nobody really pays, and others reach "
            f"{settings.base_url}: set a live key, or RELEX_ALLOW_SANDBOX=true if this is a trial"
        )
    if "razorpay" in settings.payments and settings.is_razorpay_a_trial:
        raise WrongSetting(
            "RELEX_RAZORPAY_KEY_ID is a key of the test mode, in which nobody really pays, and others reach "
            f"{settings.base_url}: set a live key, or RELEX_ALLOW_SANDBOX=true if this is a trial"
        )


def load_settings(file: Path | None = None) -> Settings:
    """The settings of the environment and the file; WrongSetting with its name and the mend."""
    if file is not None and not file.is_file():
        raise WrongSetting(f"{file} does not exist")
    _refuse_unknown_variables()
    converter = get_default_cattrs_converter()
    typed_settings.register_strlist_hook(converter, ",")
    loaders = typed_settings.default_loaders(
        "relexbooking", config_files=[file or Path("relexbooking.toml")], env_prefix=PREFIX
    )
    try:
        settings = typed_settings.load_settings(Settings, loaders, converter=converter)
        if not settings.ssm_env:
            return settings
        # Over the file, and under the environment. Only who asks for it pays for the import.
        load = resolve_name("adapters.aws.parameters:ParameterLoader")(settings)
        return typed_settings.load_settings(Settings, [*loaders[:-1], load, loaders[-1]], converter=converter)
    except Exception as error:
        raise WrongSetting(_plain(error)) from error


def _refuse_unknown_variables() -> None:
    known = [variable_of(attribute.name) for attribute in fields(Settings)]
    for name in os.environ:
        if name.startswith(PREFIX) and not name.startswith(_OF_THE_SANDBOX):
            check_known(name, name, known)


def check_known(said: str, name: str, known: Sequence[str]) -> None:
    """WrongSetting, with the nearest that there is, unless the name is one of those."""
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise WrongSetting(f"{said} is no setting of ours" + (f": did you mean {near[0]}?" if near else ""))


def _plain(error: BaseException) -> str:
    """The innermost words, without the layers of conversion around them."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_plain(inner) for inner in error.exceptions)
    if isinstance(error, WrongSetting):
        return str(error)
    inner = error.__cause__
    return _plain(inner) if inner is not None else str(error)
