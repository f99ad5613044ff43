"""Accounts of others, for administrators."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from litestar import Controller, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.http.api.own_data import ErasurePreviewView
from adapters.http.call import Call
from adapters.http.fields import Cursor, Limit, SearchWords
from adapters.http.policy import Policy
from adapters.http.routes import route
from adapters.http.views import Body, PageView, View, moment
from application.erasure_check import Belongings
from application.queries.accounts import AccountFilter
from domain.account import Account, AccountStatus, KycStatus, Role


def in_utc(at: datetime | None) -> datetime | None:
    """The instant, where a time without an offset is one of UTC."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


class RoleBody(Body, frozen=True):
    EXAMPLE: ClassVar = {"role": "organizer"}

    role: Role


class AccountView(View, frozen=True):
    """`rank` is the highest of its roles."""

    EXAMPLE: ClassVar = {
        "id": "acc_01arz3ndektsv4rrffq69g5fav",
        "email": "asha@example.com",
        "name": "Asha Rao",
        "phone": "",
        "roles": ["user"],
        "rank": "user",
        "status": "active",
        "kyc": "none",
        "created_at": "2026-11-22T12:00:00Z",
        "email_confirmed_at": "2026-11-22T12:04:00Z",
    }

    id: str
    email: str
    name: str
    phone: str
    roles: list[str]
    rank: str
    status: str
    kyc: str
    created_at: datetime | None
    email_confirmed_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            phone=account.phone,
            roles=sorted(account.roles),
            rank=account.rank,
            status=account.status,
            kyc=account.kyc,
            created_at=moment(account.created_at),
            email_confirmed_at=moment(account.email_confirmed_at),
        )


class AccountInFullView(AccountView, frozen=True):
    """`open_money_matters` are payments, refunds and disputes that are not over. `password_until` is of a temporary
    one.
    """

    EXAMPLE: ClassVar = AccountView.EXAMPLE | {
        "bookings": 3,
        "events": 0,
        "open_money_matters": 0,
        "password_until": None,
    }

    bookings: int
    events: int
    open_money_matters: int
    password_until: datetime | None

    @classmethod
    def of_both(cls, account: Account, belongings: Belongings) -> Self:
        shown = AccountView.of(account)
        return cls(
            **{name: getattr(shown, name) for name in AccountView.__struct_fields__},
            bookings=belongings.counts["bookings"],
            events=belongings.counts["events"],
            open_money_matters=belongings.open_money_matters,
            password_until=moment(account.password_until),
        )


class TemporaryPasswordView(View, frozen=True):
    """Told this once. It is good for choosing another password, and for nothing else."""

    EXAMPLE: ClassVar = {"password": "01arz-3ndek-tsv4r-rffq6-9g5fa-v", "expires_at": "2026-11-23T12:00:00Z"}

    password: str
    expires_at: datetime | None


_CHANGE = ("not_found", "last_superadmin", "stale_version")
_TEMPORARY = ("not_allowed_now", "identity_unavailable", *_CHANGE)


