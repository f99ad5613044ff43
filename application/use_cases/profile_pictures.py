"""The picture of a person, which anybody may see."""

from typing import Final

from attrs import frozen

from application.access import Actor
from application.errors import NotFound
from application.ids import Ids
from application.ports.object_store import ObjectMissing, ObjectStore, StoredObject
from application.ports.pictures import Pictures
from application.waiting_files import ENDINGS
from application.work import Begin, retrying
from domain.account import Account, AccountStatus
from domain.errors import DomainError
from domain.ids import AccountId

PROFILES: Final = "public/profiles/"
PROFILE_PICTURE_BYTES_MAX: Final = 2 * 1024 * 1024
PROFILE_PICTURE_SIDE_PX_MAX: Final = 512


def folder_of(account_id: AccountId) -> str:
    """Where the pictures of one person lie, the one that is shown and any that a crash left behind."""
    return f"{PROFILES}{account_id}/"


@frozen
class SetOwnPicture:
    """Show another picture of oneself, or none. Each is decoded, made small and written anew without its metadata."""

    begin: Begin
    ids: Ids
    pictures: Pictures
    objects: ObjectStore

    async def __call__(self, actor: Actor, data: bytes) -> Account:
        """PictureRefused for what is no picture."""
        account = actor.signed_in()
        picture = await self.pictures.clean(data)
        key = f"{folder_of(account.id)}{self.ids.new('img')}.{ENDINGS[picture.media_type]}"
        await self.objects.put(key, picture)
        try:
            return await self._show(account.id, key)
        except DomainError:
            # It is certain that nobody shows it. After any other error one may: a commit can outlive its answer.
            await self.objects.delete(key)
            raise

    async def remove(self, actor: Actor) -> Account:
        """None any more; again is no error."""
        return await self._show(actor.signed_in().id, "")

    async def _show(self, account_id: AccountId, key: str) -> Account:
        async def once() -> tuple[Account, str]:
            async with self.begin() as work:
                account = await work.accounts.get(account_id)
                shown = account.show_picture(key)
                work.accounts.save(shown)
                await work.commit()
            return shown, account.picture

        account, earlier = await retrying(once)
        if earlier:
            await self.objects.delete(earlier)
        return account


@frozen
class ProfilePictures:
    """What others see of people."""

    begin: Begin
    objects: ObjectStore

    async def show(self, account_id: str, name: str) -> StoredObject:
        """The picture that somebody shows now; NotFound for earlier ones, and of who is no longer here."""
        account = await self.begin().accounts.find(account_id)
        if account is None or account.status is not AccountStatus.ACTIVE:
            raise NotFound("no such picture")
        key = folder_of(account.id) + name
        if not account.picture or account.picture != key:
            raise NotFound("no such picture")
        try:
            return await self.objects.get(key)
        except ObjectMissing:
            raise NotFound("no such picture") from None
