from attrs import frozen

from application.once import Once
from application.ports.clock import Clock
from application.records import Answer
from application.work import Begin


@frozen
class FindAnswer:
    """What was answered to this very request before; None if it is new, or died under way and may be taken over.

    KeyReused if the key came with another body, RequestRunning while the first is under way.
    """

    begin: Begin
    clock: Clock

    async def __call__(self, once: Once) -> Answer | None:
        found = await self.begin().answers.find(once.id)
        return found if found is not None and once.check(found, self.clock.now()) else None