class AccountAdminController(Controller):
    path = "/accounts"
    tags = ("Administration",)

    @get("/", **route(Policy.ADMIN, "List accounts", "invalid_cursor"))
    async def list_all(
        self,
        request: Call,
        *,
        search: SearchWords = "",
        role: FromQuery[Role | None] = None,
        status: FromQuery[AccountStatus | None] = None,
        kyc: FromQuery[KycStatus | None] = None,
        created_since: FromQuery[datetime | None] = None,
        created_until: FromQuery[datetime | None] = None,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> PageView[AccountView]:
        """Newest first. `search` looks in addresses and names; `role` is the highest that each has. Times without an
        offset are in UTC; `created_until` is not in it.
        """
        since, until = in_utc(created_since), in_utc(created_until)
        wanted = AccountFilter(words=search, role=role, status=status, kyc=kyc, since=since, until=until)
        page = await request.deeds.accounts.list(request.actor, wanted, cursor, limit)
        return PageView.of(page, AccountView.of)

    @get("/{account_id:str}", **route(Policy.ADMIN, "Show an account", "not_found"))
    async def show(self, request: Call, account_id: FromPath[str]) -> AccountInFullView:
        """By its id or its address, with how much belongs to it."""
        return AccountInFullView.of_both(*await request.deeds.erase_account.preview(request.actor, account_id))

    @post("/{account_id:str}/roles", status_code=200, **route(Policy.ADMIN, "Give a role", *_CHANGE, needs_fresh=True))
    async def grant(self, request: Call, account_id: FromPath[str], data: JSONBody[RoleBody]) -> AccountView:
        """One that ranks below your own, to somebody who ranks below you."""
        return AccountView.of(await request.deeds.administer_account.grant(request.actor, account_id, data.role))

    @delete(
        "/{account_id:str}/roles/{role:str}",
        status_code=200,
        **route(Policy.ADMIN, "Take a role away", "invalid_value", *_CHANGE, needs_fresh=True),
    )
    async def revoke(self, request: Call, account_id: FromPath[str], role: FromPath[Role]) -> AccountView:
        """Every session of the account ends. The last super-administrator stays."""
        return AccountView.of(await request.deeds.administer_account.revoke(request.actor, account_id, role))

    @post(
        "/{account_id:str}/disable",
        status_code=200,
        **route(Policy.ADMIN, "Disable an account", *_CHANGE, needs_fresh=True),
    )
    async def disable(self, request: Call, account_id: FromPath[str]) -> AccountView:
        """It can do nothing any more, from its next request on."""
        return AccountView.of(await request.deeds.administer_account.disable(request.actor, account_id))

    @post(
        "/{account_id:str}/enable",
        status_code=200,
        **route(Policy.ADMIN, "Enable an account", *_CHANGE, needs_fresh=True),
    )
    async def enable(self, request: Call, account_id: FromPath[str]) -> AccountView:
        """It can sign in again."""
        return AccountView.of(await request.deeds.administer_account.enable(request.actor, account_id))

    @post("/{account_id:str}/sign-out", status_code=200, **route(Policy.ADMIN, "End all sessions", *_CHANGE))
    async def sign_out(self, request: Call, account_id: FromPath[str]) -> AccountView:
        """The person must sign in again everywhere."""
        return AccountView.of(await request.deeds.administer_account.sign_out(request.actor, account_id))

    @post("/{account_id:str}/reset-password", status_code=200, **route(Policy.ADMIN, "Start a reset", *_CHANGE))
    async def reset_password(self, request: Call, account_id: FromPath[str]) -> AccountView:
        """Mail the person a link for a new password. Nobody else sees it."""
        return AccountView.of(await request.deeds.administer_account.start_reset(request.actor, account_id))

    @post(
        "/{account_id:str}/temporary-password",
        status_code=200,
        **route(Policy.ADMIN, "Give a temporary password", *_TEMPORARY, needs_fresh=True),
    )
    async def temporary_password(self, request: Call, account_id: FromPath[str]) -> TemporaryPasswordView:
        """Good for 24 hours. Every session of the account ends; its second factors stay."""
        given = await request.deeds.give_temporary_password(request.actor, account_id)
        return TemporaryPasswordView(given.password, moment(given.expires_at))

    @get("/{account_id:str}/erasure", **route(Policy.ADMIN, "What deleting an account would do", "not_found"))
    async def preview(self, request: Call, account_id: FromPath[str]) -> ErasurePreviewView:
        """How much there is, and what stands in the way. Changes nothing."""
        _, belongings = await request.deeds.erase_account.preview(request.actor, account_id)
        return ErasurePreviewView.of(belongings)

    @delete(
        "/{account_id:str}",
        status_code=204,
        **route(Policy.ADMIN, "Delete an account", "erasure_refused", "being_erased", *_CHANGE, needs_fresh=True),
    )
    async def remove(self, request: Call, account_id: FromPath[str]) -> None:
        """Forget the person. What they booked stays, under a number. Refused while something still needs them."""
        await request.deeds.erase_account(request.actor, account_id)
