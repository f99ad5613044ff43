"""Account: a person who can sign in, and what that person may do."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from attrs import evolve, field, frozen

from domain.checks import text
from domain.email_address import canonical_email, erased_email
from domain.erasure import LOOK_MAX, BeingErased
from domain.errors import DomainError, InvalidValue
from domain.facts import AccountRegistered, Aggregate, PasswordResetRequested
from domain.ids import AccountId
from domain.time import is_aware

NAME_MAX: Final = 200
TEMPORARY: Final = timedelta(hours=24)
"""How long a password is good for that somebody else has seen."""
ERASED_NAME: Final = "Deleted account"


class Role(StrEnum):
    """By rank, lowest first."""

    USER = "user"
    ORGANIZER = "organizer"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"


_RANK: Final = {role: rank for rank, role in enumerate(Role)}


class AccountStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    DELETED = "deleted"


class KycStatus(StrEnum):
    NONE = "none"
    PENDING = "pending"
    NEEDS_INFO = "needs_info"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"


class NotAllowed(DomainError):
    """This person may not do that."""

    code = "not_allowed"


class LastSuperAdmin(DomainError):
    """Somebody must be left who can run the place."""

    code = "last_superadmin"


class AccountDisabled(DomainError):
    """The account was switched off by an administrator."""

    code = "account_disabled"


@frozen
class Account(Aggregate):
    """A person. Any change of security raises `epoch`, which ends every session."""

    id: AccountId
    email: str
    name: str = field(validator=text(NAME_MAX, least=1))
    created_at: datetime = field(validator=is_aware)
    phone: str = field(default="", validator=text(40))
    picture: str = ""
    """Its key in the object store; anybody may see it."""
    password_hash: str = field(default="", repr=False)
    """Empty for a guest, who cannot sign in. No hash but a mark while somebody else keeps the password."""
    password_until: datetime | None = None
    """When a password ends that somebody else has seen. Until then it is good for choosing another; None: its own."""
    password_is_short: bool = False
    """Whether it was chosen as one of two factors, and is too short to be the only one."""
    roles: frozenset[Role] = frozenset({Role.USER})
    status: AccountStatus = AccountStatus.ACTIVE
    kyc: KycStatus = KycStatus.NONE
    kyc_request_id: str = ""
    """The identity check that somebody has yet to decide."""
    kyc_expires_at: datetime | None = None
    """When the approval ends; None: never, for those whom an operator vouched for."""
    email_confirmed_at: datetime | None = None
    epoch: int = 0
    has_second_factor: bool = False
    """Kept in step with the person's SecondFactors, so that a sign-in need not read those. Then a password alone opens
    nothing, and may be shorter.
    """
    login_id: str = field(default="", repr=False)
    """As whom an identity provider knows the person; empty where we keep the password, and before it has said so."""
    factor_elsewhere: bool = False
    """Whether the identity provider asked for a second factor of its own at the last sign-in."""
    erasing_until: datetime | None = None
    """Until when nothing is begun that would need the person, because somebody looks whether they may go."""

    @classmethod
    def register(cls, account_id: AccountId, email: str, name: str, password_hash: str, at: datetime) -> Self:
        """A new person, whose address is not confirmed yet."""
        account = cls(
            id=account_id, email=canonical_email(email), name=name, created_at=at, password_hash=password_hash
        )
        return account.telling(AccountRegistered(at, account_id))

    @classmethod
    def guest(cls, account_id: AccountId, email: str, name: str, at: datetime) -> Self:
        """Somebody who buys without signing up. A password, set by a mail, makes them a user like any other."""
        return cls(id=account_id, email=canonical_email(email), name=name, created_at=at)

    @property
    def is_guest(self) -> bool:
        """Whether nobody can sign in to it."""
        return not self.password_hash

    @property
    def rank(self) -> Role:
        return max(self.roles, key=_RANK.__getitem__)

    def has(self, role: Role) -> bool:
        """Whether the account's rank reaches a role; a disabled account reaches none."""
        return self.status is AccountStatus.ACTIVE and _RANK[self.rank] >= _RANK[role]

    def may_publish(self, at: datetime) -> bool:
        """An organizer whose identity was approved and has to be checked no sooner than later, or an administrator."""
        return self.has(Role.ADMIN) or (self.has(Role.ORGANIZER) and self.is_approved(at))

    def is_approved(self, at: datetime) -> bool:
        """Whether an identity check holds: it ends by the clock, whenever somebody gets round to storing that."""
        return self.kyc is KycStatus.APPROVED and (self.kyc_expires_at is None or at < self.kyc_expires_at)

    def check_may_grant(self, role: Role, to: "Account") -> None:
        """NotAllowed unless this person outranks what is given and whom it is given to, and that is somebody else."""
        if to.id == self.id:
            raise NotAllowed("nobody changes their own roles")
        top = self.rank is Role.SUPERADMIN and self.has(Role.SUPERADMIN)
        if not top and not (self.has(Role.ADMIN) and _RANK[self.rank] > max(_RANK[role], _RANK[to.rank])):
            raise NotAllowed(f"a {self.rank} may not change {role} of a {to.rank}")

    def grant(self, role: Role) -> Self:
        return self if role in self.roles else evolve(self, roles=self.roles | {role}, epoch=self.epoch + 1)

    def revoke(self, role: Role) -> Self:
        """Take a role away; that of a user is everybody's."""
        if role is Role.USER:
            raise InvalidValue("everybody is a user: disable the account instead")
        return evolve(self, roles=self.roles - {role}, epoch=self.epoch + 1) if role in self.roles else self

    def confirm_email(self, at: datetime) -> Self:
        return self if self.email_confirmed_at else evolve(self, email_confirmed_at=at)

    def decide_kyc(self, decision: KycStatus, at: datetime, ends: datetime | None = None, request_id: str = "") -> Self:
        """Approval makes an organizer; a revocation takes that away again, and so does a rejection.

        An approval that holds goes on to its own end when its renewal is rejected. `request_id` is the request that
        was decided: another one that is open stays so.
        """
        waiting = "" if self.kyc_request_id == request_id else self.kyc_request_id
        if decision is KycStatus.REJECTED and self.is_approved(at):
            return evolve(self, kyc_request_id=waiting)
        decided = evolve(self, kyc=decision, kyc_request_id=waiting, kyc_expires_at=ends)
        return decided.grant(Role.ORGANIZER) if decision is KycStatus.APPROVED else decided.revoke(Role.ORGANIZER)

    def wait_for_kyc(self, status: KycStatus, request_id: str) -> Self:
        """A request is open. Whoever is approved stays so while a new check is under way."""
        kyc = self.kyc if self.kyc is KycStatus.APPROVED else status
        return evolve(self, kyc=kyc, kyc_request_id=request_id)

    def stop_waiting_for_kyc(self) -> Self:
        """The open request was withdrawn."""
        kyc = self.kyc if self.kyc is KycStatus.APPROVED else KycStatus.NONE
        return evolve(self, kyc=kyc, kyc_request_id="")

    def expire_kyc(self, at: datetime) -> Self:
        """Publishing needs a new check from now on; the same if the approval was renewed. Events go on."""
        if self.kyc is not KycStatus.APPROVED or self.kyc_expires_at is None or at < self.kyc_expires_at:
            return self
        return evolve(self, kyc=KycStatus.EXPIRED)

    def disable(self) -> Self:
        if self.status is not AccountStatus.ACTIVE:
            return self
        return evolve(self, status=AccountStatus.DISABLED, epoch=self.epoch + 1)

    def enable(self) -> Self:
        return evolve(self, status=AccountStatus.ACTIVE) if self.status is AccountStatus.DISABLED else self

    def sign_out_everywhere(self) -> Self:
        return evolve(self, epoch=self.epoch + 1)

    def set_password(self, password_hash: str, until: datetime | None = None, *, is_short: bool = False) -> Self:
        """A new password ends every session. `until` is for one that somebody else has seen."""
        return evolve(
            self,
            password_hash=password_hash,
            password_until=until,
            password_is_short=is_short,
            epoch=self.epoch + 1,
        )

    def must_change_by(self, at: datetime) -> Self:
        """The password opens nothing but the choice of another, and after that instant not even that."""
        return evolve(self, password_until=at)

    @property
    def must_change_password(self) -> bool:
        """Whether nothing else is open to whoever signs in."""
        return self.password_until is not None

    def password_is_over(self, at: datetime) -> bool:
        """Whether a temporary password opens nothing any more."""
        return self.password_until is not None and at >= self.password_until

    def second_factors_changed(self, *, has_any: bool) -> Self:
        """A factor came or went: every session ends."""
        return evolve(self, has_second_factor=has_any, epoch=self.epoch + 1)

    def rehash(self, password_hash: str) -> Self:
        """The same password under stronger parameters."""
        return evolve(self, password_hash=password_hash)

    @property
    def has_any_factor(self) -> bool:
        """Whether a password alone opens nothing, here or at the identity provider."""
        return self.has_second_factor or self.factor_elsewhere

    def may_be(self, login_id: str) -> bool:
        """Whether this can be the account of whom the identity provider calls so."""
        return self.login_id in {"", login_id}

    def known_as(self, login_id: str, mark: str) -> Self:
        """The identity provider said who this is; nobody else from then on. It keeps the password."""
        assert self.may_be(login_id), "somebody looked whose account it is"
        return evolve(self, login_id=login_id, password_hash=mark)

    def came_in(self, *, by_factor: bool) -> Self:
        """The identity provider let the person in: a temporary password was replaced there, but no short one."""
        until = self.password_until if self.password_is_short else None
        return evolve(self, factor_elsewhere=by_factor, password_until=until)

    def asked_elsewhere(self, *, has_factor: bool) -> Self:
        """The identity provider asked something first. From now on no factor of ours may stand in for its own."""
        return evolve(self, factor_elsewhere=has_factor)

    def forgotten_elsewhere(self) -> Self:
        """The identity provider forgot an erased person as well."""
        return evolve(self, login_id="")

    def ask_for_reset(self, at: datetime) -> Self:
        return self.telling(PasswordResetRequested(at, self.id))

    def start_erasing(self, at: datetime) -> Self:
        """BeingErased if somebody else is looking already: neither then knows what the other allows."""
        self.check_stays(at)
        return evolve(self, erasing_until=at + LOOK_MAX)

    def stop_erasing(self) -> Self:
        """The person is still needed."""
        return evolve(self, erasing_until=None)

    def is_marked_as(self, marked: "Account", at: datetime) -> bool:
        """Whether it is still marked by the one who looked, so that nothing was begun since."""
        return self.erasing_until == marked.erasing_until and self.erasing_until is not None and at < self.erasing_until

    def check_stays(self, at: datetime) -> None:
        """BeingErased unless what is begun now may count on the person."""
        if self.status is AccountStatus.DELETED or (self.erasing_until is not None and at < self.erasing_until):
            raise BeingErased("this account is being erased: nothing new is begun for it meanwhile")

    def delete(self) -> Self:
        """Forget the person and keep the number, which bookings and the audit refer to."""
        return evolve(
            self,
            email=erased_email(self.id),
            name=ERASED_NAME,
            phone="",
            picture="",
            password_hash="",
            password_until=None,
            password_is_short=False,
            roles=frozenset({Role.USER}),
            status=AccountStatus.DELETED,
            kyc=KycStatus.NONE,
            kyc_request_id="",
            kyc_expires_at=None,
            has_second_factor=False,
            factor_elsewhere=False,
            erasing_until=None,
            epoch=self.epoch + 1,
        )

    def forget_again(self) -> Self:
        """Forget what somebody wrote who was let in before the person was gone, and came to it after."""
        if self.status is not AccountStatus.DELETED:
            return self
        return evolve(self.delete(), epoch=self.epoch)

    def edit_profile(self, name: str, phone: str) -> Self:
        return evolve(self, name=name, phone=phone)

    def show_picture(self, key: str) -> Self:
        """Another picture of the person; empty: none."""
        return evolve(self, picture=key)
