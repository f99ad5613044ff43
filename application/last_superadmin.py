"""Somebody must be left who can run the place."""

from application.listing import AccountListing
from application.work import Work
from domain.account import Account, LastSuperAdmin, Role


async def check_someone_is_left(work: Work, listing: AccountListing, before: Account, after: Account) -> None:
    """LastSuperAdmin if this change leaves nobody who is one."""
    if not before.has(Role.SUPERADMIN) or after.has(Role.SUPERADMIN):
        return
    for listed in await listing.of_rank(Role.SUPERADMIN):
        other = await work.accounts.get(listed.id)
        if other.id != before.id and other.has(Role.SUPERADMIN):
            work.accounts.expect(other)  # Two who remove each other at once must not both succeed.
            return
    raise LastSuperAdmin("this is the last super-administrator: grant the role to somebody else first")
