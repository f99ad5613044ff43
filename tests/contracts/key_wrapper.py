"""What every key wrapper owes, whether its keys lie in a file or with a service."""

from abc import ABC, abstractmethod

import pytest
from attrs import evolve

from application.ports.key_wrapper import KeyWrapper, SealBroken
from domain.identity_document import SealedKey

DATA_KEY = bytes(range(32))
NAME = "kyc-document|acc_1|kyd_1/front|1|30"


class KeyWrapperContract(ABC):
    """Subclass it with a wrapper that is new, and another process that has the same keys."""

    @abstractmethod
    def wrapper(self) -> KeyWrapper: ...

    @abstractmethod
    def elsewhere(self) -> KeyWrapper: ...

    async def test_what_was_wrapped_is_unwrapped_by_every_process_that_has_the_keys(self) -> None:
        sealed = await self.wrapper().wrap(NAME, DATA_KEY)

        assert await self.elsewhere().unwrap(NAME, sealed) == DATA_KEY
        assert DATA_KEY not in sealed.blob

    async def test_two_wrappings_differ(self) -> None:
        ours = self.wrapper()

        assert (await ours.wrap(NAME, DATA_KEY)).blob != (await ours.wrap(NAME, DATA_KEY)).blob

    async def test_nothing_that_was_changed_or_renamed_is_unwrapped(self) -> None:
        ours = self.wrapper()
        sealed = await ours.wrap(NAME, DATA_KEY)
        changed = [evolve(sealed, blob=_flipped(sealed.blob, at)) for at in range(len(sealed.blob))]
        shortened = [evolve(sealed, blob=sealed.blob[:length]) for length in range(len(sealed.blob))]
        for wrong in [*changed, *shortened, SealedKey("none", sealed.blob)]:
            with pytest.raises(SealBroken):
                await ours.unwrap(NAME, wrong)
        with pytest.raises(SealBroken):
            await ours.unwrap(NAME.replace("acc_1", "acc_2"), sealed)

    async def test_after_a_rotation_the_new_key_wraps_and_both_unwrap(self) -> None:
        ours, other = self.wrapper(), self.elsewhere()
        before = await ours.wrap(NAME, DATA_KEY)

        new_id = await ours.rotate()
        after = await other.wrap(NAME, DATA_KEY)

        assert before.key_id != new_id
        assert after.key_id == new_id == await other.current_key_id()
        assert [await other.unwrap(NAME, sealed) for sealed in (before, after)] == [DATA_KEY, DATA_KEY]

    async def test_a_retired_key_unwraps_nothing_anywhere(self) -> None:
        ours, other = self.wrapper(), self.elsewhere()
        before = await ours.wrap(NAME, DATA_KEY)
        await ours.rotate()
        after = await ours.wrap(NAME, DATA_KEY)

        assert await ours.retire() == (before.key_id,)

        for wrapper in (ours, other):
            with pytest.raises(SealBroken):
                await wrapper.unwrap(NAME, before)
            assert await wrapper.unwrap(NAME, after) == DATA_KEY


def _flipped(blob: bytes, at: int) -> bytes:
    return blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
