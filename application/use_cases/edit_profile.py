from attrs import frozen

from application.access import Actor
from application.work import Begin, retrying
from domain.account import Account


@frozen
class EditProfileCommand:
    name: str
    phone: str = ""


@frozen
class EditProfile:
    """Change one's own name and telephone number."""

    begin: Begin

    async def __call__(self, actor: Actor, command: EditProfileCommand) -> Account:
        return await retrying(lambda: self._once(actor, command))

    async def _once(self, actor: Actor, command: EditProfileCommand) -> Account:
        async with self.begin() as work:
            account = await work.accounts.get(actor.signed_in().id)
            edited = account.edit_profile(command.name, command.phone)
            work.accounts.save(edited)
            await work.commit()
        return edited
