"""How persons are stored and found: accounts, how they sign in, who they showed to be, and what was counted."""

from typing import Final

from application.counted import GuessCount, KnownDevice, RateCount
from application.kind import Index, Kind, always, searchable, text, time
from application.records import Challenge, Claim, OneTimeToken, Session
from domain.account import Account
from domain.api_key import ApiKey
from domain.consent import Consent
from domain.erasure import Erasure
from domain.identity_document import IdentityDocument
from domain.kyc import KycRequest
from domain.second_factors import SecondFactors

PEOPLE: Final = (
    Kind(
        "account",
        Account,
        (
            text("status"),
            text("rank"),
            text("kyc"),
            text("search", lambda account: searchable((account.email, account.name))),
            time("created_at"),
            always("everything"),
        ),
        (Index("everything", "everything", "created_at"), Index("by_rank", "rank", "created_at")),
    ),
    Kind("erasure", Erasure, (text("state"), time("started_at")), (Index("by_state", "state", "started_at"),)),
    Kind(
        "consent",
        Consent,
        (text("account_id"), time("at")),
        (Index("by_account", "account_id", "at"),),
        only_grows=True,
    ),
    Kind(
        "kyc_request",
        KycRequest,
        (text("account_id"), text("status"), time("submitted_at")),
        (Index("by_account", "account_id", "submitted_at"), Index("by_status", "status", "submitted_at")),
    ),
    Kind(
        "kyc_document",
        IdentityDocument,
        (text("fingerprint"), time("added_at"), always("everything")),
        (Index("by_fingerprint", "fingerprint", "added_at"), Index("everything", "everything", "added_at")),
    ),
    Kind("claim", Claim),
    Kind(
        "session",
        Session,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
        gone_after="expires_at",
    ),
    Kind(
        "api_key",
        ApiKey,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (
            Index("by_account", "account_id", "created_at"),
            Index("everything", "everything", "created_at"),
            Index("expiring", "everything", "expires_at"),
        ),
    ),
    Kind("second_factors", SecondFactors),
    Kind(
        "challenge",
        Challenge,
        (time("expires_at"), always("everything")),
        (Index("expiring", "everything", "expires_at"),),
        gone_after="expires_at",
    ),
    Kind(
        "one_time_token",
        OneTimeToken,
        (text("account_id"), time("expires_at"), always("everything")),
        (Index("expiring", "everything", "expires_at"),),
        gone_after="expires_at",
    ),
    Kind(
        "rate_count",
        RateCount,
        (time("expected_at"), always("everything")),
        (Index("expiring", "everything", "expected_at"),),
        gone_after="expected_at",
    ),
    Kind(
        "guess_count",
        GuessCount,
        (time("forget_at"), always("everything")),
        (Index("expiring", "everything", "forget_at"),),
        gone_after="forget_at",
    ),
    Kind(
        "known_device",
        KnownDevice,
        (text("account_id"), time("created_at"), time("expires_at"), always("everything")),
        (Index("by_account", "account_id", "created_at"), Index("expiring", "everything", "expires_at")),
        gone_after="expires_at",
    ),
)
